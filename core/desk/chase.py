"""Follow a closing order that rests: its price goes after the market; an empty side is told.

Stops fired at the broker, targets and exits alike, sales and what buys a short position back. The
order is changed in place, at growing pauses, so that there is never a second one and never a
storm of changes.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.dealer import Dealer
from core.desk.exit import trades_now
from core.domain.clock import ist_day
from core.domain.instrument import Instrument, trading_range
from core.domain.money import Money
from core.domain.order import Order, OrderStatus, Side
from core.domain.protection import NEXT, Owner, Protection, ProtectionStatus, advance
from core.domain.quote import Quote
from core.domain.ticks import tick_now
from core.errors import BrokerRefused
from core.execution.plan import marketable_limit
from core.execution.trail import is_left_behind, is_unfillable
from core.store import audit, instruments, orders, protections, quotes, settings

P = ProtectionStatus
FIRST_PAUSE = 3.0  # seconds a sale may rest behind the market before its price follows
PAUSE_GROWS = 1.5
LONGEST_PAUSE = 60.0
CHANGES_MAX = 20  # brokers take 25 changes of one order


@dataclass(frozen=True, slots=True)
class Chase:
    """What is remembered of one resting sale: when its price was last looked at or changed."""

    since: datetime
    changes: int

    @property
    def pause(self) -> float:
        """Seconds to leave it alone from `since`."""
        return min(LONGEST_PAUSE, FIRST_PAUSE * PAUSE_GROWS**self.changes)


def chase(dealer: Dealer, login_id: str) -> int:
    """Look at every resting sale of a login once; returns how many requests it took."""
    with dealer.desk.store.read() as tx:
        resting = [
            order
            for order in orders.with_status(tx, OrderStatus.OPEN)
            if order.closes and order.login_id == login_id
        ]
        waiting = protections.with_status(tx, P.UNFILLABLE)
        prices = quotes.of(tx, [*(one.isin for one in resting), *(one.isin for one in waiting)])
        shares = {order.isin: instruments.by_isin(tx, order.isin) for order in resting}
    for cover in waiting:
        if cover.isin in prices and not is_unfillable(cover, prices[cover.isin]):
            _can_sell_again(dealer, cover, prices[cover.isin])
    return sum(
        _look(dealer, order, shares[order.isin], prices[order.isin])
        for order in resting
        if order.isin in prices and trades_now(dealer.desk, shares[order.isin])
    )


def _look(dealer: Dealer, order: Order, share: Instrument, quote: Quote) -> int:
    """Tell that nobody takes the shares, or bring the price to the market when it is time."""
    if order.limit_price is None or not order.broker_order_id:
        return 0
    desk = dealer.desk
    now = desk.clock.now()
    with desk.store.read() as tx:
        cover = protections.by_plan(tx, order.plan_id)
        kept = _kept(tx, order)
    alone = cover is not None and is_unfillable(cover, quote)
    if cover is not None and alone and P.UNFILLABLE in NEXT[cover.status]:
        _cannot_sell(dealer, cover, order, quote)
    limit = _limit(order, share, quote)
    if not (alone or is_left_behind(order.side, order.limit_price, quote)):
        return 0
    if kept is None:
        _keep(dealer, order, Chase(now, 0))
        return 0
    passed = (now - kept.since).total_seconds()
    pause = LONGEST_PAUSE if alone else kept.pause
    if (desk.real_seconds(passed) or passed) < pause:
        return 0
    if kept.changes >= CHANGES_MAX:
        return _give_up(dealer, order, kept)
    if not _is_bolder(order.side, limit, order.limit_price):
        return 0
    return _change(dealer, order, limit, Chase(now, kept.changes + 1), quote)


def _limit(order: Order, share: Instrument, quote: Quote) -> Money:
    tick = tick_now(quote)
    band = trading_range(share, prev_close=quote.prev_close, ltp=quote.ltp, tick=tick)
    return marketable_limit(order.side, quote, band=band, tick=tick)


def _is_bolder(side: Side, limit: Money, now: Money) -> bool:
    return limit < now if side is Side.SELL else limit > now


def _change(dealer: Dealer, order: Order, limit: Money, kept: Chase, quote: Quote) -> int:
    """One change of price: the intent is kept first, and a lost answer is asked again later."""
    facing = quote.bid if order.side is Side.SELL else quote.ask
    why = f"rests at {order.limit_price} with the other side at {facing}"
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        settings.put(tx, _key(order), {"at": kept.since.isoformat(), "changes": kept.changes})
        audit.append(
            tx,
            at=kept.since,
            actor="worker",
            verb="reprice",
            subject=order.id,
            body={"to_paise": limit.paise, "why": why, "change": kept.changes},
        )
    try:
        dealer.session(order.login_id).modify(order.broker_order_id, limit=limit)
    except BrokerRefused as refusal:
        _tell_refused(dealer, order, str(refusal))
        return 1
    with dealer.desk.store.write() as tx:
        current = orders.by_id(tx, order.id)
        if current.status is OrderStatus.OPEN:
            reason = f"{why}; now {limit}"
            moved = replace(current, limit_price=limit, reason=reason, version=current.version + 1)
            orders.save(tx, moved)
    return 1


def _give_up(dealer: Dealer, order: Order, kept: Chase) -> int:
    """Take an order back that was changed as often as a broker allows; a new sale follows."""
    dealer.stand_firm()
    with suppress(BrokerRefused):  # it ended meanwhile; settling tells
        dealer.session(order.login_id).cancel(order.broker_order_id)
    _keep(dealer, order, replace(kept, since=dealer.desk.clock.now()))
    return 1


def _tell_refused(dealer: Dealer, order: Order, refusal: str) -> None:
    at = dealer.desk.clock.now()
    with dealer.desk.store.write() as tx:
        raise_alarm(
            tx,
            id=f"reprice:{order.id}",
            isin=order.isin,
            symbol=order.symbol,
            at=at,
            sentence=f"{order.symbol}: a resting {_word(order.side)} of {order.qty} could not "
            f"follow the price: {refusal}",
        )


def _word(side: Side) -> str:
    return "sale" if side is Side.SELL else "purchase"


def _cannot_sell(dealer: Dealer, cover: Protection, order: Order, quote: Quote) -> None:
    at = dealer.desk.clock.now()
    sells = order.side is Side.SELL
    side, done = ("bids", "sold") if sells else ("offers", "bought back")
    why = f"there are no {side} at {quote.ltp}; order {order.broker_order_id} waits for them"
    _save(dealer, replace(advance(cover, P.UNFILLABLE, reason=why), armed_at=at), at=at)
    with dealer.desk.store.write() as tx:
        raise_alarm(
            tx,
            id=f"unfillable:{order.id}:{ist_day(at)}",
            isin=order.isin,
            symbol=order.symbol,
            at=at,
            sentence=f"{order.symbol}: {cover.qty} shares cannot be {done} now, {why}",
        )


def _can_sell_again(dealer: Dealer, cover: Protection, quote: Quote) -> None:
    at = dealer.desk.clock.now()
    armed = advance(cover, P.ARMED_LOCAL, reason=f"trade is back at {quote.ltp}")
    _save(dealer, replace(armed, owner=Owner.LOCAL, armed_at=at), at=at)


def _save(dealer: Dealer, cover: Protection, *, at: datetime) -> None:
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        protections.save(tx, cover)
        audit.append(
            tx,
            at=at,
            actor="worker",
            verb="protect",
            subject=cover.plan_id,
            body={"to": cover.status, "qty": cover.qty, "why": cover.reason},
        )


def _key(order: Order) -> str:
    return f"chase:{order.id}"


def _kept(tx: Session, order: Order) -> Chase | None:
    row = settings.get(tx, _key(order), None)
    return row and Chase(datetime.fromisoformat(row["at"]), int(row["changes"]))


def _keep(dealer: Dealer, order: Order, kept: Chase) -> None:
    with dealer.desk.store.write() as tx:
        settings.put(tx, _key(order), {"at": kept.since.isoformat(), "changes": kept.changes})
