"""Indicators and feature columns against TA-Lib called directly, in the same run and one thread.

Prices are random walks made here. TA-Lib is called as its own users do, every function that is
taken from it, once over each share; the works take turns. Ratios are of processor time, which a
busy machine stretches less than the time on the wall.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from core.backtest.bench_rows import Row, row, timed
from core.features.compute import NOTHING, Sessions, compute, own_bars
from core.features.indicators import chosen, series
from core.features.indicators_talib import from_talib
from core.features.newest import newest
from core.features.table import MODEL_NAMES, NAMES
from core.panel import FIELDS, Floats, Panel

SHARES, SESSIONS, BARS, TIMES = 174, 1_250, 1_000, 7


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds that a work took, on the wall and of the processor."""

    wall: float
    processor: float

    def row(self, name: str, what: str, *, beside: Taken | None = None) -> Row:
        """One figure, with its ratio to what it is held against."""
        note = f"{what}, {self.processor * 1e3:.4g} ms of processor"
        if beside is not None:
            note += f", {self.processor / beside.processor:.2f} of TA-Lib directly"
        return row(f"indicators {name}", self.wall * 1e3, "ms", n=TIMES, note=note)


def indicators(_: Path) -> list[Row]:
    """One share, the whole panel, and one new bar of all shares."""
    one, many = walks(shares=1, sessions=BARS), walks(shares=SHARES, sessions=SESSIONS)
    whole = Sessions.of(one, NOTHING)
    here, wanted = np.ones(BARS, dtype=np.bool_), chosen()
    calls = f"{len(from_talib())} functions"
    direct, listed, columns = _turns(
        lambda: _directly(one),
        lambda: series(own_bars(one, 0, here, whole), wanted),
        lambda: compute(one, names=NAMES),
    )
    count = len(series(own_bars(one, 0, here, whole), wanted))
    panel_direct, panel, usual, last = _turns(
        lambda: _directly(many),
        lambda: compute(many, names=NAMES),
        lambda: compute(many),
        lambda: newest(many, names=NAMES),
    )
    size = f"{SHARES} × {SESSIONS}"
    return [
        direct.row(f"TA-Lib directly, {BARS} bars", calls),
        listed.row(f"all, {BARS} bars", f"{count} series", beside=direct),
        columns.row(f"columns of one share, {BARS} bars", f"{len(NAMES)} columns", beside=direct),
        panel_direct.row(f"TA-Lib directly, {size}", calls),
        panel.row(f"columns, {size}", f"{len(NAMES)} columns", beside=panel_direct),
        usual.row(
            f"columns of the models, {size}", f"{len(MODEL_NAMES)} columns", beside=panel_direct
        ),
        last.row(f"newest bar of {SHARES} shares", f"{len(NAMES)} columns"),
    ]


def walks(*, shares: int, sessions: int) -> Panel:
    """Random walks of 1.5 % a session over consecutive weekdays, the same every time."""
    rng = np.random.default_rng(11)
    shape = (sessions, shares)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0, 0.015, shape), axis=0))
    open = np.vstack([np.full((1, shares), 100.0), close[:-1]])
    open = open * np.exp(rng.normal(0.0, 0.003, shape))
    reach = np.exp(np.abs(rng.normal(0.0, 0.006, shape)))
    return Panel(
        sessions=_weekdays(sessions),
        isins=tuple(f"INX{place:09d}" for place in range(shares)),
        open=open,
        high=np.maximum(open, close) * reach,
        low=np.minimum(open, close) / reach,
        close=close,
        volume=rng.lognormal(12.0, 0.4, shape),
        factor=np.ones(shape),
    )


def _weekdays(count: int) -> tuple[date, ...]:
    start = date(2020, 1, 6)
    return tuple(start + timedelta(days=place // 5 * 7 + place % 5) for place in range(count))


def _directly(panel: Panel) -> None:
    """Every function taken from TA-Lib over each share, with its usual parameters."""
    talib: Any = import_module("talib")
    calls = [(getattr(talib, one.name), one.takes) for one in from_talib()]
    for column in range(len(panel.isins)):
        parts: dict[str, Floats] = {
            name: np.ascontiguousarray(getattr(panel, name)[:, column]) for name in FIELDS
        }
        for function, takes in calls:
            function(*(parts[part] for part in takes))


def _turns(*works: Callable[[], Any]) -> list[Taken]:
    """The middle of several timings of each, the works taking turns."""
    for work in works:
        work()
    wall = np.empty((TIMES, len(works)))
    processor = np.empty_like(wall)
    for turn in range(TIMES):
        for place, work in enumerate(works):
            begun = time.process_time()
            wall[turn, place] = timed(work)
            processor[turn, place] = time.process_time() - begun
    middles = zip(np.median(wall, axis=0), np.median(processor, axis=0), strict=True)
    return [Taken(float(seconds), float(own)) for seconds, own in middles]


BENCHES: dict[str, Callable[[Path], list[Row]]] = {"indicators": indicators}
