"""Orders and trades as rows of Kite's books, and the status words each step goes through."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from core.domain.order import OrderStatus, Product, Side
from core.exchange.values import Ticket, Traded
from core.sandbox.faults import FaultKind
from core.sandbox.house import Client, Happening
from core.sandbox.kite.answers import number, stamp
from core.sandbox.kite.state import Kite, exchange_number, order_number, trade_number
from core.sandbox.record import OrderStep

BROKER = "ADMINSQF"  # who Kite says placed an order of its own square-off
QUEUED = "AMO REQ RECEIVED"
RECEIVED = ("PUT ORDER REQ RECEIVED", "VALIDATION PENDING")
FINAL = {
    OrderStatus.FILLED: "COMPLETE",
    OrderStatus.CANCELLED: "CANCELLED",
    OrderStatus.EXPIRED: "CANCELLED",  # a DAY order that the close ended
    OrderStatus.REJECTED: "REJECTED",
}


def status_word(step: OrderStep) -> str:
    """The word the order book shows."""
    if step.waits:
        return QUEUED
    if step.is_open:
        return "TRIGGER PENDING" if step.sleeps else "OPEN"
    return FINAL[step.status]


def passed_words(step: OrderStep) -> tuple[str, ...]:
    """The words an order goes through on the way to where one event left it."""
    last = status_word(step)
    if step.queued:
        return (RECEIVED[0], last) if step.cause == "Accepted" else (last,)
    match step.cause:
        case "Released":
            return (RECEIVED[1], "OPEN PENDING", last)
        case "Accepted":
            return (*RECEIVED, "OPEN PENDING", last)
        case "Rejected":
            return (*RECEIVED, last)
        case "Modified":
            return ("MODIFY VALIDATION PENDING", "MODIFY PENDING", "MODIFIED", last)
        case "Cancelled":
            return ("CANCEL PENDING", last)
        case _:
            return (last,)


def note_of(ticket: Ticket) -> dict[str, Any]:
    """What this dialect keeps with a ticket: variety, tags, protection, disclosed quantity."""
    found: dict[str, Any] = json.loads(ticket.note) if ticket.note else {}
    return found


def order_row(kite: Kite, client: Client, step: OrderStep, *, word: str = "") -> dict[str, Any]:
    """One order as the order book shows it; `word` replaces its status."""
    ticket, note = step.ticket, note_of(step.ticket)
    strange = kite.faults.standing(FaultKind.UNKNOWN_STATUS, user=client.user.user_id)
    status = word or (strange.text if strange else status_word(step))
    rejected = step.status is OrderStatus.REJECTED
    at_exchange = not rejected and not step.queued and status not in (*RECEIVED, "OPEN PENDING")
    ended = step.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED)
    asked_type = note.get("order_type") or ticket.order_type.value
    row: dict[str, Any] = {
        "account_id": client.user.user_id,
        "placed_by": BROKER if ticket.by_broker else client.user.user_id,
        "order_id": order_number(kite, client, step),
        "exchange_order_id": exchange_number(client, step.order_id) if at_exchange else None,
        "parent_order_id": kite.parents.get(step.order_id),
        "status": status,
        "status_message": step.reason or None if rejected or ended else None,
        "status_message_raw": f"RMS:{step.reason}" if rejected else None,
        "order_timestamp": stamp(step.at),
        "exchange_update_timestamp": stamp(step.at) if at_exchange else None,
        "exchange_timestamp": stamp(step.at) if at_exchange else None,
        "variety": note.get("variety", "regular"),
        "modified": step.modifications > 0,
        "exchange": kite.house.instruments[ticket.isin].exchange,
        "tradingsymbol": ticket.symbol,
        "instrument_token": kite.house.tokens[ticket.isin],
        "order_type": asked_type,
        "transaction_type": ticket.side.value,
        "validity": ticket.validity.value,
        "validity_ttl": 0,
        "product": ticket.product.value,
        "quantity": ticket.qty,
        "disclosed_quantity": note.get("disclosed_quantity", 0),
        "price": number(ticket.limit),
        "trigger_price": number(ticket.trigger),
        "average_price": number(step.paid.paise / step.filled / 100 if step.filled else 0),
        "filled_quantity": step.filled,
        "pending_quantity": 0 if rejected else step.remaining,
        "cancelled_quantity": step.remaining if ended else 0,
        "market_protection": note.get("market_protection", 0),
        "meta": {},
        "tag": kite.faults.tag(ticket.tag) if ticket.tag else None,
        "guid": None,
    }
    tags = [*([row["tag"]] if row["tag"] else []), *note.get("tags", [])]
    return {**row, "tags": tags} if tags else row


def history_rows(kite: Kite, client: Client, steps: list[OrderStep]) -> list[dict[str, Any]]:
    """Every status an order of the day has shown, oldest first."""
    return [
        order_row(kite, client, step, word=word) for step in steps for word in passed_words(step)
    ]


def trade_row(kite: Kite, client: Client, trade: Traded) -> dict[str, Any]:
    """One trade as the trade book shows it; its order's time comes without the day."""
    step = client.record.steps[trade.order_id][0]
    return {
        "trade_id": trade_number(client, trade.trade_id),
        "order_id": order_number(kite, client, step),
        "exchange": kite.house.instruments[trade.isin].exchange,
        "tradingsymbol": trade.symbol,
        "instrument_token": kite.house.tokens[trade.isin],
        "product": trade.product.value,
        "average_price": number(trade.price),
        "quantity": trade.qty,
        "exchange_order_id": exchange_number(client, trade.order_id),
        "transaction_type": trade.side.value,
        "fill_timestamp": stamp(trade.at),
        "order_timestamp": stamp(step.placed_at)[11:],
        "exchange_timestamp": stamp(trade.at),
    }


def is_told(one: Happening) -> bool:
    """Whether stream and postback tell it; Kite tells nothing of an order that still waits."""
    return one.step is not None and not one.step.waits


def update_row(kite: Kite, client: Client, step: OrderStep) -> dict[str, Any]:
    """An order as a postback and the stream tell it, signed with the app's secret.

    A change or a part that traded is told as UPDATE, which the order book never shows.
    """
    partial = step.cause == "Traded" and step.is_open
    word = "UPDATE" if partial or step.cause == "Modified" else ""
    row = order_row(kite, client, step, word=word)
    text = f"{row['order_id']}{row['order_timestamp']}{kite.app.api_secret}"
    return {
        **row,
        "user_id": client.user.user_id,
        "unfilled_quantity": row["pending_quantity"] if step.is_open else 0,
        "app_id": kite.app.app_id,
        "checksum": hashlib.sha256(text.encode()).hexdigest(),
    }


def side_of(text: str) -> Side | None:
    """BUY or SELL, or None."""
    return Side(text) if text in {side.value for side in Side} else None


def product_of(text: str) -> Product | None:
    """CNC or MIS, or None."""
    return Product(text) if text in {product.value for product in Product} else None
