"""Take working entries back from the broker: under HALT and above, and once a plan's stop fired.

Stops stay. An entry that went on filling after its plan began to leave would buy into the fall.
"""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session

from core.desk.dealer import Dealer
from core.desk.kill import level_in_file
from core.domain.order import Order, OrderStatus, Purpose
from core.domain.risk import KillLevel
from core.errors import BrokerRefused
from core.store import audit, kills, orders

ASKED = "cancel asked for: "


def call_off(dealer: Dealer) -> int:
    """Ask the broker once to cancel each open entry that should not fill; returns how many."""
    filed = level_in_file(dealer.desk.home)
    with dealer.desk.store.read() as tx:
        entries = [
            order
            for order in orders.with_status(tx, OrderStatus.OPEN)
            if order.purpose is Purpose.ENTRY and not order.reason.startswith(ASKED)
        ]
        standing = [(order, why) for order in entries if (why := _why(tx, order, filed))]
    return sum(
        _cancel(dealer, order, ASKED + why)
        for order, why in standing
        if order.login_id in dealer.sessions
    )


def _why(tx: Session, order: Order, filed: KillLevel) -> str:
    """Why an open entry is taken back; empty when it may go on."""
    if max(kills.level(tx, order.account_id), filed) >= KillLevel.HALT:
        return "the desk was halted"
    if any(one.closes for one in orders.of_plan(tx, order.plan_id)):
        return "its plan began to leave"
    return ""


def _cancel(dealer: Dealer, order: Order, asked: str) -> int:
    try:
        dealer.session(order.login_id).cancel(order.broker_order_id)
        said = asked
    except BrokerRefused as refusal:
        said = f"cancel refused: {refusal}"
    with dealer.desk.store.write() as tx:
        current = orders.by_id(tx, order.id)
        if current.status is OrderStatus.OPEN:
            orders.save(tx, replace(current, reason=asked, version=current.version + 1))
        audit.append(
            tx,
            at=dealer.desk.clock.now(),
            actor="worker",
            verb="cancel",
            subject=order.id,
            body={"why": said},
        )
    return 1
