"""The second half of the chain: from the click to a covered position, step by step."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session

from core.domain.card import Approval
from core.domain.order import Fill, Order
from core.domain.plan import Plan
from core.domain.protection import Protection
from core.domain.words import ist_stamp, price, qty
from core.store import approvals, fills, orders, protections
from core.views.protected import OWNER_WORDS, STATUS_WORDS
from core.views.shown import ORDER_TYPES
from core.views.trace import Pairs, Step


def plan_steps(tx: Session, card_id: str, plan: Plan | None) -> list[Step]:
    """Click to cover: approval, orders, fills and protection, in the order they happened."""
    steps = []
    approval = approvals.by_card(tx, card_id)
    if approval is not None:
        steps.append(_approval(approval))
    if plan is None:
        return steps
    for order in orders.of_plan(tx, plan.id):
        steps.append(_order(order))
        trades = fills.of_order(tx, order.id)
        if trades:
            steps.append(_fills(order, trades))
    shield = protections.by_plan(tx, plan.id)
    if shield is not None:
        steps.append(_protection(shield, plan))
    return sorted(steps, key=lambda step: step.at)


def _approval(approval: Approval) -> Step:
    record: Pairs = (
        ("By", approval.approver),
        ("Card version", str(approval.card_version)),
        ("Signed hash", approval.bound_hash[:24] + "…"),
        ("Approval", approval.id),
    )
    return Step(
        "approval", approval.clicked_at, "Approval", f"by {approval.approver}",
        "good for one order", record, (approval.card_id,),
    )  # fmt: skip


def _order(order: Order) -> Step:
    shown = order.limit_price or order.trigger_price
    words = (
        f"{order.side} {qty(order.qty)} {ORDER_TYPES[order.order_type]} at "
        f"{price(shown) if shown else 'market'}, {order.status.lower()}"
    )
    record: Pairs = (
        ("Purpose", order.purpose.value),
        ("Prepared", ist_stamp(order.prepared_at)),
        ("Sent", ist_stamp(order.sent_at) if order.sent_at else "not sent"),
        ("Our tag", order.tag),
        ("Broker's id", order.broker_order_id or "none yet"),
        ("Broker says", order.broker_status or "nothing yet"),
        ("Reason", order.reason or "none"),
    )
    return Step(
        f"order {order.id}", order.prepared_at, f"Order, {order.purpose}", words,
        f"intent {order.id}", record, (order.id,),
    )  # fmt: skip


def _fills(order: Order, trades: Iterable[Fill]) -> Step:
    trades = sorted(trades, key=lambda trade: trade.traded_at)
    words = ", then ".join(f"{qty(abs(t.qty))} at {price(t.price)}" for t in trades)
    record: Pairs = tuple(
        (f"Trade {t.trade_id}", f"{qty(t.qty, signed=True)} at {price(t.price)}, "
         f"{ist_stamp(t.traded_at)}, {t.exchange}")
        for t in trades
    )  # fmt: skip
    return Step(
        f"fill {order.id}", trades[0].traded_at, "Fill", words, f"broker {order.broker_order_id}",
        record, (order.id,),
    )  # fmt: skip


def _protection(shield: Protection, plan: Plan) -> Step:
    at = shield.verified_at or shield.armed_at or plan.opened_at
    proof = f"GTT {shield.gtt_id}" if shield.gtt_id else f"held by {OWNER_WORDS[shield.owner]}"
    record: Pairs = (
        ("Status", STATUS_WORDS[shield.status]),
        ("Held by", OWNER_WORDS[shield.owner]),
        ("Shares", qty(shield.qty)),
        ("Stop, target", f"{price(shield.stop)}, {price(shield.target)}"),
        ("Armed", ist_stamp(shield.armed_at) if shield.armed_at else "no"),
        ("Read back", ist_stamp(shield.verified_at) if shield.verified_at else "not yet"),
        ("Plan", plan.id),
    )
    words = f"Stop at {price(shield.stop)} for {qty(shield.qty)}, {STATUS_WORDS[shield.status]}"
    return Step("protection", at, "Protection", words, proof, record, (plan.id,))
