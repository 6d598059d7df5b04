"""Damages bars on purpose, as vendors and files do: for the drill and for a dirty simulated market.

Nothing here is random by itself: the same panel, kind and seed give the same damage. Prices of a
damaged bar stay possible (low <= open, close <= high), since an impossible bar is no test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from core.errors import NoData
from core.panel import FIELDS, Floats, Panel

PRICES = ("open", "high", "low", "close")
PAST = 60  # sessions of bars that a damaged share has before
AFTER = 3  # and after, so that what a next session shows can show


class Defect(StrEnum):
    """What is done to bars."""

    SPLIT = "split"
    GAP = "gap"
    DUPLICATE = "duplicate"
    SWAPPED = "swapped symbol"
    ZERO_VOLUME = "zero volume"
    BAD_TICK = "bad tick"
    SHIFTED = "timezone shift"
    HALF_BAR = "half bar"
    UNIT = "unit change"
    STALE = "stale run"


REST = 10_000  # sessions, more than any panel has: from there on
# magnitudes by name: a ratio, a fraction or a number of sessions; see each defect's function
MAGNITUDES: dict[Defect, dict[str, tuple[float, ...]]] = {
    Defect.SPLIT: {
        "bonus 1:10": (1.1,),
        "bonus 1:5": (1.2,),
        "bonus 1:4": (1.25,),
        "bonus 1:2": (1.5,),
        "bonus 1:1": (2.0,),
        "split 5": (5.0,),
        "split 10": (10.0,),
        "consolidation 10": (0.1,),
    },
    Defect.GAP: {"1 session": (1,), "3 sessions": (3,), "10 sessions": (10,)},
    Defect.DUPLICATE: {
        "a bar again": (1, 1.0),
        "its prices, other volume": (1, 1.3),
        "5 bars again": (5, 1.0),
    },
    Defect.SWAPPED: {
        "1 session": (1, 0),
        "5 sessions": (5, 0),
        "from there on": (REST, 0),
        "5 sessions, nearest price": (5, 1),
    },
    Defect.ZERO_VOLUME: {"1 session": (1,), "5 sessions": (5,)},
    Defect.BAD_TICK: {
        "close -50 %": (0.5,),
        "close -20 %": (0.8,),
        "close -10 %": (0.9,),
        "close +10 %": (1.1,),
        "close +20 %": (1.2,),
        "close x10": (10.0,),
    },
    Defect.SHIFTED: {
        "1 session late, 60 sessions": (1, 60),
        "1 session early, 60 sessions": (-1, 60),
        "1 session late, all": (1, REST),
        "1 calendar day early, all": (0, REST),
    },
    Defect.HALF_BAR: {
        "5 % of a day, one share": (0.05, 0),
        "10 % of a day, one share": (0.1, 0),
        "10 % of a day, all shares": (0.1, 1),
        "25 % of a day, all shares": (0.25, 1),
        "40 % of a day, all shares": (0.4, 1),
    },
    Defect.UNIT: {
        "price x100, 1 session": (100.0, 1.0, 1),
        "price x100": (100.0, 1.0, REST),
        "price /100": (0.01, 1.0, REST),
        "price /10": (0.1, 1.0, REST),
        "volume x10": (1.0, 10.0, REST),
        "volume x100": (1.0, 100.0, REST),
        "volume /10": (1.0, 0.1, REST),
        "volume /1000": (1.0, 0.001, REST),
    },
    Defect.STALE: {"5 sessions": (5,), "10 sessions": (10,)},
}


@dataclass(frozen=True, slots=True)
class Damaged:
    """A panel with one defect in it: whose, from when to when, and how large."""

    panel: Panel
    kind: Defect
    magnitude: str
    isin: str
    first: date
    last: date


def damage(panel: Panel, kind: Defect, seed: int) -> Panel:
    """A copy of a panel with one defect of a kind; share, session and size come from the seed.

    Raises:
        NoData: no share has the bars before and after that the defect needs.
    """
    rng = np.random.default_rng(seed)
    name = list(MAGNITUDES[kind])[int(rng.integers(len(MAGNITUDES[kind])))]
    row, column = a_place(panel, kind, rng)
    return damaged(panel, kind, name, row=row, column=column, rng=rng).panel


def a_place(panel: Panel, kind: Defect, rng: np.random.Generator) -> tuple[int, int]:
    """Row and column of a bar with PAST bars before and AFTER after; a half bar is the last one.

    Raises:
        NoData: there is none.
    """
    here = np.isfinite(panel.close)
    total = np.vstack([np.zeros((1, here.shape[1])), np.cumsum(here, axis=0)])
    after = 1 if kind is Defect.HALF_BAR else AFTER + 1
    rows = np.arange(PAST, len(here) - after + 1)
    if kind is Defect.HALF_BAR:
        rows = rows[-1:]
    whole = total[rows + after] - total[np.maximum(rows - PAST, 0)] == PAST + after
    places = np.argwhere(whole)
    if not len(places):
        raise NoData(
            f"no share has {PAST} bars before and {AFTER} after a session among "
            f"{len(panel.sessions)}; give a longer panel"
        )
    row, column = places[int(rng.integers(len(places)))]
    return int(rows[row]), int(column)


def damaged(
    panel: Panel,
    kind: Defect,
    magnitude: str,
    *,
    row: int,
    column: int,
    rng: np.random.Generator,
) -> Damaged:
    """The panel with one named defect beginning at a cell; `rng` picks the other share of a swap.

    Raises:
        KeyError: a magnitude that MAGNITUDES does not name for the kind.
    """
    size = MAGNITUDES[kind][magnitude]
    fresh = replace(panel, **{name: getattr(panel, name).copy() for name in (*FIELDS, "factor")})
    made, last = _DOES[kind](fresh, size, row, column, rng)
    first = panel.sessions[row]
    return Damaged(made, kind, magnitude, panel.isins[column], first, last)


Size = tuple[float, ...]


def _until(panel: Panel, row: int, sessions: float) -> int:
    return int(min(row + sessions, len(panel.sessions)))


def _split(
    panel: Panel, size: Size, row: int, column: int, rng: np.random.Generator
) -> tuple[Panel, date]:
    """Later prices divided and volumes multiplied, as an exchange does on an ex-date."""
    for name in PRICES:
        getattr(panel, name)[row:, column] /= size[0]
    panel.volume[row:, column] *= size[0]
    return panel, panel.sessions[row]


def _gap(
    panel: Panel, size: Size, row: int, column: int, rng: np.random.Generator
) -> tuple[Panel, date]:
    stop = _until(panel, row, size[0])
    for name in FIELDS:
        getattr(panel, name)[row:stop, column] = np.nan
    return panel, panel.sessions[stop - 1]


def _duplicate(
    panel: Panel, size: Size, row: int, column: int, rng: np.random.Generator
) -> tuple[Panel, date]:
    """As many bars as `size` says are the ones before them again, with a multiple of volume."""
    bars = int(size[0])
    stop = _until(panel, row, bars)
    for name in FIELDS:
        values = getattr(panel, name)
        values[row:stop, column] = values[row - bars : stop - bars, column]
    panel.volume[row:stop, column] *= size[1]
    return panel, panel.sessions[stop - 1]


def _swap(
    panel: Panel, size: Size, row: int, column: int, rng: np.random.Generator
) -> tuple[Panel, date]:
    """Exchanges places with another share: any, or where size says 1 the one nearest in price."""
    stop = _until(panel, row, size[0])
    close = panel.close[row - 1 : row + 1]
    there = np.isfinite(close).all(axis=0) & (np.arange(close.shape[1]) != column)
    others = np.flatnonzero(there)
    if not others.size:
        raise NoData(f"no other share trades on {panel.sessions[row]} to exchange places with")
    far = np.abs(np.log(close[0, others] / close[0, column]))
    other = int(others[far.argmin()] if size[1] else others[int(rng.integers(others.size))])
    for name in FIELDS:
        values = getattr(panel, name)
        values[row:stop, [column, other]] = values[row:stop, [other, column]]
    return panel, panel.sessions[stop - 1]


def _no_volume(
    panel: Panel, size: Size, row: int, column: int, rng: np.random.Generator
) -> tuple[Panel, date]:
    stop = _until(panel, row, size[0])
    panel.volume[row:stop, column] = 0.0
    return panel, panel.sessions[stop - 1]


def _tick(
    panel: Panel, size: Size, row: int, column: int, rng: np.random.Generator
) -> tuple[Panel, date]:
    """One close far off, and the day's range stretched so that it holds it."""
    panel.close[row, column] *= size[0]
    close = panel.close[row, column]
    panel.high[row, column] = max(panel.high[row, column], close)
    panel.low[row, column] = min(panel.low[row, column], close)
    return panel, panel.sessions[row]


def _shift(
    panel: Panel, size: Size, row: int, column: int, rng: np.random.Generator
) -> tuple[Panel, date]:
    """Bars dated a session later (1), earlier (-1), or a calendar day earlier (0).

    The last is what a midnight in India read as UTC does: Monday's bar stands on Sunday.
    """
    if size[0] == 0:
        return _a_day_early(panel, column), panel.sessions[-1]
    step, start = int(size[0]), 1 if size[1] >= REST else row
    stop = _until(panel, start, size[1]) - (1 if step < 0 else 0)
    for name in FIELDS:
        values = getattr(panel, name)
        values[start:stop, column] = values[start - step : stop - step, column].copy()
    return panel, panel.sessions[stop - 1]


def _a_day_early(panel: Panel, column: int) -> Panel:
    dated = [day - timedelta(days=1) for day in panel.sessions]
    days = sorted({*panel.sessions, *dated})
    rows = {day: row for row, day in enumerate(days)}
    old = np.array([rows[day] for day in panel.sessions])
    new = np.array([rows[day] for day in dated])
    parts: dict[str, Floats] = {}
    for name in FIELDS:
        values = np.full((len(days), len(panel.isins)), np.nan)
        values[old] = getattr(panel, name)
        values[:, column] = np.nan
        values[new, column] = getattr(panel, name)[:, column]
        parts[name] = values
    at = np.maximum(np.searchsorted(old, np.arange(len(days)), side="right") - 1, 0)
    return Panel(tuple(days), panel.isins, **parts, factor=panel.factor[at])


def _half(
    panel: Panel, size: Size, row: int, column: int, rng: np.random.Generator
) -> tuple[Panel, date]:
    """The panel's last bar as it stood after a fraction of the day's volume.

    Prices go as far from the open as the square root of the time lets them.
    """
    columns = np.arange(len(panel.isins)) if size[1] else np.array([column])
    reach = np.sqrt(size[0])
    opened = panel.open[row, columns]
    for name in ("high", "low", "close"):
        values = getattr(panel, name)
        values[row, columns] = opened + (values[row, columns] - opened) * reach
    panel.volume[row, columns] *= size[0]
    return panel, panel.sessions[row]


def _unit(
    panel: Panel, size: Size, row: int, column: int, rng: np.random.Generator
) -> tuple[Panel, date]:
    """Prices and volumes times a factor each, for a number of sessions."""
    stop = _until(panel, row, size[2])
    for name in PRICES:
        getattr(panel, name)[row:stop, column] *= size[0]
    panel.volume[row:stop, column] *= size[1]
    return panel, panel.sessions[stop - 1]


def _stale(
    panel: Panel, size: Size, row: int, column: int, rng: np.random.Generator
) -> tuple[Panel, date]:
    """A feed that stands still: the last close again and again, volumes as they were."""
    stop = _until(panel, row, size[0])
    for name in PRICES:
        getattr(panel, name)[row:stop, column] = panel.close[row - 1, column]
    return panel, panel.sessions[stop - 1]


Does = Callable[[Panel, Size, int, int, np.random.Generator], tuple[Panel, date]]
_DOES: dict[Defect, Does] = {
    Defect.SPLIT: _split,
    Defect.GAP: _gap,
    Defect.DUPLICATE: _duplicate,
    Defect.SWAPPED: _swap,
    Defect.ZERO_VOLUME: _no_volume,
    Defect.BAD_TICK: _tick,
    Defect.SHIFTED: _shift,
    Defect.HALF_BAR: _half,
    Defect.UNIT: _unit,
    Defect.STALE: _stale,
}
