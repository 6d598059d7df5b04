"""Under HALT and above, take working entries back from the broker; stops stay."""

from __future__ import annotations

from dataclasses import replace

from core.desk.dealer import Dealer
from core.desk.kill import level_in_file
from core.domain.order import Order, OrderStatus, Purpose
from core.domain.risk import KillLevel
from core.errors import BrokerRefused
from core.store import audit, kills, orders

ASKED = "cancel asked for: the desk was halted"


def call_off(dealer: Dealer) -> int:
    """Ask the broker to cancel each open entry of a halted account once; returns how many."""
    filed = level_in_file(dealer.desk.home)
    with dealer.desk.store.read() as tx:
        standing = [
            order
            for order in orders.with_status(tx, OrderStatus.OPEN)
            if order.purpose is Purpose.ENTRY
            and order.reason != ASKED
            and max(kills.level(tx, order.account_id), filed) >= KillLevel.HALT
        ]
    return sum(_cancel(dealer, order) for order in standing if order.login_id in dealer.sessions)


def _cancel(dealer: Dealer, order: Order) -> int:
    try:
        dealer.session(order.login_id).cancel(order.broker_order_id)
        said = ASKED
    except BrokerRefused as refusal:
        said = f"cancel refused: {refusal}"
    with dealer.desk.store.write() as tx:
        current = orders.by_id(tx, order.id)
        if current.status is OrderStatus.OPEN:
            orders.save(tx, replace(current, reason=ASKED, version=current.version + 1))
        audit.append(
            tx,
            at=dealer.desk.clock.now(),
            actor="worker",
            verb="cancel",
            subject=order.id,
            body={"why": said},
        )
    return 1
