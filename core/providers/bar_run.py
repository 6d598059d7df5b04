"""Bars of one share as a vendor gave them, checked before anyone believes them.

A vendor's candles are in today's share terms: splits and bonuses are folded in. Only an
exchange's own file is raw. `in_todays_terms` says which, and whoever stores them converts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from core.domain.clock import IST, ist_day
from core.domain.money import Money
from core.errors import NoData, SourceWrong
from core.panel import Floats
from core.providers.universe_file import Listing

DAY: Final = 0  # minutes of a daily bar
MINUTES: Final = (1, 3, 5, 15, 30, 60)
OUTSIDE_LOW_HIGH: Final = 0.005  # vendors round adjusted prices one by one; more than this is wrong
ARRAYS: Final = ("starts", "open", "high", "low", "close", "volume")
Row = Sequence[Any]  # epoch seconds of the bar's start, open, high, low, close, volume


@dataclass(frozen=True, slots=True)
class Span:
    """What was asked of a vendor: one share, first and last session, minutes a bar."""

    symbol: str
    start: date
    end: date
    minutes: int = DAY

    @property
    def key(self) -> str:
        """Names the question in a cache."""
        return f"{self.minutes}:{self.symbol}:{self.start}:{self.end}"


@dataclass(frozen=True, slots=True)
class BarRun:
    """Bars of one share, oldest first; arrays of one length, prices in rupees."""

    symbol: str
    source: str
    minutes: int
    starts: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    in_todays_terms: bool = True

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def sessions(self) -> tuple[date, ...]:
        """The day in India on which each bar starts."""
        return tuple(datetime.fromtimestamp(int(at), IST).date() for at in self.starts)


@dataclass(frozen=True, slots=True)
class LastPrice:
    """A vendor's last trade of a share; `prev_close` is the session's before."""

    symbol: str
    source: str
    ltp: Money
    open: Money
    high: Money
    low: Money
    prev_close: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Fundamentals:
    """A company's figures as a vendor gives them; None where it gives none.

    Market capitalisation is in rupees; what stands in accounts (`eps`, `book_value`) is in
    `currency`, because some Indian companies report in dollars. Yields, margins and growth are
    fractions.
    """

    symbol: str
    source: str
    market_cap: float | None
    trailing_pe: float | None
    price_to_book: float | None
    eps: float | None
    book_value: float | None
    dividend_yield: float | None
    return_on_equity: float | None
    debt_to_equity: float | None
    profit_margin: float | None
    revenue_growth: float | None
    beta: float | None
    shares: float | None
    operating_margin: float | None = None
    gross_margin: float | None = None
    currency: str = "INR"


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a company's accounts, in whole units of `currency`; None where none is given."""

    ends: date
    currency: str
    revenue: float | None
    profit: float | None


class BarSource(Protocol):
    """Gives one share's bars; raises NotFound, SourceFailed or SessionDead, never nothing."""

    @property
    def name(self) -> str:
        """The vendor's name in the catalogue."""

    def daily(self, share: Listing, start: date, end: date) -> Any:
        """An Answer holding a BarRun of daily bars, both ends included."""

    def intraday(self, share: Listing, start: date, end: date, *, minutes: int) -> Any:
        """An Answer holding a BarRun of bars of `minutes`, both ends included."""


class LastPriceSource(Protocol):
    """Gives one share's last price."""

    def last_price(self, share: Listing) -> Any:
        """An Answer holding a LastPrice."""


class FundamentalsSource(Protocol):
    """Gives one company's figures."""

    def fundamentals(self, share: Listing) -> Any:
        """An Answer holding Fundamentals."""

    def quarters(self, share: Listing) -> Any:
        """An Answer holding the last Quarters, newest first; raises NoData for none."""


def midnight(day: date) -> int:
    """Epoch seconds at which a day begins in India; the start of a daily bar."""
    return int(datetime.combine(day, time(), IST).timestamp())


def bar_run(
    rows: Sequence[Row], span: Span, *, source: str, label: str, now: datetime, raw: bool = False
) -> BarRun:
    """Rows as a run, oldest first; raises SourceWrong with the first row that cannot be.

    Raises:
        NoData: the vendor answered properly and has no bar in the span.
    """
    if not rows:
        raise NoData(f"{label} has no bar of {span.symbol} from {span.start} to {span.end}")
    ordered = sorted(rows, key=lambda row: int(row[0]))
    found = np.array([[float(cell) for cell in row[:6]] for row in ordered])
    if found.shape[1] != 6:
        raise SourceWrong(f"{label}: a bar of {span.symbol} has {found.shape[1]} parts, expected 6")
    starts = found[:, 0].astype(np.int64)
    if span.minutes == DAY:  # vendors date a day by its opening, by UTC or by Indian midnight
        days = [datetime.fromtimestamp(int(at), IST).date() for at in starts]
        starts = np.array([midnight(day) for day in days], dtype=np.int64)
    _refuse_times(starts, span, label=label, now=now)
    for at, (_, *prices, volume) in zip(starts.tolist(), found.tolist(), strict=True):
        _refuse_bar(prices, volume, f"{label}: {span.symbol} on {_when(at, span)}")
    return BarRun(
        symbol=span.symbol,
        source=source,
        minutes=span.minutes,
        starts=starts,
        open=found[:, 1],
        high=found[:, 2],
        low=found[:, 3],
        close=found[:, 4],
        volume=found[:, 5],
        in_todays_terms=not raw,
    )


def _refuse_times(starts: NDArray[np.int64], span: Span, *, label: str, now: datetime) -> None:
    words = f"{label}: {span.symbol}"
    last = datetime.fromtimestamp(int(starts[-1]), IST)
    if last > now:
        raise SourceWrong(
            f"{words} has a bar of {_when(int(starts[-1]), span)}, after now "
            f"({now.astimezone(IST):%Y-%m-%d %H:%M}); nothing of this answer is used"
        )
    first = datetime.fromtimestamp(int(starts[0]), IST)
    if first.date() < span.start or last.date() > span.end:
        raise SourceWrong(
            f"{words} was asked from {span.start} to {span.end} and came from "
            f"{first.date()} to {last.date()}; nothing of this answer is used"
        )
    twice = np.flatnonzero(np.diff(starts) == 0)
    if len(twice):
        at = _when(int(starts[twice[0]]), span)
        raise SourceWrong(f"{words} has two bars of {at}; none of them is used")


def _when(at: int, span: Span) -> str:
    form = "%Y-%m-%d" if span.minutes == DAY else "%Y-%m-%d %H:%M"
    return datetime.fromtimestamp(at, IST).strftime(form)


def _refuse_bar(prices: list[float], volume: float, words: str) -> None:
    opened, high, low, close = prices
    if not all(math.isfinite(value) for value in (*prices, volume)):
        raise SourceWrong(f"{words} has a part that is no number; nothing of this answer is used")
    if min(prices) <= 0 or volume < 0:
        least = min(*prices, volume)
        raise SourceWrong(f"{words} shows {least:g}, below what a price or volume can be")
    slack = OUTSIDE_LOW_HIGH * close
    if high < max(opened, close) - slack or low > min(opened, close) + slack:
        raise SourceWrong(
            f"{words} opens at {opened:g} and closes at {close:g} outside {low:g} to {high:g}"
        )


def chunks(start: date, end: date, *, days: int) -> list[tuple[date, date]]:
    """A span cut into parts of at most `days` days, oldest first, for vendors with a limit."""
    parts = []
    while start <= end:
        last = min(end, start + timedelta(days=days - 1))
        parts.append((start, last))
        start = last + timedelta(days=1)
    return parts


def freshness(end: date, now: datetime) -> timedelta:
    """How long an answer up to `end` serves: minutes while today is in it, else a day."""
    return timedelta(minutes=5) if end >= ist_day(now) else timedelta(days=1)
