"""Bars inside the day from a CSV, Excel or Parquet file in Kite's shape, of one share or index.

The file's name begins with the symbol, as in RELIANCE_5min.csv. Times without a zone are IST.
Bars outside the exchange's hours are refused; the one bar that begins with the second of the
close is the closing session's trade and is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from core.domain.bar_windows import Window, trading_windows
from core.domain.calendar import Calendar
from core.domain.clock import IST
from core.domain.words import counted
from core.errors import BadInput
from core.panel import Floats, IntradayBars
from core.providers.bar_file import Refusal
from core.providers.plain_bars import column_of
from core.providers.table import Table

MINUTES = (1, 2, 3, 5, 10, 15, 30, 60)
STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(?:\.0+)?\s*(Z|[+-]\d\d:?\d\d)?")
IST_SECONDS = 19_800
FIELDS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class IntradayFile:
    """The bars of one file; `symbol` is the start of the file's name."""

    name: str
    format: str
    symbol: str
    rows: int
    bars: IntradayBars
    refused: tuple[Refusal, ...]
    notes: tuple[str, ...]


def is_intraday(table: Table) -> bool:
    """Whether the dates of a price table carry times of the day that differ."""
    column = column_of(table, "date")
    if column is None or any(column_of(table, one) is None for one in FIELDS[:4]):
        return False
    cells = table.columns[column][:50]
    if isinstance(cells, np.ndarray) and cells.dtype.kind == "M":
        return len(set((cells - cells.astype("datetime64[D]")).tolist())) > 1
    found = [STAMP.fullmatch(str(cell).strip()) for cell in cells]
    return all(found) and len({one[2] for one in found if one}) > 1


def parse(table: Table, calendar: Calendar) -> IntradayFile:
    """The bars of a table; raises BadInput when no row is one."""
    named = {one: column_of(table, one) for one in ("date", *FIELDS)}
    missing = [one for one in ("date", *FIELDS[:4]) if named[one] is None]
    if missing:
        raise BadInput(
            f"{table.name}: found no column for {missing[0]} among {', '.join(table.columns)}"
        )
    volume = named["volume"]
    values = [table.numbers(str(named[one])) for one in FIELDS[:4]]
    values.append(np.zeros(table.rows) if volume is None else table.numbers(volume))
    start = _starts(table, str(named["date"]))
    return checked(table.name, "kite minutes", start, values, calendar, table.first_line)


def checked(
    name: str,
    form: str,
    start: NDArray[np.int64],
    values: Sequence[Floats],
    calendar: Calendar,
    first_line: int,
) -> IntradayFile:
    """Take what can be a bar within the exchange's hours.

    Raises:
        BadInput: no row can, or the bars are of no usual length.
    """
    symbol = PurePath(name).name.split("_")[0].split(".")[0].upper()
    minutes = _length(name, start)
    reasons, closing, expected = _places(start, calendar, minutes)
    open_, high, low, close, volume = values
    with np.errstate(invalid="ignore"):
        inside = (high >= np.maximum(open_, close)) & (low <= np.minimum(open_, close)) & (low > 0)
    reasons[~inside & (reasons == "")] = "open and close must lie in low..high above 0"
    reasons[~(volume >= 0) & (reasons == "")] = "the volume is missing or negative"
    order = np.argsort(start, kind="stable")
    again = np.zeros(len(start), dtype=bool)
    again[order[1:]] = start[order][1:] == start[order][:-1]
    reasons[again] = "another bar begins at that moment"
    refused = tuple(
        Refusal(first_line + place, symbol, f"{_moment(start[place])}: {reasons[place]}")
        for place in np.flatnonzero(reasons != "").tolist()
    )
    kept = order[(reasons == "")[order]]
    if not len(kept):
        raise BadInput(f"{name}: none of its {len(start)} bars is taken; {refused[0].reason}")
    bars = IntradayBars(symbol, minutes, start[kept], *(one[kept] for one in values))
    return IntradayFile(
        name,
        form,
        symbol,
        len(start),
        bars,
        refused,
        _notes(bars, closing & (reasons == ""), expected),
    )


def _notes(bars: IntradayBars, closing: NDArray[np.bool_], expected: int) -> tuple[str, ...]:
    days = len(np.unique((bars.start + IST_SECONDS) // 86_400))
    notes = [f"{bars.minutes}-minute bars of {counted(days, 'day')}"]
    if closing.any():
        notes.append(f"{int(closing.sum())} of them the closing session's trade")
    if expected > len(bars) - int(closing.sum()):
        notes.append(f"{counted(expected - len(bars) + int(closing.sum()), 'bar')} missing")
    return tuple(notes)


def _length(name: str, start: NDArray[np.int64]) -> int:
    """Minutes between most bars."""
    steps = Counter(np.diff(np.sort(start)).tolist())
    seconds = steps.most_common(1)[0][0] if steps else 0
    minutes, rest = divmod(int(seconds), 60)
    if rest or minutes not in MINUTES:
        raise BadInput(
            f"{name}: most bars are {seconds} seconds apart, expected "
            f"{', '.join(map(str, MINUTES))} minutes"
        )
    return minutes


def _places(
    start: NDArray[np.int64], calendar: Calendar, minutes: int
) -> tuple[NDArray[np.str_], NDArray[np.bool_], int]:
    """Why each bar is outside the hours, which begin with the close, and how many there should be.

    Days whose hours are not loaded take every bar.
    """
    reasons = np.full(len(start), "", dtype="<U64")
    closing = np.zeros(len(start), dtype=bool)
    expected = 0
    local = (start + IST_SECONDS) // 86_400
    for number in np.unique(local).tolist():
        rows = np.flatnonzero(local == number)
        day = date(1970, 1, 1) + timedelta(days=number)
        if not calendar.first <= day <= calendar.last:
            reasons[rows] = f"outside the calendar, {calendar.first} to {calendar.last}"
            continue
        if not calendar.is_session(day):
            reasons[rows] = "not a trading day"
            continue
        windows = trading_windows(calendar, day)
        if windows:
            auction = trading_windows(calendar, day, has_derivatives=True)
            _within(start, rows, windows, auction[-1][1], reasons, closing)
            expected += sum(-(-(end - first) // (60 * minutes)) for first, end in windows)
    return reasons, closing, expected


def _within(
    start: NDArray[np.int64],
    rows: NDArray[np.intp],
    windows: Sequence[Window],
    auction_until: int,
    reasons: NDArray[np.str_],
    closing: NDArray[np.bool_],
) -> None:
    inside = (start[rows] > windows[-1][1]) & (start[rows] < auction_until)
    for first, end in windows:
        inside |= (start[rows] >= first) & (start[rows] < end)
    last = start[rows] == windows[-1][1]
    closing[rows[last]] = True
    hours = f"{_clock(windows[0][0])} to {_clock(windows[-1][1])}"
    reasons[rows[~inside & ~last]] = f"outside the hours of that day, {hours}"


def _starts(table: Table, column: str) -> NDArray[np.int64]:
    cells = table.columns[column]
    if isinstance(cells, np.ndarray) and cells.dtype.kind == "M":
        local: NDArray[np.int64] = cells.astype("datetime64[s]").astype(np.int64)
        return local - IST_SECONDS
    found = []
    for place, cell in enumerate(cells):
        read = STAMP.fullmatch(str(cell).strip())
        if read is None:
            raise BadInput(
                f"{table.name}, line {table.first_line + place}, column {column}: found "
                f"{str(cell).strip()!r}, expected a time like 2026-04-06 09:15:00+05:30"
            )
        found.append(read.groups())
    zones = {zone for _, _, zone in found}
    if None in zones and len(zones) > 1:
        raise BadInput(
            f"{table.name}: column {column} mixes times with and without a zone; write all of "
            "them like 2026-04-06 09:15:00+05:30"
        )
    behind = {zone: _seconds(zone) for zone in zones}
    stamps = np.array([f"{day}T{clock}" for day, clock, _ in found], dtype="datetime64[s]")
    ahead = np.array([behind[zone] for _, _, zone in found], dtype=np.int64)
    seconds: NDArray[np.int64] = stamps.astype(np.int64) - ahead
    return seconds


def _seconds(zone: str | None) -> int:
    """How far a zone is ahead of UTC."""
    if zone is None:
        return IST_SECONDS
    if zone == "Z":
        return 0
    sign = -1 if zone[0] == "-" else 1
    return sign * (int(zone[1:3]) * 3600 + int(zone[-2:]) * 60)


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC).astimezone(IST):%Y-%m-%d %H:%M}"


def _clock(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(IST):%H:%M}"
