"""Take in the orders that a fired GTT placed at the broker: they are the plan's own sales."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from core.desk.dealer import Dealer
from core.domain.order import Order, Purpose
from core.domain.plan import Plan
from core.domain.ports import BrokerOrder, GttOrder
from core.execution.plan import followed, order_of
from core.store import audit, orders, plans, protections


def missing_children(
    tx: Session, gtts: Sequence[GttOrder], told: Sequence[BrokerOrder], *, login_id: str
) -> list[tuple[GttOrder, BrokerOrder]]:
    """Fired GTTs of ours, each with the order it placed, that the desk does not follow yet."""
    shown = {known.broker_order_id: known for known in told}
    fired = [gtt for gtt in gtts if gtt.fired_order_id in shown]
    ours = _covered(tx, login_id) if fired else {}
    return [
        (gtt, shown[gtt.fired_order_id])
        for gtt in fired
        if gtt.gtt_id in ours
        and orders.by_broker_id(tx, gtt.fired_order_id, login_id=login_id) is None
    ]


def adopt(
    dealer: Dealer, tx: Session, gtt: GttOrder, known: BrokerOrder, *, login_id: str
) -> Order:
    """Follow the order a GTT placed as one of the plan it protects."""
    order = _child(_covered(tx, login_id)[gtt.gtt_id], gtt, known, dealer=dealer)
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


def _covered(tx: Session, login_id: str) -> dict[str, Plan]:
    """The plans of one login by the GTT that protects each; another login may use the same ids."""
    under = [(c.gtt_id, plans.by_id(tx, c.plan_id)) for c in protections.live(tx) if c.gtt_id]
    return {gtt_id: plan for gtt_id, plan in under if plan.login_id == login_id}


def _child(plan: Plan, gtt: GttOrder, known: BrokerOrder, *, dealer: Dealer) -> Order:
    limit = known.limit or gtt.stop
    is_stop = abs((limit - gtt.stop).paise) <= abs((limit - gtt.target).paise)
    order = order_of(
        plan,
        name=f"or{plan.login_id}:{gtt.gtt_id}:{known.broker_order_id}",
        tag=f"GTT{plan.login_id}:{gtt.gtt_id}-{known.broker_order_id}",
        purpose=Purpose.STOP if is_stop else Purpose.TARGET,
        side=known.side,
        qty=known.qty,
        limit=limit,
        prepared_at=dealer.desk.clock.now(),
    )
    return followed(order, known, reason=f"GTT {gtt.gtt_id} fired")
