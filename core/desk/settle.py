"""Bring home what happened at the broker: order states, fills, and their postings.

A trade is known by order, trade id and exchange, so reading it twice changes nothing. A fill
counts even when it comes after a cancel. A trade of no order of ours was done elsewhere: it goes
into the login's EXTERNAL bucket once, with an alarm, and never to a plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.annulled import standing
from core.desk.booked import HOLDERS, book_fill, filled_qty, ours
from core.desk.books import release_rest
from core.desk.children import adopt, missing_children
from core.desk.dealer import Dealer
from core.desk.elsewhere import book_elsewhere, elsewhere_id
from core.desk.look import Look, look_at
from core.desk.slices import gather, is_of
from core.desk.squared_off import brokers_own, share_out, stands_for_broker, take_in, waits
from core.desk.strange import is_same_order, look_for_strangers
from core.desk.trade_costs import trade_costs
from core.domain.clock import IST, ist_day
from core.domain.money import Money
from core.domain.order import (
    TERMINAL,
    Fill,
    Order,
    OrderStatus,
    Purpose,
)
from core.domain.plan import Plan, PlanStatus
from core.domain.plan import advance as advance_plan
from core.domain.ports import BrokerOrder
from core.execution.recover import follow, same_tag, same_terms, tag_chars
from core.store import audit, fills, hypotheses, ledger, orders, plan_rows, plans

WORKER = "worker"
# how an exit's reason begins, and what that was for the belief
OUTCOMES = (("desk stop", "stop"), ("desk target", "target"), ("time exit", "time"))
FOLLOWED = (OrderStatus.SENT, OrderStatus.UNKNOWN, OrderStatus.OPEN, OrderStatus.ABSENT)


def settle(dealer: Dealer) -> int:
    """Read every login once and book what is new; returns how many fills were new."""
    return sum(settle_login(dealer, login_id) for login_id in sorted(dealer.sessions))


def settle_login(dealer: Dealer, login_id: str) -> int:
    """The same for one login."""
    with look_at(dealer.session(login_id)) as look:
        return _settle(dealer, login_id, look)


def _settle(dealer: Dealer, login_id: str, look: Look) -> int:
    gtts = look.gtts
    with dealer.desk.store.read() as tx:
        followed = [o for o in orders.with_status(tx, *FOLLOWED) if o.login_id == login_id]
        told, trades = gather(tx, look.told, look.trades, followed=followed)
        shown = {known.broker_order_id for known in told}
        plan_rows.read_trades_ahead(tx, [one.order_id for one in trades], login_id=login_id)
        own = brokers_own(tx, login_id, told, trades)
        apart = {one.known.broker_order_id for one in own}
        # a trade newer than the order book waits for the next look, which shows its order
        fresh = [
            t
            for t in trades
            if t.order_id in shown and t.order_id not in apart and not _is_booked(tx, login_id, t)
        ]
        children = missing_children(tx, gtts, told, login_id=login_id)
    look_for_strangers(dealer, login_id, told, followed=followed)
    moves = [(order, _match(order, told)) for order in followed]
    news = [(order, match) for order, match in moves if match and follow(order, match)]
    if not fresh and not news and not children and not any(one.fresh for one in own):
        return 0
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        at = dealer.desk.clock.now()
        for gtt, known in children:
            _follow(dealer, tx, adopt(dealer, tx, gtt, known, login_id=login_id), known)
        for order, match in news:
            _follow(dealer, tx, order, match)
        booked = sum(_book(tx, login_id, trade, told, at=at) for trade in fresh)
        for one in own:  # after our own trades, which say what is held
            if waits(dealer, tx, one, told):
                continue
            for order in take_in(dealer, tx, one):
                _follow(dealer, tx, order, one.known)
            booked += share_out(tx, one, at=at)
        close_ended(tx, at=at)
    return booked


def _is_booked(tx: Session, login_id: str, trade: Fill) -> bool:
    order = ours(tx, login_id, trade)
    if order is None:
        return ledger.is_posted(tx, elsewhere_id(login_id, trade))
    return any(
        (fill.trade_id, fill.exchange) == (trade.trade_id, trade.exchange)
        for fill in fills.of_order(tx, order.id)
    )


def _match(order: Order, told: Sequence[BrokerOrder]) -> BrokerOrder | None:
    """The one broker order this is; two of one tag, or other terms, are for a person."""
    if order.broker_order_id:
        known = next((k for k in told if is_of(order, k)), None)
        return known if known is not None and is_same_order(order, known) else None
    found = [known for known in told if same_tag(known.tag, order.tag)]
    return found[0] if len(found) == 1 and same_terms(order, found[0]) else None


def _follow(dealer: Dealer, tx: Session, order: Order, match: BrokerOrder) -> None:
    current = orders.by_id(tx, order.id)
    moved = follow(current, match)
    if moved is None:
        return
    orders.save(tx, moved)
    at = dealer.desk.clock.now()
    if current.status is OrderStatus.ABSENT:
        raise_alarm(
            tx,
            id=f"late:{order.id}",
            isin=order.isin,
            symbol=order.symbol,
            at=at,
            sentence=f"{order.symbol}: an order called absent surfaced as {moved.status}",
        )
    is_short = moved.status in TERMINAL and moved.status is not OrderStatus.FILLED
    if is_short and (match.parts or stands_for_broker(order)):
        raise_alarm(
            tx,
            id=f"parts:{order.id}",
            isin=order.isin,
            symbol=order.symbol,
            at=at,
            sentence=f"{order.symbol}: order {order.id} of {order.qty}: {moved.reason}",
        )
    if moved.status is not current.status or moved.qty != current.qty:
        audit.append(
            tx,
            at=at,
            actor="broker",
            verb="order",
            subject=order.id,
            body={
                "to": moved.status,
                "broker": match.broker_status,
                "reason": moved.reason,
                **({"qty": moved.qty} if moved.qty != current.qty else {}),
            },
        )


def _book(
    tx: Session, login_id: str, trade: Fill, told: Sequence[BrokerOrder], *, at: datetime
) -> int:
    order = ours(tx, login_id, trade) or _given_up(tx, login_id, trade, told)
    if order is None:
        return book_elsewhere(tx, login_id, trade, at=at)
    return book_fill(tx, order, trade, at=at)


def _given_up(tx: Session, login_id: str, trade: Fill, told: Sequence[BrokerOrder]) -> Order | None:
    """An order that had ended here without a broker's id and was taken all the same, by its tag."""
    known = next((one for one in told if one.broker_order_id == trade.order_id), None)
    order = orders.by_tag(tx, tag_chars(known.tag)) if known is not None else None
    if known is None or order is None or order.status not in TERMINAL or order.broker_order_id:
        return None
    if order.login_id != login_id or _match(order, told) is None:
        return None
    found = replace(
        order,
        broker_order_id=known.broker_order_id,
        broker_status=known.broker_status,
        version=order.version + 1,
    )
    orders.save(tx, found)
    return found


def close_ended(tx: Session, *, at: datetime) -> None:
    """Close plans whose shares are gone, abandon entries that ended with none."""
    for plan in plans.with_status(tx, PlanStatus.ENTERING, *HOLDERS):
        of_plan = orders.of_plan(tx, plan.id)
        entries = [order for order in of_plan if order.purpose is Purpose.ENTRY]
        filled = {one.id: abs(sum(f.qty for f in fills.of_order(tx, one.id))) for one in entries}
        if not entries or not all(_is_over(order, filled[order.id]) for order in entries):
            continue
        for entry in entries:
            release_rest(tx, entry, at=at)
        if filled_qty(tx, plan.id):
            continue
        ended = PlanStatus.ABANDONED if plan.status is PlanStatus.ENTERING else PlanStatus.CLOSED
        plans.save(tx, advance_plan(plan, ended, reason=_how(of_plan)))
        if ended is PlanStatus.CLOSED:
            _resolve(tx, plan, of_plan, at=at)
        audit.append(
            tx,
            at=at,
            actor=WORKER,
            verb="plan",
            subject=plan.id,
            body={"to": ended, "why": _how(of_plan)},
        )


def _is_over(entry: Order, filled: int) -> bool:
    """Whether nothing more is expected; a filled order whose trades do not show yet is not over."""
    return entry.status in (*TERMINAL, OrderStatus.ABSENT) and (
        entry.status is not OrderStatus.FILLED or filled >= entry.qty
    )


def _how(of_plan: Sequence[Order]) -> str:
    ways = [order.purpose for order in of_plan if order.closes]
    return ways[-1].value if ways else next((o.reason for o in of_plan if o.reason), "")


def _resolve(tx: Session, plan: Plan, of_plan: Sequence[Order], *, at: datetime) -> None:
    """Write what came of the belief the card was written on; `plan` as it stood at its end."""
    belief = hypotheses.by_card(tx, plan.card_id)
    if belief is None or belief.outcome:
        return
    way = _how(of_plan)
    if way == Purpose.EXIT:
        way = next((word for start, word in OUTCOMES if plan.reason.startswith(start)), "other")
        if [stands_for_broker(order) for order in of_plan if order.closes][-1]:
            way = "time"  # the day is over, as it is for a card for the day that nobody traded
    left = _left_after_costs(tx, plan, at=at)
    hypotheses.save(tx, replace(belief, outcome=way, closed_at=at, pnl=left))


def _left_after_costs(tx: Session, plan: Plan, *, at: datetime) -> Money:
    """Cash a closed plan left, less what the books charged for it.

    Others' sales of the day stand beside it, for the depository fee is the first seller's.
    """
    mine = standing(tx, plan.id, fills.of_plan(tx, plan.id))
    midnight = datetime.combine(ist_day(at), time(), IST)
    others = [one for one in fills.since(tx, midnight) if one not in mine]
    booked = ledger.transactions(tx, plan.account_id, since=plan.opened_at)
    costs = trade_costs({plan.id: mine, "others": others}, booked)[plan.id]
    return Money(sum(-fill.qty * fill.price.paise for fill in mine)) - costs
