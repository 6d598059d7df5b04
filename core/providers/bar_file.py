"""Daily bars as a file gave them, with what was wrong in it on record.

A row whose prices cannot be is refused and counted, never repaired; rows of other series
(bonds, rights) are left out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.calendar import Calendar
from core.errors import BadInput

EXCHANGE_FORMATS = ("udiff", "sec_bhavdata", "bhavcopy")  # the exchange's own files
SERIES_WANTED = ("EQ", "BE", "BZ")  # best first, for a symbol in several series on one day


@dataclass(frozen=True, slots=True)
class BarRows:
    """Rows as arrays of one length; `isin` is empty where the file has none, prices are rupees.

    `close` is the official close, `last` the last trade, None where the file has no such column.
    """

    line: NDArray[np.int64]
    symbol: NDArray[np.str_]
    isin: NDArray[np.str_]
    day: NDArray[np.datetime64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]
    last: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.day)

    def where(self, kept: NDArray[np.bool_] | NDArray[np.intp]) -> BarRows:
        """Some of the rows."""
        parts: dict[str, Any] = {part.name: getattr(self, part.name) for part in fields(self)}
        some: dict[str, Any] = {
            name: None if one is None else one[kept] for name, one in parts.items()
        }
        return BarRows(**some)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that was not taken, and why."""

    line: int
    symbol: str
    reason: str


@dataclass(frozen=True, slots=True)
class BarFile:
    """What was read: `left_out` counts rows of series that are not shares."""

    name: str
    format: str
    rows: BarRows
    refused: tuple[Refusal, ...] = ()
    left_out: int = 0

    @property
    def source(self) -> str:
        """What is stored as the bars' source: the format and the file."""
        return f"{self.format}:{self.name}"

    @property
    def words(self) -> str:
        """One sentence for a person."""
        shares = len(set(self.rows.symbol.tolist()))
        days = self.rows.day
        span = f", {days.min()} to {days.max()}" if len(days) else ""
        text = f"{self.name} ({self.format}): {len(self.rows)} bars of {shares} symbols{span}"
        if self.left_out:
            text += f"; {self.left_out} rows of other series or of a second series left out"
        if self.refused:
            first = self.refused[0]
            text += f"; {len(self.refused)} rows refused, first line {first.line}: {first.reason}"
        return text


def checked(
    name: str, form: str, rows: BarRows, *, series: NDArray[np.str_] | None = None
) -> BarFile:
    """Take what can be a bar; raises BadInput when no row is one.

    Args:
        series: the NSE series of each row, when the file has one.
    """
    left_out = 0
    if series is not None:
        rows, left_out = _best_series(rows, series)
    if not len(rows):
        raise BadInput(
            f"{name}: found no row of series {', '.join(SERIES_WANTED)} among {left_out}; "
            "expected shares"
        )
    again = _again(rows)
    if again.sum() > len(rows) / 2:
        first = int(np.flatnonzero(again)[0])
        raise BadInput(
            f"{name}, line {rows.line[first]}: found another row of {rows.symbol[first]} on "
            f"{rows.day[first]}, expected one bar a session; intraday bars are not read"
        )
    reasons = _reasons(rows, again)
    refused = _refusals(rows, reasons)
    taken = rows.where(reasons == "")
    if not len(taken):
        raise BadInput(
            f"{name}: all {len(rows)} rows were refused, the first on line {refused[0].line}: "
            f"{refused[0].reason}"
        )
    return BarFile(name, form, taken, refused, left_out)


def on_calendar(bars: BarFile, calendar: Calendar) -> BarFile:
    """Refuse rows of days on which the exchange did not trade, as far as the calendar knows."""
    why: dict[np.datetime64, str] = {}
    for day in np.unique(bars.rows.day):
        plain = day.item()
        if not calendar.first <= plain <= calendar.last:
            why[day] = f"{plain} is outside the calendar, {calendar.first} to {calendar.last}"
        elif not calendar.is_session(plain):
            why[day] = f"{plain} is not a trading day"
    if not why:
        return bars
    reasons = np.array([why.get(day, "") for day in bars.rows.day], dtype=np.str_)
    refused = _refusals(bars.rows, reasons)
    taken = bars.rows.where(reasons == "")
    if not len(taken):
        raise BadInput(
            f"{bars.name}: no row is on a trading day; line {refused[0].line}, {refused[0].reason}"
        )
    return BarFile(bars.name, bars.format, taken, bars.refused + refused, bars.left_out)


def why_refused(bars: BarFile) -> dict[str, int]:
    """How many rows were refused for each reason, digits left out, commonest first."""
    words = ("".join("#" if c.isdigit() else c for c in one.reason) for one in bars.refused)
    return dict(Counter(words).most_common())


def _best_series(rows: BarRows, series: NDArray[np.str_]) -> tuple[BarRows, int]:
    """Shares only, and of a symbol-day in several series the first of SERIES_WANTED."""
    rank = np.full(len(rows), len(SERIES_WANTED))
    for place, name in enumerate(SERIES_WANTED):
        rank[series == name] = place
    wanted = np.flatnonzero(rank < len(SERIES_WANTED))
    left_out = len(rows) - len(wanted)
    order = wanted[np.lexsort((rank[wanted], rows.symbol[wanted], rows.day[wanted]))]
    day, symbol, ranks = rows.day[order], rows.symbol[order], rank[order]
    same = np.zeros(len(order), dtype=bool)
    same[1:] = (day[1:] == day[:-1]) & (symbol[1:] == symbol[:-1]) & (ranks[1:] > ranks[:-1])
    kept = np.sort(order[~same])
    return rows.where(kept), left_out + int(same.sum())


def _reasons(rows: BarRows, again: NDArray[np.bool_]) -> NDArray[np.str_]:
    """Why each row cannot be a bar; empty where it can."""
    prices = np.stack([rows.open, rows.high, rows.low, rows.close])
    finite = np.isfinite(prices).all(axis=0) & np.isfinite(rows.volume)
    with np.errstate(invalid="ignore"):
        highest, lowest = prices.max(axis=0), prices.min(axis=0)
        checks = (
            (again, "the symbol has another row that day"),
            ((rows.high < highest) | (rows.low > lowest), "open and close must lie in low..high"),
            (rows.volume < 0, "the volume is negative"),
            (lowest <= 0, "a price is zero or negative"),
            (~finite, "a price or the volume is missing or not finite"),
        )
        reasons = np.full(len(rows), "", dtype="<U64")
        for wrong, reason in checks:
            reasons[wrong] = reason
    return reasons


def _again(rows: BarRows) -> NDArray[np.bool_]:
    """Rows whose symbol and day stood on an earlier line."""
    order = np.lexsort((rows.line, rows.symbol, rows.day))
    day, symbol = rows.day[order], rows.symbol[order]
    same = np.zeros(len(rows), dtype=bool)
    same[order[1:]] = (day[1:] == day[:-1]) & (symbol[1:] == symbol[:-1])
    return same


def _refusals(rows: BarRows, reasons: NDArray[np.str_]) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(int(rows.line[place]), str(rows.symbol[place]), str(reasons[place]))
        for place in np.flatnonzero(reasons != "")
    )
