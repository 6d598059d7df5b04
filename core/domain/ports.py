"""What the desk needs from the outside world, as a few small Protocols.

Nothing there is an empty answer; failing to ask raises an error from core.errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.domain.event import Event
from core.domain.money import Money
from core.domain.order import Fill, Order, OrderStatus, Product, Side
from core.domain.quote import Quote


@dataclass(frozen=True, slots=True)
class BrokerOrder:
    """An order as the broker tells it; `status` is ours, `broker_status` its own word."""

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


@dataclass(frozen=True, slots=True)
class GttOrder:
    """A broker-held stop-and-target pair; one leg firing cancels the other."""

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

    def modify(self, broker_order_id: str, *, limit: Money) -> None:
        """Change an open order's price in place; asking twice for the same is harmless."""

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
