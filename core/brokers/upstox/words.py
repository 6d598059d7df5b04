"""Upstox's orders and trades as domain values, and our orders in Upstox's words.

A status word that is not known leaves the order open and is kept, so that an alarm can be raised.
A trade without a price is held back, for the same trade comes again with one. Rows of futures,
options, currencies and commodities are set aside by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core.brokers.upstox.plain import Row, in_upstox, moment, price, rows_of, whole, whole_or, word
from core.brokers.upstox.shares import SEGMENTS, Shares, UpstoxShare, parted
from core.domain.money import Money
from core.domain.order import Fill, Order, OrderStatus, OrderType, Product, Side, Validity
from core.domain.ports import BrokerOrder, NotTaken
from core.errors import SourceWrong

ENDED: Final = {
    "complete": OrderStatus.FILLED,
    "cancelled": OrderStatus.CANCELLED,
    "cancelled after market order": OrderStatus.CANCELLED,
    "rejected": OrderStatus.REJECTED,
}
WORKING: Final = frozenset(
    {
        "open",
        "trigger pending",
        "put order req received",
        "validation pending",
        "open pending",
        "modify validation pending",
        "modify pending",
        "modified",
        "not modified",
        "cancel pending",
        "not cancelled",
        "after market order req received",
        "modify after market order req received",
    }
)
PRODUCTS: Final = {"D": Product.CNC, "I": Product.MIS}
LETTERS: Final = {product: letter for letter, product in PRODUCTS.items()}
PRICED: Final = (OrderType.LIMIT, OrderType.SL)
STOPS: Final = (OrderType.SL, OrderType.SL_M)
UNPRICED: Final = (OrderType.MARKET, OrderType.SL_M)
PROTECTION_AUTO: Final = -1.0  # Upstox chooses how far from the last trade


@dataclass(frozen=True, slots=True)
class UpstoxOrder:
    """An order as Upstox tells it; None where its word is none that the desk uses (MTF)."""

    told: BrokerOrder
    exchange_order_id: str
    parent_order_id: str
    order_ref_id: str
    request_id: str
    exchange: str
    key: str
    variety: str
    product: Product | None
    order_type: OrderType | None
    validity: Validity | None
    trigger: Money | None
    avg_price: Money | None
    pending_qty: int
    disclosed_qty: int
    is_amo: bool
    placed_by: str
    guid: str
    raw_reason: str
    placed_at: datetime | None
    exchange_at: datetime | None


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

    rows: tuple[UpstoxOrder, ...]
    not_taken: tuple[NotTaken, ...]


@dataclass(frozen=True, slots=True)
class Trades:
    """One read of the trade book."""

    fills: tuple[Fill, ...]
    incomplete: tuple[Incomplete, ...]
    not_taken: tuple[NotTaken, ...]


def is_known(status: str) -> bool:
    """Whether Upstox's documents name this status word."""
    return status in ENDED or status in WORKING


def read_orders(found: Any, shares: Shares) -> Orders:
    """Every order of the cash segments; one of a share the desk does not know keeps its name."""
    kept, aside = [], []
    for row in rows_of(found, "orders"):
        if parted(word(row, "instrument_token"))[1]:
            kept.append(_order(row, shares))
        else:
            aside.append(set_aside("orders", row))
    return Orders(tuple(kept), tuple(aside))


def read_trades(found: Any, shares: Shares) -> Trades:
    """Fills in the order Upstox gives them; the account is the desk's to know and left empty."""
    fills: list[Fill] = []
    incomplete: list[Incomplete] = []
    aside: list[NotTaken] = []
    for row in rows_of(found, "trades"):
        share = shares.by_key(word(row, "instrument_token"))
        product = PRODUCTS.get(word(row, "product"))
        if share is None or product is None:
            aside.append(set_aside("trades", row))
        elif why := _why_incomplete(row):
            incomplete.append(_incomplete(row, share, why))
        else:
            fills.append(_fill(row, share, product))
    return Trades(tuple(fills), tuple(incomplete), tuple(aside))


def order_fields(order: Order, share: UpstoxShare) -> dict[str, Any]:
    """The fields of Upstox's PlaceOrderV3Request."""
    fields: dict[str, Any] = {
        "quantity": order.qty,
        "product": LETTERS[order.product],
        "validity": order.validity.value,
        "price": 0.0,
        "tag": order.tag,
        "instrument_token": share.key,
        "order_type": order.order_type.value,
        "transaction_type": order.side.value,
        "disclosed_quantity": 0,
        "trigger_price": 0.0,
        "is_amo": False,
        "slice": False,
    }
    if order.order_type in PRICED and order.limit_price is not None:
        fields["price"] = in_upstox(order.limit_price)
    if order.order_type in STOPS and order.trigger_price is not None:
        fields["trigger_price"] = in_upstox(order.trigger_price)
    if order.order_type in UNPRICED:
        fields["market_protection"] = PROTECTION_AUTO
    return fields


def change_fields(
    stands: UpstoxOrder, *, limit: Money | None, qty: int | None, trigger: Money | None
) -> dict[str, Any]:
    """The fields of Upstox's ModifyOrderRequest, which wants again what stays.

    Raises SourceWrong for an order of a type or validity that the desk does not use.
    """
    if stands.order_type is None or stands.validity is None:
        raise SourceWrong(
            f"order {stands.told.broker_order_id} is of a kind the desk cannot change"
        )
    price_now, trigger_now = limit or stands.told.limit, trigger or stands.trigger
    return {
        "order_id": stands.told.broker_order_id,
        "order_type": stands.order_type.value,
        "validity": stands.validity.value,
        "price": in_upstox(price_now) if price_now else 0.0,
        "trigger_price": in_upstox(trigger_now) if trigger_now else 0.0,
        **({"quantity": qty} if qty else {}),
    }


def side_of(row: Row, call: str) -> Side:
    """Which way an order went."""
    text = word(row, "transaction_type")
    if text not in set(Side):
        raise SourceWrong(f"Upstox's {call}: transaction_type {text!r} is neither BUY nor SELL")
    return Side(text)


def called(row: Row) -> str:
    """A row's trading symbol, which Upstox writes in two ways."""
    return word(row, "trading_symbol") or word(row, "tradingsymbol")


def set_aside(call: str, row: Row) -> NotTaken:
    """Name a row that the desk does not trade."""
    segment, _ = parted(word(row, "instrument_token"))
    product = word(row, "product")
    name = f"{word(row, 'exchange')}:{called(row)}"
    if segment not in SEGMENTS:
        why = f"{segment or 'its segment'} is not an equity segment"
    elif product and product not in PRODUCTS:
        why = f"product {product} is neither D nor I"
    else:
        why = "no share of the desk's universe has this name"
    return NotTaken(call, name, why)


def _order(row: Row, shares: Shares) -> UpstoxOrder:
    kind, stands = word(row, "order_type"), word(row, "validity")
    return UpstoxOrder(
        told=_told(row, shares),
        exchange_order_id=word(row, "exchange_order_id"),
        parent_order_id=word(row, "parent_order_id"),
        order_ref_id=word(row, "order_ref_id"),
        request_id=word(row, "order_request_id"),
        exchange=word(row, "exchange"),
        key=word(row, "instrument_token"),
        variety=word(row, "variety"),
        product=PRODUCTS.get(word(row, "product")),
        order_type=OrderType(kind) if kind in set(OrderType) else None,
        validity=Validity(stands) if stands in set(Validity) else None,
        trigger=price(row, "trigger_price", "orders"),
        avg_price=price(row, "average_price", "orders"),
        pending_qty=whole_or(row, "pending_quantity", "orders", 0),
        disclosed_qty=whole_or(row, "disclosed_quantity", "orders", 0),
        is_amo=row.get("is_amo") is True,
        placed_by=word(row, "placed_by"),
        guid=word(row, "guid"),
        raw_reason=word(row, "status_message_raw"),
        placed_at=moment(row, "order_timestamp", "orders"),
        exchange_at=moment(row, "exchange_timestamp", "orders"),
    )


def _told(row: Row, shares: Shares) -> BrokerOrder:
    status, order_id = word(row, "status"), word(row, "order_id")
    if not order_id:
        raise SourceWrong("Upstox's orders: a row has no order_id; read the book again")
    key = word(row, "instrument_token")
    share = shares.by_key(key)
    return BrokerOrder(
        broker_order_id=order_id,
        tag=word(row, "tag"),
        symbol=share.symbol if share else called(row),
        isin=parted(key)[1],
        side=side_of(row, "orders"),
        qty=whole(row, "quantity", "orders"),
        filled_qty=whole_or(row, "filled_quantity", "orders", 0),
        status=ENDED.get(status, OrderStatus.OPEN),
        broker_status=status,
        reason=word(row, "status_message") or word(row, "status_message_raw"),
        limit=price(row, "price", "orders"),
        trigger=price(row, "trigger_price", "orders"),
        product=PRODUCTS.get(word(row, "product")),
    )


def _why_incomplete(row: Row) -> str:
    if price(row, "average_price", "trades") is None:
        return "it has no price yet"
    if whole_or(row, "quantity", "trades", 0) <= 0:
        return "it has no quantity yet"
    if _traded_at(row) is None:
        return "it has no time yet"
    return "" if word(row, "trade_id") and word(row, "order_id") else "it has no number yet"


def _traded_at(row: Row) -> datetime | None:
    return moment(row, "exchange_timestamp", "trades") or moment(row, "order_timestamp", "trades")


def _incomplete(row: Row, share: UpstoxShare, why: str) -> Incomplete:
    return Incomplete(
        order_id=word(row, "order_id"),
        trade_id=word(row, "trade_id"),
        exchange=word(row, "exchange"),
        symbol=share.symbol,
        why=why,
    )


def _fill(row: Row, share: UpstoxShare, product: Product) -> Fill:
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
