"""What goes into the exchange and what comes out: requests, orders, GTTs and event values.

Every change is an event; nothing else may touch the book. `at` is exchange time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from core.domain.money import Money
from core.domain.order import OrderStatus, OrderType, Product, Side, Validity


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request to trade; `tag` is the client's and is never checked for uniqueness.

    `note` is the broker's own and comes back as it was given; the exchange never reads it. `fee`
    marks an order the broker sends itself and takes that much for. `amo` is given while the market
    is shut, and waits at the broker for the open.
    """

    tag: str
    isin: str
    symbol: str
    side: Side
    qty: int
    order_type: OrderType
    product: Product
    validity: Validity
    limit: Money | None
    trigger: Money | None
    gtt_id: str = ""
    note: str = ""
    fee: Money | None = None
    amo: bool = False

    @property
    def by_broker(self) -> bool:
        """Whether the broker sends it of its own accord, as it does at the square-off."""
        return self.fee is not None

    @property
    def is_stop(self) -> bool:
        """Whether it sleeps until a trigger price is traded."""
        return self.order_type in (OrderType.SL, OrderType.SL_M)

    @property
    def worst(self) -> Money | None:
        """The worst price it takes; None takes any price inside the band."""
        return self.limit if self.order_type in (OrderType.LIMIT, OrderType.SL) else None


@dataclass(frozen=True, slots=True)
class BookOrder:
    """An order as the exchange holds it; `filled` counts shares.

    A `queued` one waits at the broker and has not reached the exchange.
    """

    order_id: str
    ticket: Ticket
    placed_at: datetime
    status: OrderStatus
    filled: int = 0
    triggered: bool = False
    modifications: int = 0
    reason: str = ""
    queued: bool = False

    @property
    def remaining(self) -> int:
        """Shares still to trade; a finished order has none."""
        return self.ticket.qty - self.filled if self.status is OrderStatus.OPEN else 0


class GttLeg(StrEnum):
    """Which side of a GTT was reached."""

    STOP = "stop"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class Gtt:
    """A trigger that rests at the broker over nights; with both prices it is an OCO pair.

    A leg's own limit is what its child order asks; without one the rules say how far through.
    """

    gtt_id: str
    isin: str
    symbol: str
    side: Side
    qty: int
    product: Product
    stop: Money | None
    target: Money | None
    placed_at: datetime
    active: bool = True
    fired_order_id: str = ""
    closed_at: datetime | None = None
    reason: str = ""
    stop_limit: Money | None = None
    target_limit: Money | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An order stands in the book."""

    at: datetime
    order_id: str
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Rejected:
    """An order was turned down and is finished."""

    at: datetime
    order_id: str
    ticket: Ticket
    reason: str


@dataclass(frozen=True, slots=True)
class Triggered:
    """A stop order woke up; that is not a fill."""

    at: datetime
    order_id: str


@dataclass(frozen=True, slots=True)
class Traded:
    """Shares changed hands; `qty` is positive and `side` is the order's."""

    at: datetime
    order_id: str
    trade_id: str
    isin: str
    symbol: str
    side: Side
    qty: int
    price: Money
    product: Product


@dataclass(frozen=True, slots=True)
class Modified:
    """An open order changed in place; None of the last three stays what it was."""

    at: datetime
    order_id: str
    qty: int
    limit: Money | None
    trigger: Money | None
    order_type: OrderType | None = None
    validity: Validity | None = None
    note: str | None = None

    def of(self, ticket: Ticket) -> Ticket:
        """The ticket after the change."""
        return replace(
            ticket,
            qty=self.qty,
            limit=self.limit,
            trigger=self.trigger,
            order_type=self.order_type or ticket.order_type,
            validity=self.validity or ticket.validity,
            note=ticket.note if self.note is None else self.note,
        )


@dataclass(frozen=True, slots=True)
class Released:
    """An order that waited at the broker for the open was sent to the exchange."""

    at: datetime
    order_id: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a client asks: `qty` shares of today's position on `side`, from `old` into `new`."""

    isin: str
    side: Side
    qty: int
    old: Product
    new: Product


@dataclass(frozen=True, slots=True)
class Converted:
    """Shares of a position of the day stand in another product."""

    at: datetime
    asked: Conversion


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The rest of an order was taken away."""

    at: datetime
    order_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """The exchange rejected an order that the broker had already accepted."""

    at: datetime
    order_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Expired:
    """The rest of an order lived as long as its validity."""

    at: datetime
    order_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class GttPlaced:
    """A GTT rests at the broker."""

    at: datetime
    gtt: Gtt


@dataclass(frozen=True, slots=True)
class GttModified:
    """A resting GTT changed in place."""

    at: datetime
    gtt_id: str
    qty: int
    stop: Money | None
    target: Money | None
    stop_limit: Money | None = None
    target_limit: Money | None = None


@dataclass(frozen=True, slots=True)
class GttFired:
    """A trigger price was traded; the child order it sent is `order_id` and may be rejected."""

    at: datetime
    gtt_id: str
    leg: GttLeg
    order_id: str


@dataclass(frozen=True, slots=True)
class GttCancelled:
    """A resting GTT was taken away."""

    at: datetime
    gtt_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """A cancel, a modification or a GTT that cannot be; nothing changed."""

    at: datetime
    subject_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class DayOpened:
    """A new day at the broker: yesterday's book is wiped and older purchases have settled."""

    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Credited:
    """Settled shares arrived (or left, when negative) without a trade; `price` is their cost."""

    at: datetime
    isin: str
    qty: int
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class TermsChanged:
    """Shares of a client went ex: `new` stand for `old` held, and `cash` is paid for a fraction."""

    at: datetime
    action_id: str
    isin: str
    kind: str
    new: int
    old: int
    qty_before: int
    qty: int
    cash: Money


@dataclass(frozen=True, slots=True)
class Entitled:
    """A dividend is owed on the shares held as its ex-date began, and paid from `pays_on` on."""

    at: datetime
    action_id: str
    isin: str
    qty: int
    per_share: Money
    pays_on: date


@dataclass(frozen=True, slots=True)
class Charged:
    """The broker took `amount` for an order it sent itself."""

    at: datetime
    order_id: str
    isin: str
    amount: Money
    words: str


@dataclass(frozen=True, slots=True)
class ClosedOut:
    """Shares that were sold and not delivered were bought in at `price`, at the client's cost."""

    at: datetime
    isin: str
    qty: int
    price: Money
    words: str


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """The client added money (+) or had it paid out to the bank (-)."""

    at: datetime
    amount: Money


@dataclass(frozen=True, slots=True)
class PaidOut:
    """Money of a corporate action reached the client."""

    at: datetime
    action_id: str
    isin: str
    amount: Money
    words: str


ExchangeEvent = (
    Accepted
    | Rejected
    | Triggered
    | Traded
    | Modified
    | Cancelled
    | TurnedDown
    | Expired
    | GttPlaced
    | GttModified
    | GttFired
    | GttCancelled
    | RequestRefused
    | DayOpened
    | Credited
    | TermsChanged
    | Entitled
    | PaidOut
    | Charged
    | Released
    | Converted
    | ClosedOut
    | MoneyMoved
)
