"""Follow a winning price with the stop, in the tightening direction only.

The new stop is stored; `desk.protect` then changes the broker's pair in place and reads it back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from core.desk.alarm import warn_of_plan
from core.desk.dealer import Dealer
from core.desk.tick_before import ticks_before
from core.domain.money import Money
from core.domain.order import Side
from core.domain.plan import Plan, PlanStatus
from core.domain.protection import Protection, ProtectionStatus
from core.domain.quote import Quote
from core.domain.ticks import tick_now
from core.execution.trail import is_jump, trail
from core.store import audit, plans, protections, quotes, settings

EVERY = timedelta(seconds=60)  # of market time between two changes of one stop
CHANGES_MAX = 25  # of one resting stop, as brokers take them of one order


def tighten(dealer: Dealer) -> int:
    """Tighten the stops of plans whose price ran far enough; returns how many."""
    desk = dealer.desk
    at = desk.clock.now()
    with desk.store.read() as tx:
        holding = plans.with_status(tx, PlanStatus.HOLDING)
        covers = protections.by_plans(tx, [plan.id for plan in holding])
        prices = quotes.of(tx, [plan.isin for plan in holding])
        settings.read_ahead(tx, [best_key(plan) for plan in holding])
        bests = {plan.id: settings.get(tx, best_key(plan), None) for plan in holding}
    moved = 0
    for plan in holding:
        cover, quote = covers[plan.id], prices.get(plan.isin)
        if cover is None or quote is None or cover.status is not ProtectionStatus.VERIFIED:
            continue
        jumped = is_jump(quote.ltp, quote.prev_close)
        before = ticks_before(desk, {plan.id: quote})[plan.id] if jumped else None
        if jumped and is_jump(quote.ltp, before or quote.prev_close):
            continue  # one wild tick is no best price either
        kept = bests[plan.id] or {"best_paise": 0, "at": None}
        done = int(kept.get("changes", 0)) if kept.get("gtt") == cover.gtt_id else 0
        best = _best(plan, int(kept["best_paise"]), quote.ltp)
        rests = kept["at"] is not None and at - datetime.fromisoformat(kept["at"]) < EVERY
        tick = tick_now(quote)
        stop = None if rests else trail(plan, cover, quote, best=best, tick=tick, previous=before)
        if stop is not None and done >= CHANGES_MAX:
            _stays(dealer, plan, cover, at=at)
            stop = None
        if stop is not None:
            _tighten(dealer, plan, cover, stop=stop, quote=quote, at=at)
            moved += 1
        if stop is not None or best.paise != int(kept["best_paise"]):
            told = at.isoformat() if stop is not None else kept["at"]
            said = {"gtt": cover.gtt_id, "changes": done + (stop is not None)}
            with desk.store.write() as tx:
                settings.put(tx, best_key(plan), {"best_paise": best.paise, "at": told, **said})
    return moved


def _best(plan: Plan, kept_paise: int, ltp: Money) -> Money:
    """The best price since the entry, this one included: the highest, of a short sale the lowest.

    `kept_paise` is 0 before the first.
    """
    if not kept_paise:
        return ltp
    return (max if plan.side is Side.BUY else min)(Money(kept_paise), ltp)


def best_key(plan: Plan) -> str:
    """Where the best price since a plan's entry is kept."""
    return f"best:{plan.id}"


def _stays(dealer: Dealer, plan: Plan, cover: Protection, *, at: datetime) -> None:
    """Tell once that a stop was changed as often as it may be, and stays where it is."""
    name = f"trail:{plan.id}:{cover.gtt_id}"
    sentence = (
        f"{plan.symbol}: its stop followed the price {CHANGES_MAX} times, which is the most, and "
        f"stays at {cover.stop}"
    )
    warn_of_plan(dealer.desk.store, plan, id=name, at=at, sentence=sentence)


def _tighten(
    dealer: Dealer, plan: Plan, cover: Protection, *, stop: Money, quote: Quote, at: datetime
) -> None:
    why = f"stop follows {quote.ltp} from {cover.stop} to {stop}"
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        protections.save(tx, replace(cover, stop=stop, reason=why, version=cover.version + 1))
        audit.append(
            tx,
            at=at,
            actor="worker",
            verb="trail",
            subject=plan.id,
            body={"from_paise": cover.stop.paise, "to_paise": stop.paise},
        )
