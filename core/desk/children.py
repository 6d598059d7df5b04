"""Take in the orders that a fired GTT placed at the broker: they are the plan's own sales."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from core.desk.dealer import Dealer
from core.domain.order import Order, OrderStatus, OrderType, Purpose, Validity
from core.domain.plan import Plan
from core.domain.ports import BrokerOrder, GttOrder
from core.store import audit, orders, plans, protections


def missing_children(
    tx: Session, gtts: Sequence[GttOrder], told: Sequence[BrokerOrder]
) -> list[tuple[GttOrder, BrokerOrder]]:
    """Fired GTTs of ours, each with the order it placed, that the desk does not follow yet."""
    ours = {cover.gtt_id for cover in protections.live(tx) if cover.gtt_id}
    shown = {known.broker_order_id: known for known in told}
    return [
        (gtt, shown[gtt.fired_order_id])
        for gtt in gtts
        if gtt.gtt_id in ours
        and gtt.fired_order_id in shown
        and orders.by_broker_id(tx, gtt.fired_order_id) is None
    ]


def adopt(dealer: Dealer, tx: Session, gtt: GttOrder, known: BrokerOrder) -> Order:
    """Follow the order a GTT placed as one of the plan it protects."""
    plan_id = next(c.plan_id for c in protections.live(tx) if c.gtt_id == gtt.gtt_id)
    order = _child(plans.by_id(tx, plan_id), gtt, known, dealer=dealer)
    orders.put(tx, order)
    audit.append(
        tx,
        at=order.prepared_at,
        actor="broker",
        verb="fire",
        subject=order.id,
        body={"gtt": gtt.gtt_id, "broker_order_id": known.broker_order_id, "qty": order.qty},
    )
    return order


def _child(plan: Plan, gtt: GttOrder, known: BrokerOrder, *, dealer: Dealer) -> Order:
    limit = known.limit or gtt.stop
    is_stop = abs((limit - gtt.stop).paise) <= abs((limit - gtt.target).paise)
    return Order(
        id=f"or{gtt.gtt_id}:{known.broker_order_id}",
        tag=f"GTT{gtt.gtt_id}-{known.broker_order_id}",
        plan_id=plan.id,
        approval_id=plan.approval_id,
        account_id=plan.account_id,
        login_id=plan.login_id,
        isin=plan.isin,
        symbol=plan.symbol,
        purpose=Purpose.STOP if is_stop else Purpose.TARGET,
        side=known.side,
        qty=known.qty,
        order_type=OrderType.LIMIT,
        product=plan.product,
        validity=Validity.DAY,
        limit_price=limit,
        trigger_price=None,
        # told as finished or not, its fills are booked first and the next look moves it on
        status=OrderStatus.OPEN,
        prepared_at=dealer.desk.clock.now(),
        sent_at=None,
        broker_order_id=known.broker_order_id,
        broker_status=known.broker_status,
        reason=f"GTT {gtt.gtt_id} fired",
    )
