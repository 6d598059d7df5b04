"""An order and its lifecycle.

The status says whether an order still works; how much filled is the sum of its fills, so a
fill that races a cancel needs no transition.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.domain.money import Money
from core.errors import BadInput, IllegalTransition


class Side(StrEnum):
    """Which way an order goes; everywhere else quantity is signed."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        """+1 for BUY, -1 for SELL."""
        return 1 if self is Side.BUY else -1


class Product(StrEnum):
    """CNC is delivery, MIS is intraday."""

    CNC = "CNC"
    MIS = "MIS"


class OrderType(StrEnum):
    """How the order is priced."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    SL = "SL"
    SL_M = "SL-M"


class Validity(StrEnum):
    """How long the order stands."""

    DAY = "DAY"
    IOC = "IOC"


class Purpose(StrEnum):
    """Why the desk sends it; only ENTRY adds exposure."""

    ENTRY = "entry"
    EXIT = "exit"
    STOP = "stop"
    TARGET = "target"


class OrderStatus(StrEnum):
    """Where an order is between our intent and the exchange's last word."""

    PREPARED = "PREPARED"
    SENT = "SENT"
    UNKNOWN = "UNKNOWN"
    OPEN = "OPEN"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    ABSENT = "ABSENT"


S = OrderStatus
NEXT: dict[OrderStatus, frozenset[OrderStatus]] = {
    S.PREPARED: frozenset({S.SENT, S.CANCELLED}),  # committed before a byte leaves
    S.SENT: frozenset({S.OPEN, S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED, S.UNKNOWN}),
    # an unknown outcome is looked up and never resent
    S.UNKNOWN: frozenset({S.OPEN, S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED, S.ABSENT}),
    S.OPEN: frozenset({S.FILLED, S.CANCELLED, S.EXPIRED, S.REJECTED}),  # may reject after the ack
    S.ABSENT: frozenset({S.OPEN, S.FILLED, S.CANCELLED, S.REJECTED}),  # a late order, with an alarm
    **dict.fromkeys((S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED), frozenset()),
}
AWAKE = "OPEN"  # what brokers say of a stop order once its trigger was traded, in any case
WORKING = frozenset({S.PREPARED, S.SENT, S.UNKNOWN, S.OPEN})
TERMINAL = frozenset(status for status, following in NEXT.items() if not following)


@dataclass(frozen=True, slots=True)
class Order:
    """One intent to trade; `id` is ours and `tag` goes to the broker with it."""

    id: str
    tag: str
    plan_id: str
    approval_id: str
    account_id: str
    login_id: str
    isin: str
    symbol: str
    purpose: Purpose
    side: Side
    qty: int
    order_type: OrderType
    product: Product
    validity: Validity
    limit_price: Money | None
    trigger_price: Money | None
    status: OrderStatus
    prepared_at: datetime
    sent_at: datetime | None = None
    broker_order_id: str = ""
    broker_status: str = ""
    reason: str = ""
    version: int = 1

    def __post_init__(self) -> None:
        if self.qty <= 0:
            raise BadInput(f"{self.symbol}: an order for {self.qty} shares; use 1 or more")
        if self.order_type in (OrderType.LIMIT, OrderType.SL) and self.limit_price is None:
            raise BadInput(f"{self.symbol}: a {self.order_type} order needs a limit price")
        if self.order_type in (OrderType.SL, OrderType.SL_M) and self.trigger_price is None:
            raise BadInput(f"{self.symbol}: a {self.order_type} order needs a trigger price")
        for price in (self.limit_price, self.trigger_price):
            if price is not None and price.paise <= 0:
                raise BadInput(f"{self.symbol}: price {price} must be above ₹0")

    @property
    def is_stop_order(self) -> bool:
        """Whether it is a plan's stop as an order at the exchange, and no child of a GTT."""
        return self.purpose is Purpose.STOP and self.order_type in (OrderType.SL, OrderType.SL_M)

    @property
    def sleeps(self) -> bool:
        """Whether it is a stop order that waits for its trigger, as far as the broker told."""
        awake = self.broker_status.upper() == AWAKE
        return self.is_stop_order and self.status in WORKING and not awake

    @property
    def closes(self) -> bool:
        """Whether it takes shares of its plan away; a stop order that never woke does not."""
        if self.purpose is Purpose.ENTRY:
            return False
        woke = self.broker_status.upper() == AWAKE or self.status is S.FILLED
        return woke or not self.is_stop_order


def advance(order: Order, to: OrderStatus, *, reason: str = "") -> Order:
    """Return the order moved to `to`, or raise IllegalTransition."""
    if to not in NEXT[order.status]:
        raise IllegalTransition(f"order {order.id} is {order.status} and cannot become {to}")
    return replace(order, status=to, reason=reason or order.reason, version=order.version + 1)


def tag_for(intent_id: str, *, desk: str) -> str:
    """18 alphanumerics for the broker's tag field: two for the desk, the rest from the intent."""
    if len(desk) != 2 or not desk.isalnum():
        raise BadInput(f"desk instance {desk!r} must be two letters or digits")
    digest = hashlib.sha256(intent_id.encode()).digest()[:10]
    return desk.upper() + base64.b32encode(digest).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade at the exchange; `qty` is signed, and order, trade and exchange name it."""

    order_id: str
    trade_id: str
    exchange: str
    account_id: str
    isin: str
    symbol: str
    qty: int
    price: Money
    product: Product
    traded_at: datetime

    def __post_init__(self) -> None:
        if self.qty == 0:
            raise BadInput(f"{self.symbol}: fill {self.trade_id} is for no shares")
        if self.price.paise <= 0:
            raise BadInput(f"{self.symbol}: fill {self.trade_id} at {self.price}; wait for a price")

    @property
    def notional(self) -> Money:
        """Price times quantity, never negative."""
        return self.price * abs(self.qty)
