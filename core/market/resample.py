"""Longer bars from shorter ones, by the exchange's sessions.

No bar reaches over the end of a stretch of trading, so a day of 375 minutes has a last hour of
15. The trade of the closing session, which begins with the second the stretch ends, belongs to
the last bar. A day's close made of such bars is its last trade: the official close is another
number and comes from the exchange's daily file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput, NoData
from core.panel import Floats, IntradayBars

IST_SECONDS = 19_800
LENGTHS = (1, 3, 5, 15, 30, 60)
Windows = Mapping[date, Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Resampled:
    """Longer bars, which of them are not finished yet, and how many bars lay outside the hours."""

    bars: IntradayBars
    partial: NDArray[np.bool_]
    outside: int


@dataclass(frozen=True, slots=True)
class DaysOfTrades:
    """A day's bar from bars inside it, shape (n_sessions,), oldest first.

    `last` is the last trade, not the official close; `partial` days lack bars at their end.
    """

    key: str
    sessions: tuple[date, ...]
    open: Floats
    high: Floats
    low: Floats
    last: Floats
    volume: Floats
    partial: NDArray[np.bool_]
    outside: int


def resample(bars: IntradayBars, minutes: int, windows: Windows) -> Resampled:
    """Bars of `minutes`, each beginning a whole number of them after its stretch opened.

    Args:
        windows: first and end second of each stretch of trading, by session; a session that is
            not there counts as outside the hours.

    Raises:
        BadInput: `minutes` is no length that is shown, or no multiple of the bars' own.
    """
    if minutes not in LENGTHS:
        raise BadInput(f"bars of {minutes} minutes are not made; use one of {LENGTHS}")
    if minutes % bars.minutes:
        raise BadInput(
            f"{bars.key}: {minutes}-minute bars cannot be made of {bars.minutes}-minute ones"
        )
    firsts, ends, _ = _edges(windows)
    place, inside = _placed(bars, firsts, ends)
    kept = bars.where(inside)
    window = place[inside]
    step = 60 * minutes
    last = (ends[window] - firsts[window] - 1) // step  # the stretch's last bar, short or whole
    number = np.minimum((kept.start - firsts[window]) // step, last)
    begins = firsts[window] + number * step
    until = np.minimum(begins + step, ends[window])
    at = _group_starts(begins)
    stop = np.append(at[1:], len(kept)) - 1
    partial = np.zeros(len(at), dtype=bool)
    if len(at):  # only the newest bar can still be running
        partial[-1] = kept.start[-1] + 60 * bars.minutes < until[-1]
    made = IntradayBars(bars.key, minutes, begins[at], *_joined(kept, at, stop))
    return Resampled(made, partial, int((~inside).sum()))


def by_day(bars: IntradayBars, windows: Windows) -> DaysOfTrades:
    """One bar a session; raises NoData when no bar lies within the hours."""
    firsts, ends, days = _edges(windows)
    place, inside = _placed(bars, firsts, ends)
    kept = bars.where(inside)
    if not len(kept):
        raise NoData(f"{bars.key}: none of {len(bars)} bars lies within the exchange's hours")
    numbers = days[place[inside]]
    at = _group_starts(numbers)
    stop = np.append(at[1:], len(kept)) - 1
    open_, high, low, last, volume = _joined(kept, at, stop)
    final = np.array([ends[days == number].max() for number in numbers[at].tolist()])
    return DaysOfTrades(
        bars.key,
        tuple(date(1970, 1, 1) + timedelta(days=int(number)) for number in numbers[at]),
        open_,
        high,
        low,
        last,
        volume,
        kept.start[stop] + 60 * bars.minutes < final,
        int((~inside).sum()),
    )


def days_in(bars: IntradayBars) -> tuple[date, ...]:
    """The days in India on which bars begin, oldest first."""
    numbers = np.unique((bars.start + IST_SECONDS) // 86_400)
    return tuple(date(1970, 1, 1) + timedelta(days=int(number)) for number in numbers)


def _edges(
    windows: Windows,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """First seconds, end seconds and day numbers of every stretch, oldest first."""
    found = sorted(
        (first, end, (day - date(1970, 1, 1)).days)
        for day, stretches in windows.items()
        for first, end in stretches
    )
    table = np.array(found, dtype=np.int64).reshape(len(found), 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _placed(
    bars: IntradayBars, firsts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Each bar's stretch, and whether it lies in it or begins with its end."""
    place = np.searchsorted(firsts, bars.start, side="right") - 1
    inside = place >= 0
    inside[inside] &= bars.start[inside] <= ends[place[inside]]
    return place, inside


def _group_starts(keys: NDArray[np.int64]) -> NDArray[np.intp]:
    if not len(keys):
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))


def _joined(
    kept: IntradayBars, at: NDArray[np.intp], stop: NDArray[np.intp]
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    if not len(at):
        blank = np.empty(0)
        return blank, blank, blank, blank, blank
    return (
        kept.open[at],
        np.maximum.reduceat(kept.high, at),
        np.minimum.reduceat(kept.low, at),
        kept.close[stop],
        np.add.reduceat(kept.volume, at),
    )
