"""Columns over real prices, which have ties to the tick, halts, gaps and splits not adjusted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.features.compute import compute
from core.features.newest import newest
from core.features.table import FEATURES, NAMES
from core.panel import FIELDS, Floats, Panel
from core.providers.files import read_bars
from tests.features.test_newest import alike

PRICES = "prices/nse_sec_bhavdata_full_unadjusted_2019_2026.parquet"
SHARES = 16
NO_RANGE = {"range_pos", "body", "shadow_above", "shadow_below"}  # of a bar with one price
NO_BODY = "imi_14"  # of bars that all closed at their open


@pytest.fixture(scope="module")
def panel(request: pytest.FixtureRequest) -> Panel:
    file: Path = request.getfixturevalue("real_files") / PRICES
    rows = read_bars(file).rows
    days, down = np.unique(rows.day, return_inverse=True)
    names, across = np.unique(rows.symbol, return_inverse=True)
    grids = {}
    for field in FIELDS:
        grids[field] = np.full((len(days), len(names)), np.nan)
        grids[field][down, across] = getattr(rows, field)
    sessions = tuple(day.item() for day in days)
    isins = tuple(f"INE{place:03d}A01018" for place in range(len(names)))
    whole = Panel(sessions, isins, **grids, factor=np.ones_like(grids["close"]))
    return whole.only(isins[:SHARES])


@pytest.mark.realdata
def test_no_column_is_infinite_or_missing_after_its_warm_up(panel: Panel):
    found = compute(panel, names=NAMES)
    assert not np.isinf(found.values).any()
    traded = ~np.isnan(panel.close)
    for feature in FEATURES:
        if feature.beside or feature.per != "session" or feature.group.startswith("against"):
            continue
        column = found.column(feature.name)
        for share in np.flatnonzero(traded.any(axis=0)):
            here = traded[:, share]
            known = ~np.isnan(column[here, share])
            assert not known[: feature.warm_up - 1].any(), feature.name
            if feature.name == NO_BODY:
                known |= _bodiless(panel.open[here, share], panel.close[here, share], bars=14)
            assert feature.name in NO_RANGE or known[feature.warm_up - 1 :].all(), feature.name


def _bodiless(open: Floats, close: Floats, *, bars: int) -> NDArray[np.bool_]:
    bodies = np.append(0, np.cumsum(open != close))
    return bodies[1:] == bodies[np.maximum(np.arange(1, len(open) + 1) - bars, 0)]


@pytest.mark.realdata
@pytest.mark.parametrize("back", [0, 333])
def test_the_newest_real_session_is_the_last_of_all(panel: Panel, back: int):
    until = panel.until(panel.sessions[-1 - back])
    alike(newest(until, names=NAMES), compute(until, names=NAMES))
