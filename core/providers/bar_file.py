"""Daily bars as a file gave them, with what was wrong in it on record.

A row whose prices cannot be is refused and counted, never repaired; rows of other series
(bonds, rights) are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.calendar import Calendar
from core.domain.words import counted
from core.errors import BadInput

EXCHANGE_FORMATS = ("udiff", "sec_bhavdata", "bhavcopy")  # the exchange's own files
SERIES_WANTED = ("EQ", "BE", "BZ")  # best first, for a symbol in several series on one day


@dataclass(frozen=True, slots=True)
class BarRows:
    """Rows as arrays of one length; `isin` is empty where the file has none, prices are rupees.

    `close` is the official close, `last` the last trade, `vwap` the mean price paid, `trades` how
    many there were and `delivery` shares taken home, None where the file has no such column.
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
    vwap: NDArray[np.float64] | None = None
    trades: NDArray[np.float64] | None = None
    delivery: NDArray[np.float64] | None = None

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
        told = f"{counted(len(self.rows), 'bar')} of {counted(shares, 'symbol')}"
        text = f"{self.name} ({self.format}): {told}{span}"
        if self.left_out:
            text += (
                f"; {counted(self.left_out, 'row')} of other series or of a second series left out"
            )
        if self.refused:
            first = self.refused[0]
            text += f"; {counted(len(self.refused), 'row')} refused, "
            text += f"first line {first.line}: {first.reason}"
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
    taken = _all_but(rows, reasons)
    if not len(taken):
        raise BadInput(
            f"{name}: all {len(rows)} rows were refused, the first on line {refused[0].line}: "
            f"{refused[0].reason}"
        )
    return BarFile(name, form, taken, refused, left_out)


def on_calendar(bars: BarFile, calendar: Calendar) -> BarFile:
    """Refuse rows of days on which the exchange did not trade, as far as the calendar knows."""
    why: dict[np.datetime64, str] = {}
    for day in distinct_days(bars.rows.day)[0]:
        plain = day.item()
        if not calendar.first <= plain <= calendar.last:
            why[day] = f"{plain} is outside the calendar, {calendar.first} to {calendar.last}"
        elif not calendar.is_session(plain):
            why[day] = f"{plain} is not a trading day"
    if not why:
        return bars
    days = bars.rows.day
    reasons = {
        place: why[days[place]] for place in np.flatnonzero(np.isin(days, list(why))).tolist()
    }
    refused = _refusals(bars.rows, reasons)
    taken = _all_but(bars.rows, reasons)
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
    if (rank == 0).all():
        return rows, 0
    left_out = len(rows) - len(wanted)
    _, codes = coded(rows.symbol)
    order = wanted[np.lexsort((rank[wanted], codes[wanted], rows.day[wanted]))]
    day, symbol, ranks = rows.day[order], codes[order], rank[order]
    same = np.zeros(len(order), dtype=bool)
    same[1:] = (day[1:] == day[:-1]) & (symbol[1:] == symbol[:-1]) & (ranks[1:] > ranks[:-1])
    kept = np.sort(order[~same])
    return rows.where(kept), left_out + int(same.sum())


def _reasons(rows: BarRows, again: NDArray[np.bool_]) -> dict[int, str]:
    """Why rows cannot be bars, by their place."""
    highest = np.maximum(np.maximum(rows.open, rows.close), np.maximum(rows.high, rows.low))
    lowest = np.minimum(np.minimum(rows.open, rows.close), np.minimum(rows.high, rows.low))
    finite = np.isfinite(highest) & np.isfinite(lowest) & np.isfinite(rows.volume)
    with np.errstate(invalid="ignore"):
        checks = (
            (again, "the symbol has another row that day"),
            ((rows.high < highest) | (rows.low > lowest), "open and close must lie in low..high"),
            (rows.volume < 0, "the volume is negative"),
            (lowest <= 0, "a price is zero or negative"),
            (~finite, "a price or the volume is missing or not finite"),
        )
    return {place: reason for wrong, reason in checks for place in np.flatnonzero(wrong).tolist()}


def _again(rows: BarRows) -> NDArray[np.bool_]:
    """Rows whose symbol and day stood on an earlier line."""
    _, codes = coded(rows.symbol)
    days = rows.day.astype("datetime64[D]").astype(np.int64)
    both = np.sort(codes * 10_000_000 + days)
    same = np.zeros(len(rows), dtype=bool)
    if not (both[1:] == both[:-1]).any():
        return same
    order = np.lexsort((rows.line, codes, rows.day))
    day, symbol = rows.day[order], codes[order]
    same[order[1:]] = (day[1:] == day[:-1]) & (symbol[1:] == symbol[:-1])
    return same


def _refusals(rows: BarRows, reasons: Mapping[int, str]) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(int(rows.line[place]), str(rows.symbol[place]), reasons[place])
        for place in sorted(reasons)
    )


def _all_but(rows: BarRows, reasons: Mapping[int, str]) -> BarRows:
    """The rows that nothing is said against."""
    if not reasons:
        return rows
    kept = np.ones(len(rows), dtype=bool)
    kept[list(reasons)] = False
    return rows.where(kept)


def coded(*texts: NDArray[np.str_]) -> tuple[list[tuple[str, ...]], NDArray[np.intp]]:
    """The different rows of one or more columns of text, and which of them each row is.

    Numbers sort far quicker than texts, and a text that stands in a run is looked at once.
    """
    size = len(texts[0])
    begins = np.ones(size, dtype=bool)
    if size:
        begins[1:] = np.logical_or.reduce([one[1:] != one[:-1] for one in texts])
    heads = np.flatnonzero(begins)
    numbers: dict[tuple[str, ...], int] = {}
    found = zip(*(one[heads].tolist() for one in texts), strict=True)
    of_heads = np.array([numbers.setdefault(row, len(numbers)) for row in found], dtype=np.intp)
    return list(numbers), np.repeat(of_heads, np.diff(np.append(heads, size)))


def distinct_days(
    days: NDArray[np.datetime64],
) -> tuple[NDArray[np.datetime64], NDArray[np.intp]]:
    """The different days, oldest first, and which of them each row's is."""
    numbers = days.astype("datetime64[D]").astype(np.int64)
    first = int(numbers.min())
    seen = np.zeros(int(numbers.max()) - first + 1, dtype=bool)
    seen[numbers - first] = True
    place = np.cumsum(seen) - 1
    found = (np.flatnonzero(seen) + first).astype("datetime64[D]")
    return found, place[numbers - first]
