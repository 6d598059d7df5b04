"""Orders and trades as rows of Upstox's books, and the status words each step goes through."""

from __future__ import annotations

import json
from typing import Any, Final

from core.domain.order import OrderStatus, Product, Side
from core.exchange.values import Ticket, Traded
from core.sandbox.faults import FaultKind
from core.sandbox.house import Client
from core.sandbox.kite.state import exchange_number, trade_number
from core.sandbox.record import OrderStep
from core.sandbox.upstox.answers import number, stamp
from core.sandbox.upstox.state import Upstox, key_of, order_number

BROKER: Final = "RMS"  # the sandbox's word; Upstox names none for its own square-off
QUEUED: Final = "after market order req received"
RECEIVED: Final = ("put order req received", "validation pending")
FINAL: Final = {
    OrderStatus.FILLED: "complete",
    OrderStatus.CANCELLED: "cancelled",
    OrderStatus.EXPIRED: "cancelled",  # a DAY order that the close ended
    OrderStatus.REJECTED: "rejected",
}
PRODUCTS: Final = {"D": Product.CNC, "I": Product.MIS}
LETTERS: Final = {product: letter for letter, product in PRODUCTS.items()}


def status_word(step: OrderStep) -> str:
    """The word the order book shows."""
    if step.waits:
        return f"modify {QUEUED}" if step.modifications else QUEUED
    if step.queued and step.status is OrderStatus.CANCELLED:
        return "cancelled after market order"
    if step.is_open:
        return "trigger pending" if step.sleeps else "open"
    return FINAL[step.status]


def passed_words(step: OrderStep) -> tuple[str, ...]:
    """The words an order goes through on the way to where one event left it."""
    last = status_word(step)
    if step.queued:
        return (RECEIVED[0], last) if step.cause == "Accepted" else (last,)
    match step.cause:
        case "Released":
            return (RECEIVED[1], "open pending", last)
        case "Accepted":
            return (*RECEIVED, "open pending", last)
        case "Rejected":
            return (*RECEIVED, last)
        case "Modified":
            return ("modify validation pending", "modify pending", "modified", last)
        case "Cancelled":
            return ("cancel pending", last)
        case _:
            return (last,)


def note_of(ticket: Ticket) -> dict[str, Any]:
    """What this dialect keeps with a ticket."""
    found: dict[str, Any] = json.loads(ticket.note) if ticket.note else {}
    return found


def order_row(upstox: Upstox, client: Client, step: OrderStep, *, word: str = "") -> dict[str, Any]:
    """One order as the order book shows it; `word` replaces its status."""
    ticket, note = step.ticket, note_of(step.ticket)
    strange = upstox.faults.standing(FaultKind.UNKNOWN_STATUS, user=client.user.user_id)
    status = word or (strange.text if strange else status_word(step))
    rejected = step.status is OrderStatus.REJECTED
    at_exchange = not rejected and not step.queued and status not in (*RECEIVED, "open pending")
    instrument = upstox.house.instruments[ticket.isin]
    shown = order_number(upstox, client, step)
    ended = step.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED)
    return {
        "exchange": instrument.exchange,
        "product": LETTERS[ticket.product],
        "price": number(ticket.limit),
        "quantity": ticket.qty,
        "status": status,
        "guid": None,
        "tag": upstox.faults.tag(ticket.tag) if ticket.tag else None,
        "instrument_token": key_of(instrument),
        "placed_by": BROKER if ticket.by_broker else client.user.user_id,
        "trading_symbol": ticket.symbol,
        "tradingsymbol": ticket.symbol,
        "order_type": note.get("order_type") or ticket.order_type.value,
        "validity": ticket.validity.value,
        "trigger_price": number(ticket.trigger),
        "disclosed_quantity": note.get("disclosed_quantity", 0),
        "transaction_type": ticket.side.value,
        "average_price": number(step.paid.paise / step.filled / 100 if step.filled else 0),
        "filled_quantity": step.filled,
        "pending_quantity": step.remaining if step.is_open else 0,
        "status_message": step.reason or None if rejected or ended else None,
        "status_message_raw": f"RMS:{step.reason}" if rejected else None,
        "exchange_order_id": exchange_number(client, step.order_id) if at_exchange else None,
        "parent_order_id": upstox.parents.get(step.order_id),
        "order_id": shown,
        "variety": "SIMPLE",
        "order_timestamp": stamp(step.placed_at),
        "exchange_timestamp": stamp(step.at) if at_exchange else None,
        "is_amo": ticket.amo,
        "order_request_id": str(1 + step.modifications),
        "order_ref_id": shown[::-1],
    }


def history_rows(upstox: Upstox, client: Client, steps: list[OrderStep]) -> list[dict[str, Any]]:
    """Every status an order of the day has shown, oldest first, without a pending quantity."""
    rows = [
        order_row(upstox, client, step, word=word) for step in steps for word in passed_words(step)
    ]
    gone = ("pending_quantity", "guid", "status_message_raw", "order_ref_id")
    return [{name: value for name, value in row.items() if name not in gone} for row in rows]


def trade_row(upstox: Upstox, client: Client, trade: Traded) -> dict[str, Any]:
    """One trade as the trade book shows it."""
    step = client.record.steps[trade.order_id][0]
    instrument = upstox.house.instruments[trade.isin]
    shown = order_number(upstox, client, step)
    return {
        "exchange": instrument.exchange,
        "product": LETTERS[trade.product],
        "trading_symbol": trade.symbol,
        "tradingsymbol": trade.symbol,
        "instrument_token": key_of(instrument),
        "order_type": step.ticket.order_type.value,
        "transaction_type": trade.side.value,
        "quantity": trade.qty,
        "exchange_order_id": exchange_number(client, trade.order_id),
        "order_id": shown,
        "exchange_timestamp": stamp(trade.at),
        "average_price": number(trade.price),
        "trade_id": trade_number(client, trade.trade_id),
        "order_ref_id": shown[::-1],
        "order_timestamp": stamp(step.placed_at),
    }


def side_of(text: object) -> Side | None:
    """BUY or SELL, or None."""
    return Side(str(text)) if str(text) in set(Side) else None
