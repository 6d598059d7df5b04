"""The last known price of an instrument, with its age and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.domain.money import Money

SLOW = ", slow"  # ends the source of a price that was asked for because nothing streams


@dataclass(frozen=True, slots=True)
class Quote:
    """Last trade and the best five levels' totals, at exchange time and at receive time.

    `month_close` is the raw close that set this month's tick, None where it is not known.
    """

    isin: str
    ltp: Money
    bid: Money
    ask: Money
    bid_qty: int
    ask_qty: int
    open: Money
    high: Money
    low: Money
    prev_close: Money
    volume: int
    at: datetime
    received_at: datetime
    source: str
    month_close: Money | None = None

    @property
    def is_slow(self) -> bool:
        """Whether it was asked for because no stream told it."""
        return self.source.endswith(SLOW)

    @property
    def spread(self) -> float:
        """Ask less bid as a fraction of the last trade."""
        return (self.ask - self.bid).share_of(self.ltp)


@dataclass(frozen=True, slots=True)
class Bar:
    """One session of one instrument, raw; `factor` divides it into today's share terms."""

    isin: str
    session: date
    open: Money
    high: Money
    low: Money
    close: Money
    volume: int
    source: str
    factor: float = 1.0
