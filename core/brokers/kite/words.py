"""Kite's orders and trades as domain values, and our orders in Kite's words.

A status word that is not known leaves the order open and is kept, so that an alarm can be raised.
A trade without a price is held back, for the same trade comes again with one. Rows of futures,
options, currencies and commodities are set aside by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from core.brokers.kite.plain import (
    Row,
    decimal,
    moment,
    price,
    rows_of,
    whole,
    whole_or,
    word,
)
from core.brokers.kite.shares import KiteShare, Shares
from core.domain.money import Money
from core.domain.order import Fill, Order, OrderStatus, OrderType, Product, Side, Validity
from core.domain.ports import BrokerOrder, NotTaken
from core.errors import SourceWrong

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
PRICED: Final = (OrderType.LIMIT, OrderType.SL)
STOPS: Final = (OrderType.SL, OrderType.SL_M)
UNPRICED: Final = (OrderType.MARKET, OrderType.SL_M)
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


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A trade without a price or a quantity; the fill waits for a later read."""

    order_id: str
    trade_id: str
    exchange: str
    symbol: str
    why: str


@dataclass(frozen=True, slots=True)
class Orders:
    """One read of the order book."""

    rows: tuple[KiteOrder, ...]
    not_taken: tuple[NotTaken, ...]


@dataclass(frozen=True, slots=True)
class Trades:
    """One read of the trade book."""

    fills: tuple[Fill, ...]
    incomplete: tuple[Incomplete, ...]
    not_taken: tuple[NotTaken, ...]


def is_known(status: str) -> bool:
    """Whether Kite's documents name this status word."""
    return status in ENDED or status in WORKING


def read_orders(found: Any, shares: Shares) -> Orders:
    """Every order of NSE and BSE; one of a share the desk does not know keeps Kite's name."""
    kept, aside = [], []
    for row in rows_of(found, "orders"):
        if word(row, "exchange") in EQUITY:
            kept.append(_order(row, shares))
        else:
            aside.append(set_aside("orders", row))
    return Orders(tuple(kept), tuple(aside))


def read_trades(found: Any, shares: Shares) -> Trades:
    """Fills in the order Kite gives them; the account is the desk's to know and left empty."""
    fills: list[Fill] = []
    incomplete: list[Incomplete] = []
    aside: list[NotTaken] = []
    for row in rows_of(found, "trades"):
        share = shares.named(word(row, "exchange"), word(row, "tradingsymbol"))
        product = product_of(word(row, "product"))
        if share is None or product is None:
            aside.append(set_aside("trades", row))
        elif why := _why_incomplete(row):
            incomplete.append(_incomplete(row, share, why))
        else:
            fills.append(_fill(row, share, product))
    return Trades(tuple(fills), tuple(incomplete), tuple(aside))


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
        "price": float(order.limit_price.in_rupees) if order.limit_price else 0,
        "trigger_price": float(order.trigger_price.in_rupees) if order.trigger_price else 0,
    }


def as_text(amount: Money) -> str:
    """Rupees with two decimals, as a form field takes them."""
    return f"{amount.in_rupees:.2f}"


def product_of(text: str) -> Product | None:
    """CNC or MIS; None for what the desk does not trade."""
    return Product(text) if text in set(Product) else None


def side_of(row: Row, call: str) -> Side:
    """Which way an order went."""
    text = word(row, "transaction_type")
    if text not in set(Side):
        raise SourceWrong(f"Kite's {call}: transaction_type {text!r} is neither BUY nor SELL")
    return Side(text)


def set_aside(call: str, row: Row) -> NotTaken:
    """Name a row that the desk does not trade."""
    exchange, product = word(row, "exchange"), word(row, "product")
    name = f"{exchange}:{word(row, 'tradingsymbol')}"
    if exchange not in EQUITY:
        why = f"{exchange} is not an equity segment"
    elif product and product_of(product) is None:
        why = f"product {product} is neither CNC nor MIS"
    else:
        why = "no share of the desk's universe has this name"
    return NotTaken(call, name, why)


def _order(row: Row, shares: Shares) -> KiteOrder:
    share = shares.named(word(row, "exchange"), word(row, "tradingsymbol"))
    tags = tuple(str(tag) for tag in row.get("tags") or ())
    kind, stands = word(row, "order_type"), word(row, "validity")
    return KiteOrder(
        told=_told(row, share, tags),
        exchange_order_id=word(row, "exchange_order_id"),
        parent_order_id=word(row, "parent_order_id"),
        exchange=word(row, "exchange"),
        variety=word(row, "variety") or REGULAR,
        product=product_of(word(row, "product")),
        order_type=OrderType(kind) if kind in set(OrderType) else None,
        validity=Validity(stands) if stands in set(Validity) else None,
        trigger=price(row, "trigger_price", "orders"),
        avg_price=price(row, "average_price", "orders"),
        pending_qty=whole_or(row, "pending_quantity", "orders", 0),
        cancelled_qty=whole_or(row, "cancelled_quantity", "orders", 0),
        market_protection=_protection(row),
        placed_at=moment(row, "order_timestamp", "orders"),
        updated_at=moment(row, "exchange_update_timestamp", "orders"),
        exchange_at=moment(row, "exchange_timestamp", "orders"),
        tags=tags,
    )


def _told(row: Row, share: KiteShare | None, tags: tuple[str, ...]) -> BrokerOrder:
    status = word(row, "status")
    order_id = word(row, "order_id")
    if not order_id:
        raise SourceWrong("Kite's orders: a row has no order_id; read the book again")
    return BrokerOrder(
        broker_order_id=order_id,
        tag=_tag(row, tags),
        symbol=share.symbol if share else word(row, "tradingsymbol"),
        isin=share.isin if share else "",
        side=side_of(row, "orders"),
        qty=whole(row, "quantity", "orders"),
        filled_qty=whole_or(row, "filled_quantity", "orders", 0),
        status=ENDED.get(status, OrderStatus.OPEN),
        broker_status=status,
        reason=word(row, "status_message") or word(row, "status_message_raw"),
        limit=price(row, "price", "orders"),
        trigger=price(row, "trigger_price", "orders"),
        product=product_of(word(row, "product")),
    )


def _tag(row: Row, tags: tuple[str, ...]) -> str:
    """The client's tag; a slice carries it among `tags`, beside words of Kite's own."""
    if tag := word(row, "tag"):
        return tag
    ours = [tag for tag in tags if 16 <= len(tag) <= 20 and tag.isalnum()]
    return ours[0] if ours else ""


def _protection(row: Row) -> Decimal:
    asked = row.get("market_protection")
    return Decimal(0) if asked is None else decimal(row, "market_protection", "orders")


def _why_incomplete(row: Row) -> str:
    if price(row, "average_price", "trades") is None:
        return "it has no price yet"
    if whole_or(row, "quantity", "trades", 0) <= 0:
        return "it has no quantity yet"
    if _traded_at(row) is None:
        return "it has no time yet"
    return "" if word(row, "trade_id") and word(row, "order_id") else "it has no number yet"


def _traded_at(row: Row) -> datetime | None:
    return moment(row, "fill_timestamp", "trades") or moment(row, "exchange_timestamp", "trades")


def _incomplete(row: Row, share: KiteShare, why: str) -> Incomplete:
    return Incomplete(
        order_id=word(row, "order_id"),
        trade_id=word(row, "trade_id"),
        exchange=word(row, "exchange"),
        symbol=share.symbol,
        why=why,
    )


def _fill(row: Row, share: KiteShare, product: Product) -> Fill:
    at, paid = _traded_at(row), price(row, "average_price", "trades")
    assert at is not None and paid is not None  # _why_incomplete looked
    return Fill(
        order_id=word(row, "order_id"),
        trade_id=word(row, "trade_id"),
        exchange=word(row, "exchange"),
        account_id="",
        isin=share.isin,
        symbol=share.symbol,
        qty=whole(row, "quantity", "trades") * side_of(row, "trades").sign,
        price=paid,
        product=product,
        traded_at=at,
    )


def variety_of(orders: Sequence[KiteOrder]) -> dict[str, str]:
    """Under which variety each order stands; a change or a cancel must name it."""
    return {order.told.broker_order_id: order.variety for order in orders}
