"""Keep an intraday position under a stop order at the exchange, of exactly its open shares.

The order goes out through `send_order` like every other, committed first and tagged; it is
changed in place when shares come or go and when the stop is tightened, and read back each time
before the position counts as protected. The target stays with the desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import warn_of_plan
from core.desk.closed_out import what_follows
from core.desk.day_plans import why_hands_off
from core.desk.dealer import Dealer
from core.desk.ex_dates import held_through
from core.desk.exit import is_selling, takes_stops
from core.desk.partial_exit import to_cover
from core.desk.protect import COVERED_PLANS, pause, refused, seconds_since, write_step
from core.desk.rests import stop_changes, stop_seen
from core.desk.send import send_order
from core.desk.settle import settle_login
from core.domain.clock import ist_day
from core.domain.instrument import PriceBand, trading_range
from core.domain.money import Money
from core.domain.order import WORKING, Order, OrderStatus, Product, Purpose
from core.domain.plan import ENDED, Plan, PlanStatus
from core.domain.ports import BrokerOrder
from core.domain.protection import Owner, Protection, ProtectionStatus
from core.domain.ticks import tick_now
from core.errors import BrokerRefused, OutcomeUnknown, Throttled
from core.exchange.trading_floor import broker_day
from core.execution.exchange_stop import Seen, limit_of, next_step, stop_order
from core.execution.protect import Step, Verb, begin
from core.execution.protect_step import after as stepped
from core.store import audit, instruments, orders, plans, protections, quotes, settings

P = ProtectionStatus
REQUESTS = (Verb.PLACE, Verb.RESIZE, Verb.CANCEL)
PASSES = 4  # arm, place, read back, verify: one call covers a fill when the broker answers


def protect_day_plans(dealer: Dealer, login_id: str) -> int:
    """Bring every intraday plan of a login to a stop order that was read back."""
    steps = 0
    for turn in range(PASSES):
        with dealer.desk.store.read() as tx:
            live = _live(dealer, tx, login_id)
        if not live:
            break
        if turn:
            settle_login(dealer, login_id)  # what a request of the last turn came to
        taken = sum(_one(dealer, plan) for plan in live)
        steps += taken
        if not taken:
            break
    return steps


def _live(dealer: Dealer, tx: Session, login_id: str) -> list[Plan]:
    """Intraday plans that need a look: those that live, and ended ones with a stop about."""
    desk = dealer.desk
    alive = plans.with_status(tx, *COVERED_PLANS)
    mine = [one for one in alive if one.login_id == login_id and one.product is Product.MIS]
    torn = held_through(tx, mine, today=ist_day(desk.clock.now()))
    kept = [
        plan
        for plan in mine
        if plan.id not in torn
        and not (plan.status is PlanStatus.EXITING and is_selling(desk, tx, plan))
    ]
    names = {
        order.plan_id
        for order in orders.with_status(tx, *WORKING)
        if order.is_stop_order and order.login_id == login_id
    }
    over = [plan for plan in (plans.by_id(tx, name) for name in names) if plan.status in ENDED]
    covers = {one.plan_id for one in protections.live(tx)} - {plan.id for plan in alive}
    left = [plans.by_id(tx, name) for name in sorted(covers - names)]
    over += [one for one in left if one.product is Product.MIS and one.status in ENDED]
    return [*kept, *(plan for plan in over if plan.login_id == login_id)]


def _one(dealer: Dealer, plan: Plan) -> int:
    """One step for one plan; returns how many were taken."""
    desk = dealer.desk
    with desk.store.read() as tx:
        plan = plans.by_id(tx, plan.id)
        cover = protections.by_plan(tx, plan.id) or begin(plan)
        held = to_cover(desk, tx, plan)
        of_plan = orders.of_plan(tx, plan.id)
        seen = stop_seen(tx, of_plan)
        entering = any(one.purpose is Purpose.ENTRY and one.status in WORKING for one in of_plan)
        stops = takes_stops(desk, tx, plan)
        hands_off = why_hands_off(desk, tx, plan)
        is_left = held < 0 and hands_off and not stops
        follows = what_follows(desk, tx, plan, short=-held) if is_left else ""
    if hands_off and held:
        said = hands_off.removeprefix(f"{plan.symbol}: ")
        word = "held" if held > 0 else "short"
        _flag(
            dealer, plan, f"{abs(held)} intraday shares are still {word}, and {said}", name="late"
        )
    if follows:
        _flag(dealer, plan, follows, name="auction")
    told = _told(dealer, cover, seen)
    if seen.order is not None:
        seen = replace(seen, known=_known(seen.order, told))
        seen = _yesterdays(dealer, seen)
    step = next_step(
        cover,
        plan,
        held,
        seen,
        takes_stops=stops and not hands_off,
        entry_working=entering,
        seconds_since_write=seconds_since(dealer, cover),
    )
    if held and not stops and cover.status is not P.VERIFIED:
        said = f"{abs(held)} shares have no stop and the exchange takes no stop order now"
        _flag(dealer, plan, said, name="shut")
    if step.verb is Verb.NOTHING or (step.verb is Verb.RELEASE and cover.status is P.NONE):
        return 0
    if step.verb in REQUESTS and seconds_since(dealer, cover) < pause(cover):
        return 0  # the desk stop holds meanwhile
    return _do(dealer, plan, cover, step, seen)


def _told(dealer: Dealer, cover: Protection, seen: Seen) -> Sequence[BrokerOrder]:
    """The broker's book, asked for while a stop order is about; settling followed the rest."""
    if seen.order is None or seen.is_over:
        return ()
    return dealer.session(seen.order.login_id).orders()


def _known(order: Order, told: Sequence[BrokerOrder]) -> BrokerOrder | None:
    name = order.broker_order_id
    return next((one for one in told if name and one.broker_order_id == name), None)


def _yesterdays(dealer: Dealer, seen: Seen) -> Seen:
    """A stop order of an earlier day died with it, and its broker's book no longer tells."""
    order, at = seen.order, dealer.desk.clock.now()
    if order is None or order.status is not OrderStatus.OPEN or seen.known is not None:
        return seen
    if broker_day(order.prepared_at) >= broker_day(at):
        return seen
    why = "a stop order ends with its day"
    ended = replace(order, status=OrderStatus.EXPIRED, reason=why, version=order.version + 1)
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        orders.save(tx, ended)
        body = {"to": ended.status, "reason": why}
        audit.append(tx, at=at, actor="worker", verb="order", subject=order.id, body=body)
    return replace(seen, order=ended)


def _do(dealer: Dealer, plan: Plan, cover: Protection, step: Step, seen: Seen) -> int:
    """One step: the request, if it needs one, then the new state with its audit entry."""
    at = dealer.desk.clock.now()
    dealer.stand_firm()
    try:
        _request(dealer, plan, step, seen, at=at)
        after = _after(cover, step, at=at)
    except BrokerRefused as refusal:
        after = refused(cover, str(refusal), at=at)
    except Throttled as busy:  # it was not accepted, so whatever stands goes on standing
        after = refused(cover, str(busy), at=at, waits=True)
    except OutcomeUnknown as lost:
        after = _after(cover, replace(step, reason=str(lost)), at=at)
    if after != cover or step.verb is Verb.CANCEL:
        write_step(dealer, plan, cover, after, step)
    return int(after != cover)


def _after(cover: Protection, step: Step, *, at: datetime) -> Protection:
    """As for a broker's own trigger, and the order is found by its plan and not by an id."""
    after = stepped(cover, step, at=at)
    if step.verb in (Verb.PLACE, Verb.RESIZE, Verb.ADOPT):
        return replace(after, owner=Owner.EXCHANGE_SL, gtt_id="", armed_at=at)
    return after


def _request(dealer: Dealer, plan: Plan, step: Step, seen: Seen, *, at: datetime) -> None:
    """The one broker request a step may need."""
    if step.verb is Verb.PLACE:
        _place(dealer, plan, step, at=at)
    elif step.verb is Verb.RESIZE and seen.order is not None:
        _change(dealer, plan, step, seen.order, at=at)
    elif step.verb is Verb.CANCEL and seen.order is not None:
        with suppress(BrokerRefused):  # it ended meanwhile; settling tells
            dealer.session(plan.login_id).cancel(seen.order.broker_order_id)


def _place(dealer: Dealer, plan: Plan, step: Step, *, at: datetime) -> None:
    """Commit one stop order and send it; raises what came of it when it does not rest."""
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        tick, band = _ticks(tx, plan)
        tried = sum(order.is_stop_order for order in orders.of_plan(tx, plan.id))
        order = stop_order(
            plan,
            step.wanted,
            tick=tick,
            band=band,
            prepared_at=at,
            desk=dealer.desk_tag,
            attempt=tried + 1,
        )
        orders.put(tx, order)
        body = {"plan": plan.id, "qty": order.qty, "trigger_paise": step.wanted.stop.paise}
        audit.append(tx, at=at, actor="worker", verb="prepare stop", subject=order.id, body=body)
    sent = send_order(dealer, order.id)
    if sent.status is OrderStatus.PREPARED:
        raise Throttled(f"{plan.symbol}: its login sent as much as it may; the stop waits")
    if sent.status is OrderStatus.UNKNOWN:
        raise OutcomeUnknown(f"stop order {sent.id}: {sent.reason}")
    if sent.status is not OrderStatus.OPEN:
        raise (Throttled if sent.reason.startswith("not accepted:") else BrokerRefused)(sent.reason)


def _change(dealer: Dealer, plan: Plan, step: Step, order: Order, *, at: datetime) -> None:
    """One change in place: counted and recorded first, and a lost answer is read back."""
    want = step.wanted
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        tick, band = _ticks(tx, plan)
        key, done = stop_changes(tx, order)
        settings.put(tx, key, done + 1)
        body = {"qty": want.qty, "trigger_paise": want.stop.paise, "why": step.reason}
        audit.append(tx, at=at, actor="worker", verb="reprice", subject=order.id, body=body)
    moved = None if order.trigger_price == want.stop else want.stop
    limit = None if moved is None else limit_of(plan, want.stop, tick=tick, band=band)
    dealer.session(plan.login_id).modify(
        order.broker_order_id, qty=want.qty, trigger=moved, limit=limit
    )


def _ticks(tx: Session, plan: Plan) -> tuple[Money, PriceBand]:
    quote = quotes.by_isin(tx, plan.isin)
    tick = tick_now(quote)
    share = instruments.by_isin(tx, plan.isin)
    return tick, trading_range(share, prev_close=quote.prev_close, ltp=quote.ltp, tick=tick)


def _flag(dealer: Dealer, plan: Plan, said: str, *, name: str) -> None:
    """Tell once a day what is wrong with a held position that the desk can do nothing about."""
    at = dealer.desk.clock.now()
    name = f"unprotected:{plan.id}:{ist_day(at)}:{name}"
    warn_of_plan(dealer.desk.store, plan, id=name, at=at, sentence=f"{plan.symbol}: {said}")
