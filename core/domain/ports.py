"""What the desk needs from the outside world, as a few small Protocols.

Nothing there is an empty answer; failing to ask raises an error from core.errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.domain.event import Event
from core.domain.money import ZERO, Money
from core.domain.order import Fill, Order, OrderStatus, Product, Side
from core.domain.quote import Quote


@dataclass(frozen=True, slots=True)
class BrokerOrder:
    """An order as the broker tells it; `status` is ours, `broker_status` its own word.

    `parts` are the broker's ids of what it made of the order, where it was sliced.
    """

    broker_order_id: str
    tag: str
    symbol: str
    isin: str
    side: Side
    qty: int
    filled_qty: int
    status: OrderStatus
    broker_status: str
    reason: str
    limit: Money | None = None  # as it stands now, after every change
    trigger: Money | None = None  # the same of a stop order's trigger
    product: Product | None = None  # None where the broker says one that the desk does not trade
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GttOrder:
    """A broker-held stop-and-target pair; one leg firing cancels the other.

    `stop_alone` says that this broker ties no target to a stop, so that the desk keeps it.
    """

    gtt_id: str
    symbol: str
    isin: str
    side: Side
    qty: int
    stop: Money
    target: Money
    product: Product
    active: bool
    fired_order_id: str = ""
    reason: str = ""
    # limits of the orders it sends, and the broker's word; None and empty where it tells none
    stop_limit: Money | None = None
    target_limit: Money | None = None
    broker_status: str = ""
    stop_alone: bool = False


@dataclass(frozen=True, slots=True)
class BrokerPosition:
    """One share and product as today's trades left it; `qty` is signed.

    `bought` and `sold` are today's and overnight's rupees together, as the broker adds them.
    """

    isin: str
    symbol: str
    exchange: str
    product: Product
    qty: int
    overnight_qty: int
    day_bought_qty: int
    day_sold_qty: int
    avg_price: Money
    ltp: Money
    prev_close: Money
    bought: Money
    sold: Money
    pnl: Money

    @property
    def day_qty(self) -> int:
        """What today's trades added, signed."""
        return self.day_bought_qty - self.day_sold_qty


@dataclass(frozen=True, slots=True)
class BrokerHolding:
    """Delivery shares in the demat account or on their way there, as the day began.

    `opening_qty` was carried over the night, `settled_qty` is in the demat account, `t1_qty`
    arrives, `sold_qty` was sold out of it today, `pledged_qty` cannot be sold.
    """

    isin: str
    symbol: str
    exchange: str
    opening_qty: int
    qty: int
    settled_qty: int
    t1_qty: int
    sold_qty: int
    authorised_qty: int
    pledged_qty: int
    avg_price: Money
    ltp: Money
    prev_close: Money
    pnl: Money
    disputed: bool = False  # the broker itself marks a discrepancy


@dataclass(frozen=True, slots=True)
class Funds:
    """Rupees for equity at the broker; `available` is what a new order may use now.

    `paid_in` and `paid_out` came from and went to the bank today; ₹0 for what a broker does not
    tell.
    """

    available: Money
    cash: Money
    opening: Money
    collateral: Money
    paid_in: Money
    used: Money
    paid_out: Money = ZERO


@dataclass(frozen=True, slots=True)
class MarginEstimate:
    """What the broker would block for an order, and the charges it foresees."""

    symbol: str
    required: Money
    charges: Money
    leverage: float


@dataclass(frozen=True, slots=True)
class ChargeEstimate:
    """The broker's own forecast of one order's charges, each rounded to the paisa."""

    symbol: str
    brokerage: Money
    transaction_tax: Money
    exchange_fee: Money
    sebi_fee: Money
    stamp_duty: Money
    gst: Money
    total: Money


@dataclass(frozen=True, slots=True)
class Candle:
    """Prices of one span that began at `at`, UTC, in today's share terms."""

    at: datetime
    open: Money
    high: Money
    low: Money
    close: Money
    volume: int


@dataclass(frozen=True, slots=True)
class BrokerProfile:
    """Who is logged in, and what this person may trade, in the broker's words."""

    user_id: str
    name: str
    broker: str
    exchanges: tuple[str, ...]
    products: tuple[str, ...]
    order_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A row of the broker's that the desk does not trade, by name, so that nothing is lost."""

    call: str
    name: str
    why: str


class EventSource(Protocol):
    """News or filings."""

    def events(self, since: datetime, until: datetime) -> Sequence[Event]:
        """Items with `since < known_at <= until`, oldest first."""


class QuoteSource(Protocol):
    """Last prices."""

    def quotes(self, isins: Sequence[str]) -> Sequence[Quote]:
        """One quote per known ISIN; an unknown one raises NotFound."""


class BrokerReader(Protocol):
    """Reads at a broker; safe to repeat."""

    def orders(self) -> Sequence[BrokerOrder]:
        """Every order of the broker's day."""

    def trades(self) -> Sequence[Fill]:
        """Every trade of the broker's day; order_id holds the broker's order id."""

    def gtts(self) -> Sequence[GttOrder]:
        """Active and lately fired GTTs."""

    def holdings(self) -> dict[str, int]:
        """Net shares by ISIN, unsettled ones included."""


class BrokerWriter(Protocol):
    """Writes at a broker; never repeated blindly.

    BrokerRefused is a definite no, Throttled means it was not accepted, OutcomeUnknown means
    look it up by tag.
    """

    def place(self, order: Order) -> str:
        """Send one order and return the broker's order id."""

    def cancel(self, broker_order_id: str) -> None:
        """Ask for a cancel; whether it came in time is read back."""

    def modify(
        self,
        broker_order_id: str,
        *,
        limit: Money | None = None,
        qty: int | None = None,
        trigger: Money | None = None,
    ) -> None:
        """Change an open order in place, what is left out stays; asking twice is harmless.

        `qty` is the whole order's, shares that traded already included.
        """

    def place_gtt(
        self,
        *,
        isin: str,
        symbol: str,
        qty: int,
        side: Side,
        stop: Money,
        target: Money,
        product: Product,
    ) -> str:
        """Rest a stop-and-target pair for `qty` held shares; returns its id."""

    def modify_gtt(self, gtt_id: str, *, qty: int, stop: Money, target: Money) -> None:
        """Change a resting pair in place."""

    def cancel_gtt(self, gtt_id: str) -> None:
        """Take a resting pair away."""


class BrokerSession(BrokerReader, BrokerWriter, Protocol):
    """One login's open session, for the worker alone."""


class BrokerMore(Protocol):
    """What a real broker tells besides, and a stop that rests alone."""

    def positions(self) -> Sequence[BrokerPosition]:
        """Today's positions by share and product; what is flat again stays in the list."""

    def holding_rows(self) -> Sequence[BrokerHolding]:
        """Delivery shares as the broker lists them."""

    def funds(self) -> Funds:
        """Money for equity orders."""

    def quotes(self, isins: Sequence[str]) -> Sequence[Quote]:
        """One quote per ISIN; an unknown one raises NotFound."""

    def candles(
        self, isin: str, start: datetime, end: datetime, *, minutes: int
    ) -> Sequence[Candle]:
        """Candles of so many minutes, 0 for whole days; BadInput for a span too long to ask."""

    def margin(self, order: Order) -> MarginEstimate:
        """What an order would block; nothing is sent to the exchange."""

    def charges(self, orders: Sequence[Order]) -> Sequence[ChargeEstimate]:
        """What each priced order would cost, in the order given."""

    def profile(self) -> BrokerProfile:
        """Who is logged in."""

    @property
    def not_taken(self) -> Sequence[NotTaken]:
        """Rows of the last reads that the desk does not trade."""
