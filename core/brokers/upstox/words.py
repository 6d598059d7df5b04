"""Upstox's orders and trades as domain values, and our orders in Upstox's words.

Rows of futures, options, currencies and commodities are set aside by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

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
from core.brokers.upstox import NAME
from core.brokers.upstox.shares import SEGMENTS, Shares, UpstoxShare, parted
from core.domain.money import Money
from core.domain.order import Order, OrderStatus, OrderType, Product, Validity
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


def is_known(status: str) -> bool:
    """Whether Upstox's documents name this status word."""
    return status in ENDED or status in WORKING


def read_orders(found: Any, shares: Shares) -> Taken[UpstoxOrder]:
    """Every order of the cash segments; one of a share the desk does not know keeps its name."""
    rows = rows_of(found, NAME, "orders")
    kept = [_order(row, shares) for row in rows if parted(key_in(row))[1]]
    aside = [set_aside(row) for row in rows if not parted(key_in(row))[1]]
    return Taken(tuple(kept), tuple(aside))


def read_trades(found: Any, shares: Shares) -> Trades:
    """Fills in the order Upstox gives them."""
    return trades_of(
        rows_of(found, NAME, "trades"),
        share=lambda row: shares.by_key(key_in(row)),
        product=product_of,
        at=lambda row: row.moment("exchange_timestamp") or row.moment("order_timestamp"),
        aside=set_aside,
    )


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
        fields["price"] = as_float(order.limit_price)
    if order.order_type in STOPS and order.trigger_price is not None:
        fields["trigger_price"] = as_float(order.trigger_price)
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
        "price": as_float(price_now) if price_now else 0.0,
        "trigger_price": as_float(trigger_now) if trigger_now else 0.0,
        **({"quantity": qty} if qty else {}),
    }


def product_of(row: Row) -> Product | None:
    """CNC or MIS; None for what the desk does not trade."""
    return PRODUCTS.get(row.word("product"))


def key_in(row: Row) -> str:
    """The key of the share that a row names."""
    return row.word("instrument_token")


def called(row: Row) -> str:
    """A row's trading symbol, which Upstox writes in two ways."""
    return row.word("trading_symbol") or row.word("tradingsymbol")


def set_aside(row: Row) -> NotTaken:
    """Name a row that the desk does not trade."""
    segment, product = parted(key_in(row))[0], row.word("product")
    if segment not in SEGMENTS:
        why = f"{segment or 'its segment'} is not an equity segment"
    elif product and product not in PRODUCTS:
        why = f"product {product} is neither D nor I"
    else:
        why = "no share of the desk's universe has this name"
    return NotTaken(row.call, f"{row.word('exchange')}:{called(row)}", why)


def _order(row: Row, shares: Shares) -> UpstoxOrder:
    return UpstoxOrder(
        told=_told(row, shares),
        exchange_order_id=row.word("exchange_order_id"),
        parent_order_id=row.word("parent_order_id"),
        order_ref_id=row.word("order_ref_id"),
        request_id=row.word("order_request_id"),
        exchange=row.word("exchange"),
        key=key_in(row),
        variety=row.word("variety"),
        product=product_of(row),
        order_type=type_of(row),
        validity=validity_of(row),
        trigger=row.price("trigger_price"),
        avg_price=row.price("average_price"),
        pending_qty=row.whole_or("pending_quantity", 0),
        disclosed_qty=row.whole_or("disclosed_quantity", 0),
        is_amo=row.get("is_amo") is True,
        placed_by=row.word("placed_by"),
        guid=row.word("guid"),
        raw_reason=row.word("status_message_raw"),
        placed_at=row.moment("order_timestamp"),
        exchange_at=row.moment("exchange_timestamp"),
    )


def _told(row: Row, shares: Shares) -> BrokerOrder:
    key = key_in(row)
    share = shares.by_key(key)
    return order_of(
        row,
        isin=parted(key)[1],
        symbol=share.symbol if share else called(row),
        tag=row.word("tag"),
        product=product_of(row),
        ended=ENDED,
    )
