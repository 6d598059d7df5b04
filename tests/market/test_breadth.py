"""Breadth counted by hand over four shares."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from core.errors import NoData
from core.market.breadth import breadth, past
from core.panel import Panel

DAYS = tuple(date(2025, 1, 1) + timedelta(days=step) for step in range(260))
ISINS = ("A", "B", "C", "D")


def panel() -> Panel:
    """A stands at 100, B rises by 1 from 1, C has 60 sessions at 50, D split 1 to 2 half way."""
    close = np.full((260, 4), 100.0)
    close[:, 1] = np.arange(1.0, 261.0)
    close[:, 2] = np.nan
    close[200:, 2] = 50.0
    factor = np.ones_like(close)
    close[:130, 3], factor[:130, 3] = 200.0, 2.0
    return Panel(DAYS, ISINS, close, close, close, close, np.full_like(close, 1e3), factor)


def test_a_past_has_means_and_extremes_in_todays_share_terms():
    known = past(panel())
    # B: the mean of 211..260 is 235.5, of 61..260 is 160.5; its year runs from 9 to 260
    assert known.mean_short.tolist() == [100.0, 235.5, 50.0, 100.0]
    assert known.mean_long[1] == 160.5 and np.isnan(known.mean_long[2])
    assert (known.low[1], known.high[1]) == (9.0, 260.0)
    assert known.high[3] == 100.0  # 200 before the split is 100 of today


def test_shares_are_counted_against_their_past():
    now = np.array([101.0, 230.0, 50.0, np.nan])
    before = np.array([100.0, 260.0, 50.0, 100.0])
    found = breadth(past(panel()), price=now, prev_close=before, high=now, low=now)
    assert (found.advances, found.declines, found.unchanged) == (1, 1, 1)
    assert (found.above_short, found.of_short) == (1, 3)
    assert (found.above_long, found.of_long) == (2, 2)
    assert (found.new_highs, found.new_lows, found.of_year) == (1, 0, 2)


def test_no_sessions_are_refused():
    blank = np.empty((0, 1))
    with pytest.raises(NoData, match="was given 0"):
        past(Panel((), ("A",), blank, blank, blank, blank, blank, blank))
