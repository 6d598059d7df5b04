"""The dirty switch of the simulated market: stored bars are wrong, and the desk says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.desk.dirty import A_DAY, spoiled, spoiled_day
from core.domain.quality import FLOOR
from core.market.quality import check
from core.panel import Panel
from core.providers.calendar_file import load_calendar
from core.providers.sim import SIM_STARTS_ON, SimMarket
from core.providers.universe_file import load_universe

FILES = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="module")
def market() -> SimMarket:
    universe = load_universe(FILES / "universe.csv")[::3]
    return SimMarket(universe, load_calendar(FILES / "calendar.json"), seed=42)


def touched(clean: Panel, dirty: Panel) -> set[str]:
    """Shares with a cell that differs."""
    found: set[str] = set()
    for name in ("open", "high", "low", "close", "volume"):
        here, there = getattr(clean, name), getattr(dirty, name)
        columns = ~((here == there) | (np.isnan(here) & np.isnan(there))).all(axis=0)
        found |= {clean.isins[column] for column in np.flatnonzero(columns)}
    return found


def test_the_history_is_damaged_in_some_shares_the_same_way_each_time(market):
    clean = market.history(250)
    dirty = spoiled(clean, seed=42)
    assert dirty.sessions == clean.sessions and dirty.isins == clean.isins
    assert 5 <= len(touched(clean, dirty)) < len(clean.isins)
    again = spoiled(clean, seed=42)
    np.testing.assert_array_equal(again.close, dirty.close)
    np.testing.assert_array_equal(clean.close, market.history(250).close)


def test_a_live_session_has_two_damaged_bars_and_others_the_next_day(market):
    clean = market.bars_of(SIM_STARTS_ON)
    dirty = spoiled_day(clean, seed=42)
    assert len(touched(clean, dirty)) == A_DAY
    next_day = market.bars_of(market.world.sessions[market.world.first_live + 1])
    assert touched(next_day, spoiled_day(next_day, seed=42)) != touched(clean, dirty)


def test_the_check_of_quality_finds_what_was_damaged_and_believes_the_rest(market):
    clean = market.history(500)
    dirty = spoiled(clean, seed=42)
    until = market.opens(SIM_STARTS_ON)
    paid = {(one.isin, one.ex_date) for one in market.actions(until) if one.amount is not None}
    wrong = touched(clean, dirty)
    found = check(dirty, dividends=paid)
    low = {
        isin
        for isin, bad in zip(found.isins, (found.scores < FLOOR).any(axis=0), strict=True)
        if bad
    }
    assert len(wrong & low) >= 0.8 * len(wrong)
    before = check(clean, dividends=paid)
    assert (before.scores < FLOOR).any(axis=0).sum() <= 2
