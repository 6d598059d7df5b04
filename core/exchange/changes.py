"""What an order becomes when a client changes it, and why it cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.domain.money import Money
from core.domain.order import OrderType, Validity
from core.exchange.rules import Rules
from core.exchange.squaring import BROKERS_OWN
from core.exchange.values import BookOrder, Ticket


@dataclass(frozen=True, slots=True)
class Changes:
    """What a client asks to change; None stays as it is. `note` is the broker's own."""

    qty: int | None = None
    limit: Money | None = None
    trigger: Money | None = None
    order_type: OrderType | None = None
    validity: Validity | None = None
    note: str | None = None


def changed(ticket: Ticket, asked: Changes) -> Ticket:
    """The ticket after a change; a type without a limit or a trigger drops it."""
    kind = asked.order_type or ticket.order_type
    limited = kind in (OrderType.LIMIT, OrderType.SL)
    sleeps = kind in (OrderType.SL, OrderType.SL_M)
    return replace(
        ticket,
        qty=ticket.qty if asked.qty is None else asked.qty,
        order_type=kind,
        validity=asked.validity or ticket.validity,
        limit=(asked.limit or ticket.limit) if limited else None,
        trigger=(asked.trigger or ticket.trigger) if sleeps else None,
        note=ticket.note if asked.note is None else asked.note,
    )


def why_not_changed(order: BookOrder, after: Ticket, rules: Rules) -> str:
    """Why the broker does not take the change to the exchange at all, or nothing."""
    if order.ticket.by_broker:
        return f"order {order.order_id} {BROKERS_OWN}"
    if order.modifications >= rules.modifications_max:
        return (
            f"{after.symbol}: order {order.order_id} was changed {order.modifications} "
            f"times and {rules.modifications_max} is the most; cancel and place again"
        )
    if after.qty < order.filled:
        return (
            f"{after.symbol}: quantity {after.qty} is below the {order.filled} shares "
            "already traded"
        )
    if after.is_stop and not order.ticket.is_stop and order.triggered:
        return f"{after.symbol}: order {order.order_id} was triggered and cannot sleep again"
    if after.order_type in (OrderType.LIMIT, OrderType.SL) and after.limit is None:
        return f"{after.symbol}: {after.order_type} needs a price"
    return ""
