"""Kite's orders and trades as domain values, and our orders in Kite's words.

Rows of futures, options, currencies and commodities are set aside by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from core.brokers.kite import NAME
from core.brokers.kite.shares import KiteShare, Shares
from core.brokers.plain import Row, as_float, rows_of
from core.brokers.rows import (
    PRICED,
    STOPS,
    UNPRICED,
    Taken,
    Trades,
    order_of,
    trades_of,
    type_of,
    validity_of,
)
from core.domain.money import Money
from core.domain.order import Order, OrderStatus, OrderType, Product, Validity
from core.domain.ports import BrokerOrder, NotTaken

EQUITY: Final = frozenset({"NSE", "BSE"})
REGULAR: Final = "regular"
ENDED: Final = {
    "COMPLETE": OrderStatus.FILLED,
    "CANCELLED": OrderStatus.CANCELLED,
    "REJECTED": OrderStatus.REJECTED,
}
# Kite passes the order system's own words through; these are the ones its documents name
WORKING: Final = frozenset(
    {
        "OPEN",
        "TRIGGER PENDING",
        "PUT ORDER REQ RECEIVED",
        "VALIDATION PENDING",
        "OPEN PENDING",
        "MODIFY VALIDATION PENDING",
        "MODIFY PENDING",
        "CANCEL PENDING",
        "AMO REQ RECEIVED",
    }
)
PROTECTION_AUTO: Final = -1  # Kite chooses how far from the last trade; 0 is refused since Apr 2026


@dataclass(frozen=True, slots=True)
class KiteOrder:
    """An order as Kite tells it; None where its word is none that the desk uses (MTF, TTL)."""

    told: BrokerOrder
    exchange_order_id: str
    parent_order_id: str
    exchange: str
    variety: str
    product: Product | None
    order_type: OrderType | None
    validity: Validity | None
    trigger: Money | None
    avg_price: Money | None
    pending_qty: int
    cancelled_qty: int
    market_protection: Decimal
    placed_at: datetime | None
    updated_at: datetime | None
    exchange_at: datetime | None
    tags: tuple[str, ...]


def is_known(status: str) -> bool:
    """Whether Kite's documents name this status word."""
    return status in ENDED or status in WORKING


def read_orders(found: Any, shares: Shares) -> Taken[KiteOrder]:
    """Every order of NSE and BSE; one of a share the desk does not know keeps Kite's name."""
    rows = rows_of(found, NAME, "orders")
    kept = [_order(row, shares) for row in rows if row.word("exchange") in EQUITY]
    aside = [set_aside(row) for row in rows if row.word("exchange") not in EQUITY]
    return Taken(tuple(kept), tuple(aside))


def read_trades(found: Any, shares: Shares) -> Trades:
    """Fills in the order Kite gives them."""
    return trades_of(
        rows_of(found, NAME, "trades"),
        share=lambda row: share_of(row, shares),
        product=product_of,
        at=lambda row: row.moment("fill_timestamp") or row.moment("exchange_timestamp"),
        aside=set_aside,
    )


def order_fields(order: Order, share: KiteShare) -> dict[str, Any]:
    """The arguments of Kite's place_order; prices as text, exact to the paisa."""
    fields: dict[str, Any] = {
        "variety": REGULAR,
        "exchange": share.exchange,
        "tradingsymbol": share.called,
        "transaction_type": order.side.value,
        "quantity": order.qty,
        "product": order.product.value,
        "order_type": order.order_type.value,
        "validity": order.validity.value,
        "tag": order.tag,
    }
    if order.order_type in PRICED and order.limit_price is not None:
        fields["price"] = as_text(order.limit_price)
    if order.order_type in STOPS and order.trigger_price is not None:
        fields["trigger_price"] = as_text(order.trigger_price)
    if order.order_type in UNPRICED:
        fields["market_protection"] = PROTECTION_AUTO
    return fields


def estimate_fields(order: Order, share: KiteShare) -> dict[str, Any]:
    """The same order as Kite's margin calculation wants it."""
    return {
        "exchange": share.exchange,
        "tradingsymbol": share.called,
        "transaction_type": order.side.value,
        "variety": REGULAR,
        "product": order.product.value,
        "order_type": order.order_type.value,
        "quantity": order.qty,
        "price": as_float(order.limit_price) if order.limit_price else 0,
        "trigger_price": as_float(order.trigger_price) if order.trigger_price else 0,
    }


def as_text(amount: Money) -> str:
    """Rupees with two decimals, as a form field takes them."""
    return f"{amount.in_rupees:.2f}"


def product_of(row: Row) -> Product | None:
    """CNC or MIS; None for what the desk does not trade."""
    text = row.word("product")
    return Product(text) if text in set(Product) else None


def share_of(row: Row, shares: Shares) -> KiteShare | None:
    """The share that a row names; None where the desk does not know it."""
    return shares.named(row.word("exchange"), row.word("tradingsymbol"))


def set_aside(row: Row) -> NotTaken:
    """Name a row that the desk does not trade."""
    exchange, product = row.word("exchange"), row.word("product")
    if exchange not in EQUITY:
        why = f"{exchange} is not an equity segment"
    elif product and product_of(row) is None:
        why = f"product {product} is neither CNC nor MIS"
    else:
        why = "no share of the desk's universe has this name"
    return NotTaken(row.call, called(row), why)


def called(row: Row) -> str:
    """A row's exchange and trading symbol."""
    return f"{row.word('exchange')}:{row.word('tradingsymbol')}"


def _order(row: Row, shares: Shares) -> KiteOrder:
    return KiteOrder(
        told=_told(row, shares),
        exchange_order_id=row.word("exchange_order_id"),
        parent_order_id=row.word("parent_order_id"),
        exchange=row.word("exchange"),
        variety=row.word("variety") or REGULAR,
        product=product_of(row),
        order_type=type_of(row),
        validity=validity_of(row),
        trigger=row.price("trigger_price"),
        avg_price=row.price("average_price"),
        pending_qty=row.whole_or("pending_quantity", 0),
        cancelled_qty=row.whole_or("cancelled_quantity", 0),
        market_protection=_protection(row),
        placed_at=row.moment("order_timestamp"),
        updated_at=row.moment("exchange_update_timestamp"),
        exchange_at=row.moment("exchange_timestamp"),
        tags=row.words("tags"),
    )


def _told(row: Row, shares: Shares) -> BrokerOrder:
    share = share_of(row, shares)
    return order_of(
        row,
        isin=share.isin if share else "",
        symbol=share.symbol if share else row.word("tradingsymbol"),
        tag=_tag(row),
        product=product_of(row),
        ended=ENDED,
    )


def _tag(row: Row) -> str:
    """The client's tag; a slice carries it among `tags`, beside words of Kite's own."""
    if tag := row.word("tag"):
        return tag
    ours = [tag for tag in row.words("tags") if 16 <= len(tag) <= 20 and tag.isalnum()]
    return ours[0] if ours else ""


def _protection(row: Row) -> Decimal:
    return row.decimal("market_protection") if row.has("market_protection") else Decimal(0)


def variety_of(orders: Sequence[KiteOrder]) -> dict[str, str]:
    """Under which variety each order stands; a change or a cancel must name it."""
    return {order.told.broker_order_id: order.variety for order in orders}
