"""What reading a broker told about our books: an order looked up, and shares that do not agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.money import Money
from core.domain.order import Fill
from core.domain.ports import BrokerOrder


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the broker's order book told about one order whose outcome is unknown.

    `began` is the monotonic second of the first read. `reads` counts clean reads in a row that
    did not show the order, with the seconds of the `first` and the `last`. `unclear` says why
    only a person can tell; it is empty while time can. `book` and `trades` are the broker's
    orders and trades of that day that belong to no order of ours, as last read, for a person to
    choose from.
    """

    order_id: str
    read_at: datetime
    began: float
    reads: int = 0
    first: float = 0.0
    last: float = 0.0
    unclear: str = ""
    book: tuple[BrokerOrder, ...] = ()
    trades: tuple[Fill, ...] = ()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Shares of one instrument that the broker and the desk's books count differently.

    `worth` is the missing (+) or surplus (-) shares of the books at the last price, None where
    there is none. `arrived_as` is the ISIN under which the broker counts them since an action
    gave the share a new one, empty where it stayed.
    """

    isin: str
    symbol: str
    desk_qty: int
    broker_qty: int
    worth: Money | None
    sentence: str
    since: datetime
    arrived_as: str = ""

    @property
    def qty(self) -> int:
        """Shares the books lack; below zero they have too many."""
        return self.broker_qty - self.desk_qty


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One login compared with its broker: shares that differ, and sentences about trades.

    `explained` are shares that differ because an action waits for a person; they hold nothing up.
    Each of their rows says what the broker counts, also while nothing differs yet.
    """

    login_id: str
    at: datetime
    mismatches: tuple[Mismatch, ...] = ()
    trades: tuple[str, ...] = ()
    explained: tuple[Mismatch, ...] = ()
