"""Bring home what happened at the broker: order states, fills, and their postings.

A trade is known by order, trade id and exchange, so reading it twice changes nothing. A fill
counts even when it comes after a cancel; a trade of no order of ours is alarmed, not guessed at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.books import (
    broker_of,
    depository_fee,
    fill_costs,
    is_let_go,
    release_filled,
    release_rest,
)
from core.desk.dealer import Dealer
from core.domain.ledger import Position
from core.domain.money import ZERO, Money, total
from core.domain.order import (
    TERMINAL,
    Fill,
    Order,
    OrderStatus,
    OrderType,
    Purpose,
    Validity,
)
from core.domain.plan import Plan, PlanStatus
from core.domain.plan import advance as advance_plan
from core.domain.ports import BrokerOrder, GttOrder
from core.execution.recover import follow, same_tag
from core.store import audit, fills, hypotheses, ledger, orders, plans, protections
from core.treasury import post

WORKER = "worker"
# how an exit's reason begins, and what that was for the belief
OUTCOMES = (("desk stop", "stop"), ("desk target", "target"), ("time exit", "time"))
FOLLOWED = (OrderStatus.SENT, OrderStatus.UNKNOWN, OrderStatus.OPEN, OrderStatus.ABSENT)


def settle(dealer: Dealer) -> int:
    """Read every login once and book what is new; returns how many fills were new."""
    return sum(_settle_login(dealer, login_id) for login_id in sorted(dealer.sessions))


def _settle_login(dealer: Dealer, login_id: str) -> int:
    session = dealer.session(login_id)
    told, trades, gtts = session.orders(), session.trades(), session.gtts()
    with dealer.desk.store.read() as tx:
        followed = [o for o in orders.with_status(tx, *FOLLOWED) if o.login_id == login_id]
        fresh = [trade for trade in trades if not _is_booked(tx, trade)]
    moves = [(order, _match(order, told)) for order in followed]
    news = [(order, match) for order, match in moves if match and follow(order, match)]
    if not fresh and not news:
        return 0
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        for order, match in news:
            _follow(dealer, tx, order, match)
        booked = sum(_book(dealer, tx, login_id, trade, gtts, told) for trade in fresh)
        _close_ended(dealer, tx)
    return booked


def _is_booked(tx: Session, trade: Fill) -> bool:
    order = orders.by_broker_id(tx, trade.order_id)
    return order is not None and any(
        (fill.trade_id, fill.exchange) == (trade.trade_id, trade.exchange)
        for fill in fills.of_order(tx, order.id)
    )


def _match(order: Order, told: Sequence[BrokerOrder]) -> BrokerOrder | None:
    for known in told:
        if order.broker_order_id and known.broker_order_id == order.broker_order_id:
            return known
        if not order.broker_order_id and same_tag(known.tag, order.tag):
            return known
    return None


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
    if moved.status is not current.status:
        audit.append(
            tx,
            at=at,
            actor="broker",
            verb="order",
            subject=order.id,
            body={"to": moved.status, "broker": match.broker_status, "reason": moved.reason},
        )


def _book(
    dealer: Dealer,
    tx: Session,
    login_id: str,
    trade: Fill,
    gtts: Sequence[GttOrder],
    told: Sequence[BrokerOrder],
) -> int:
    at = dealer.desk.clock.now()
    order = orders.by_broker_id(tx, trade.order_id)
    if order is None:
        order = _child(dealer, tx, trade, gtts, told)
    if order is None:
        raise_alarm(
            tx,
            id=f"external:{login_id}:{trade.order_id}:{trade.trade_id}",
            isin=trade.isin,
            symbol=trade.symbol,
            at=at,
            sentence=f"{trade.symbol}: {trade.qty:+d} at {trade.price} was traded outside the desk",
        )
        return 0
    fill = replace(trade, order_id=order.id, account_id=order.account_id)
    if not fills.put(tx, fill):
        return 0
    _hold(tx, order, fill, at=at)
    _post(tx, order, fill)
    audit.append(
        tx,
        at=at,
        actor="broker",
        verb="fill",
        subject=order.id,
        body={"trade": fill.trade_id, "qty": fill.qty, "price_paise": fill.price.paise},
    )
    return 1


def _hold(tx: Session, order: Order, fill: Fill, *, at: datetime) -> None:
    """The plan of an entry's fill holds shares now, even when it was thought to be over."""
    if order.purpose is not Purpose.ENTRY:
        return
    plan = plans.by_id(tx, order.plan_id)
    if is_let_go(tx, order):
        sentence = f"{fill.symbol}: a late fill of {fill.qty} came after its order had ended"
        name = f"late:{order.id}:{fill.trade_id}"
        raise_alarm(tx, id=name, isin=fill.isin, symbol=fill.symbol, at=at, sentence=sentence)
    if plan.status not in (PlanStatus.HOLDING, PlanStatus.EXITING):
        plans.save(tx, advance_plan(plan, PlanStatus.HOLDING))


def _post(tx: Session, order: Order, fill: Fill) -> None:
    held = next(
        (p for p in ledger.positions(tx, order.account_id) if p.isin == fill.isin),
        Position(order.account_id, fill.isin, 0, ZERO),
    )
    broker = broker_of(tx, order.account_id)
    earlier = total(
        known.notional
        for known in fills.of_order(tx, order.id)
        if (known.trade_id, known.exchange) != (fill.trade_id, fill.exchange)
    )
    ledger.post(tx, post.trade(fill, held, fill_costs(broker, fill, before=earlier)))
    if fill.qty < 0 and (fee := depository_fee(broker, fill)) is not None:
        ledger.post(tx, fee)
    if order.purpose is Purpose.ENTRY:
        release_filled(tx, order, trade_id=fill.trade_id, qty=abs(fill.qty), at=fill.traded_at)


def _child(
    dealer: Dealer,
    tx: Session,
    trade: Fill,
    gtts: Sequence[GttOrder],
    told: Sequence[BrokerOrder],
) -> Order | None:
    """The order a fired GTT made at the broker, taken into our books."""
    gtt = next((gtt for gtt in gtts if gtt.fired_order_id == trade.order_id), None)
    resting = {cover.gtt_id: cover for cover in protections.live(tx)}
    cover = resting.get(gtt.gtt_id) if gtt else None
    known = next((o for o in told if o.broker_order_id == trade.order_id), None)
    if gtt is None or cover is None or known is None:
        return None
    plan = plans.by_id(tx, cover.plan_id)
    stop_side = abs((trade.price - gtt.stop).paise) <= abs((trade.price - gtt.target).paise)
    order = Order(
        id=f"or{gtt.gtt_id}:{trade.order_id}",
        tag=f"GTT{gtt.gtt_id}-{trade.order_id}",
        plan_id=plan.id,
        approval_id=plan.approval_id,
        account_id=plan.account_id,
        login_id=plan.login_id,
        isin=plan.isin,
        symbol=plan.symbol,
        purpose=Purpose.STOP if stop_side else Purpose.TARGET,
        side=known.side,
        qty=known.qty,
        order_type=OrderType.LIMIT,
        product=plan.product,
        validity=Validity.DAY,
        limit_price=gtt.stop if stop_side else gtt.target,
        trigger_price=None,
        status=known.status if known.status is not OrderStatus.PREPARED else OrderStatus.OPEN,
        prepared_at=dealer.desk.clock.now(),
        sent_at=None,
        broker_order_id=trade.order_id,
        broker_status=known.broker_status,
        reason=f"GTT {gtt.gtt_id} fired",
    )
    orders.put(tx, order)
    return order


def held_qty(tx: Session, plan_id: str) -> int:
    """Signed shares a plan holds now: the sum of its fills."""
    return sum(fill.qty for fill in fills.of_plan(tx, plan_id))


def _close_ended(dealer: Dealer, tx: Session) -> None:
    """Close plans whose shares are gone, abandon entries that ended with none."""
    at = dealer.desk.clock.now()
    for plan in plans.with_status(tx, PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING):
        of_plan = orders.of_plan(tx, plan.id)
        entries = [order for order in of_plan if order.purpose is Purpose.ENTRY]
        filled = {one.id: abs(sum(f.qty for f in fills.of_order(tx, one.id))) for one in entries}
        if not entries or not all(_is_over(order, filled[order.id]) for order in entries):
            continue
        for entry in entries:
            release_rest(tx, entry, filled=filled[entry.id], at=at)
        held = held_qty(tx, plan.id)
        if held:
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
    return entry.status in TERMINAL and (
        entry.status is not OrderStatus.FILLED or filled >= entry.qty
    )


def _how(of_plan: Sequence[Order]) -> str:
    ways = [order.purpose for order in of_plan if order.purpose is not Purpose.ENTRY]
    return ways[-1].value if ways else next((o.reason for o in of_plan if o.reason), "")


def _resolve(tx: Session, plan: Plan, of_plan: Sequence[Order], *, at: datetime) -> None:
    """Write what came of the belief the card was written on; `plan` as it stood at its end."""
    belief = hypotheses.by_card(tx, plan.card_id)
    if belief is None or belief.outcome:
        return
    way = _how(of_plan)
    if way == Purpose.EXIT:
        way = next((word for start, word in OUTCOMES if plan.reason.startswith(start)), "other")
    cash = sum(
        -fill.qty * fill.price.paise for order in of_plan for fill in fills.of_order(tx, order.id)
    )
    hypotheses.save(tx, replace(belief, outcome=way, closed_at=at, pnl=Money(cash)))
