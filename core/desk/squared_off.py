"""Take in what a broker sold itself when its time for intraday positions came.

Such an order has no tag of ours. After the broker's minute, in that product and against what one
plan holds, it can be nothing else: it counts as the plan's own exit, with the broker's fee, and a
person is told. Anything less certain stays a trade done elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.dealer import Dealer
from core.desk.square_off import squares_off
from core.domain.account import Broker
from core.domain.charges import Charges
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.order import Fill, Order, OrderStatus, OrderType, Product, Purpose, Validity
from core.domain.plan import Plan, PlanStatus
from core.domain.ports import BrokerOrder
from core.execution.plan import closing_side
from core.execution.recover import tag_chars
from core.store import accounts, audit, fills, instruments, ledger, orders, plans
from core.treasury import post

GST_PERCENT = 18  # of the fee before it, as brokers bill services
HOLDERS = (PlanStatus.HOLDING, PlanStatus.EXITING)


def squared_off(
    dealer: Dealer, tx: Session, login_id: str, told: Sequence[BrokerOrder], trades: Sequence[Fill]
) -> list[tuple[BrokerOrder, Plan]]:
    """Orders of the broker's own that closed an intraday plan, and were not taken in yet."""
    day_plans = [
        plan
        for plan in plans.with_status(tx, *HOLDERS)
        if plan.login_id == login_id and plan.product is Product.MIS
    ]
    if not day_plans:
        return []
    found = []
    for known in told:
        if tag_chars(known.tag) or known.product is not Product.MIS or not known.filled_qty:
            continue
        if orders.by_broker_id(tx, known.broker_order_id, login_id=login_id) is not None:
            continue
        alike = [plan for plan in day_plans if plan.isin == known.isin]
        if len(alike) == 1 and _closes(dealer, tx, alike[0], known, trades):
            found.append((known, alike[0]))
    return found


def _closes(
    dealer: Dealer, tx: Session, plan: Plan, known: BrokerOrder, trades: Sequence[Fill]
) -> bool:
    """Whether an order can only be the broker's square-off of this plan."""
    open_qty = sum(fill.qty for fill in fills.of_plan(tx, plan.id))
    if known.side is not closing_side(plan) or known.qty > abs(open_qty):
        return False
    mine = [trade.traded_at for trade in trades if trade.order_id == known.broker_order_id]
    if not mine:
        return False  # its trades come with a later look
    share = instruments.by_isin(tx, plan.isin)
    broker = accounts.login(tx, plan.login_id).broker
    when = squares_off(dealer.desk, broker)(share, ist_day(min(mine)))
    return when is not None and min(mine) >= when.at


def take_in(dealer: Dealer, tx: Session, known: BrokerOrder, plan: Plan) -> Order:
    """Follow the broker's own order as the plan's exit, and book what the broker takes for it."""
    at = dealer.desk.clock.now()
    order = _as_exit(plan, known, at=at)
    orders.put(tx, order)
    body = {"to": order.status, "broker_order_id": known.broker_order_id, "qty": known.qty}
    audit.append(tx, at=at, actor="broker", verb="fire", subject=order.id, body=body)
    broker = accounts.login(tx, plan.login_id).broker
    fee = _fee(dealer, tx, plan, broker, at=at)
    if fee:
        words = f"{broker} squared off {plan.symbol}"
        ledger.post(
            tx,
            post.charge(
                account_id=plan.account_id,
                charges=_with_gst(fee),
                at=at,
                reference=f"square-off:{plan.login_id}:{ist_day(at)}:{known.broker_order_id}",
                words=words,
            ),
        )
    raise_alarm(
        tx,
        id=f"squared off:{order.id}",
        isin=plan.isin,
        symbol=plan.symbol,
        at=at,
        sentence=f"{plan.symbol}: the broker closed {known.qty} intraday shares itself with order "
        f"{known.broker_order_id}, for {fee}",
    )
    return order


def _fee(dealer: Dealer, tx: Session, plan: Plan, broker: Broker, *, at: datetime) -> Money:
    when = squares_off(dealer.desk, broker)(instruments.by_isin(tx, plan.isin), ist_day(at))
    return Money(0) if when is None else when.fee


def _with_gst(fee: Money) -> Charges:
    """A fee that has GST in it, as brokerage and GST."""
    before = Money(round(fee.paise * 100 / (100 + GST_PERCENT)))
    return Charges(brokerage=before, gst=fee - before)


def _as_exit(plan: Plan, known: BrokerOrder, *, at: datetime) -> Order:
    return Order(
        id=f"or{plan.login_id}:{ist_day(at)}:{known.broker_order_id}",
        tag=f"SQUARED{ist_day(at):%y%m%d}-{plan.login_id}-{known.broker_order_id}",
        plan_id=plan.id,
        approval_id=plan.approval_id,
        account_id=plan.account_id,
        login_id=plan.login_id,
        isin=plan.isin,
        symbol=plan.symbol,
        purpose=Purpose.EXIT,
        side=known.side,
        qty=known.qty,
        order_type=OrderType.MARKET,
        product=plan.product,
        validity=Validity.DAY,
        limit_price=None,
        trigger_price=None,
        # told as finished or not, its fills are booked first and the next look moves it on
        status=OrderStatus.OPEN,
        prepared_at=at,
        broker_order_id=known.broker_order_id,
        broker_status=known.broker_status,
        reason="squared off by the broker",
    )
