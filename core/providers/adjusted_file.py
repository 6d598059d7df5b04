"""A charting vendor's adjusted daily series: kept beside the raw bars, never in their place.

Prices that are no whole paise tell that a file was adjusted. Its last session is the day it was
exported, whose bar may be half-finished, so that bar is dropped. A series that mostly stands
still or mostly leaps is quarantined.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.calendar import Calendar
from core.errors import BadInput
from core.panel import Floats
from core.providers.bar_file import BarFile, BarRows, Refusal

NOT_PAISE_FROM = 0.05  # of a file's closes
PAISE_WITHIN = 1e-4
STILL_MAX = 0.15  # of a series' closes equal to the one before
LEAP = 0.40
LEAPS_MAX = 0.02  # of a series' moves


@dataclass(frozen=True, slots=True)
class AdjustedFile:
    """Rows that are kept; `rows` counts the file's."""

    name: str
    format: str
    rows: int
    symbol: NDArray[np.str_]
    day: NDArray[np.datetime64]
    values: list[Floats]
    refused: tuple[Refusal, ...]
    notes: tuple[str, ...]


def is_adjusted(rows: BarRows) -> bool:
    """Whether too many closes are no whole paise for a file of raw prices."""
    paise = rows.close * 100
    return bool(np.mean(np.abs(paise - np.round(paise)) > PAISE_WITHIN) > NOT_PAISE_FROM)


def split_off(bars: BarFile, calendar: Calendar) -> AdjustedFile:
    """What of an adjusted file is kept; raises BadInput when nothing is."""
    rows = bars.rows
    last = rows.day.max()
    half = rows.day == last
    refused = list(bars.refused)
    notes = [
        f"adjusted prices, kept beside the raw bars and never used to size an order; the last "
        f"session {last} dropped from {int(half.sum())} series, it may be half-finished"
    ]
    bad = np.zeros(len(rows), dtype=bool)
    for symbol, why in _garbage(rows).items():
        mine = rows.symbol == symbol
        bad |= mine
        notes.append(f"{symbol} quarantined with {int(mine.sum())} rows, {why}")
    closed = np.zeros(len(rows), dtype=bool)
    for day in np.unique(rows.day).tolist():
        if calendar.first <= day <= calendar.last and not calendar.is_session(day):
            closed |= rows.day == np.datetime64(day, "D")
    for which, why in (
        (half, "the file's last session may be half-finished"),
        (bad & ~half, "its series is garbage"),
        (closed & ~half & ~bad, "not a trading day"),
    ):
        refused += [
            Refusal(int(rows.line[place]), str(rows.symbol[place]), f"{rows.day[place]}: {why}")
            for place in np.flatnonzero(which).tolist()
        ]
    early = rows.day < np.datetime64(calendar.first, "D")
    if early.any():
        notes.append(f"{int(early.sum())} rows before the calendar begins are not held against it")
    kept = rows.where(~(half | bad | closed))
    if not len(kept):
        raise BadInput(f"{bars.name}: no adjusted bar is left of {len(rows)}; {'; '.join(notes)}")
    return AdjustedFile(
        bars.name,
        "adjusted",
        len(rows) + len(bars.refused),
        kept.symbol,
        kept.day,
        [kept.open, kept.high, kept.low, kept.close, kept.volume],
        tuple(refused),
        tuple(notes),
    )


def _garbage(rows: BarRows) -> dict[str, str]:
    """Series that cannot be a share's, and why."""
    found = {}
    order = np.lexsort((rows.day, rows.symbol))
    symbols, starts = np.unique(rows.symbol[order], return_index=True)
    close = rows.close[order]
    for symbol, part in zip(symbols.tolist(), np.split(close, starts[1:]), strict=True):
        moves = part[1:] / part[:-1] - 1
        if len(moves) < 2:
            continue
        still, leaps = int((moves == 0).sum()), int((np.abs(moves) > LEAP).sum())
        if still > STILL_MAX * len(moves) or leaps > LEAPS_MAX * len(moves):
            found[symbol] = f"{still} closes unchanged and {leaps} moves over {LEAP:.0%}"
    return found
