"""The tests of quality on the real panel: seeded defects are caught, clean years stay tradable."""

from __future__ import annotations

import pytest

from core.market.quality_drill import drill
from tests.bench.quality_defects import (
    ODD,
    SESSIONS_A_YEAR,
    blocks,
    explained,
    half_bars,
    market_halves,
    short,
    whole_market,
)

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


def test_odd_years_block_hardly_a_clean_one_and_catch_nearly_every_defect(real_files):
    panel, names = explained(real_files)[1]
    found, bars = blocks(panel, names)
    assert bars == 185_441
    assert found.years > 800
    assert len(found.blocked) < 0.01 * found.years
    rows = drill(panel, seed=7, rounds=6, short=short(panel), ends_in=ODD)
    caught, total = sum(one.caught for one in rows), sum(one.total for one in rows)
    print(f"\ncaught {caught} of {total}, blocked {len(found.blocked)} of {found.years}")
    assert caught >= 0.95 * total


def test_the_unfinished_last_bar_of_the_adjusted_set_is_found_in_every_share(real_files):
    assert half_bars(real_files) == "62 of 62"


def test_the_whole_market_blocks_less_than_one_year_of_bars_in_a_hundred(real_files):
    halves = dict(market_halves(*whole_market(real_files)))
    measured = halves["measured"]
    years = measured.bars / SESSIONS_A_YEAR
    print(f"\nblocked {len(measured.blocked)} in {years:.0f} years of bars")
    assert years > 200
    assert len(measured.blocked) < 0.01 * years
