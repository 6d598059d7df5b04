"""Moods, clustering and the news that moves every share at once."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest

from core.providers.sim.climate import (
    CALM_AFTER,
    CALM_BEFORE,
    MOVE_MAX,
    WEATHER,
    Mood,
    climate,
)

SECTORS = ("Energy", "Metals")
LONG, FIRST = 6_000, 5_900


@pytest.fixture(scope="module")
def long():
    return climate(LONG, SECTORS, first_live=FIRST, seed=3)


def test_each_mood_lasts_some_weeks_and_none_is_left_out(long):
    stays = [(mood, len(list(run))) for mood, run in groupby(long.moods[: FIRST - CALM_BEFORE])]
    assert {mood for mood, _ in stays} == set(Mood)
    for mood, days in stays[:-1]:
        assert days >= WEATHER[mood].lasts / 3
    crashes = [days for mood, days in stays if mood is Mood.CRASH]
    assert max(crashes) < 60 and 1 <= len(crashes) <= 15


def test_a_mood_goes_on_only_to_moods_that_may_follow():
    for mood, weather in WEATHER.items():
        assert sum(chance for _, chance in weather.then) == pytest.approx(1.0)
        assert mood not in {then for then, _ in weather.then}


def test_a_crash_falls_and_shakes_more_than_a_bull_market(long):
    moods = np.array(long.moods)
    whole = long.market.copy()
    for jump in long.jumps:
        whole[jump.row] += jump.size
    assert whole[moods == Mood.CRASH].mean() < -0.008
    assert whole[moods == Mood.BULL].mean() > 0
    assert long.market_vol[moods == Mood.CRASH].mean() > 2 * (
        long.market_vol[moods == Mood.BULL].mean()
    )
    assert np.abs(whole).max() <= MOVE_MAX + 1e-9


def test_a_fall_stirs_the_next_session_more_than_a_rise(long):
    shock = long.market / long.market_vol
    same = np.array([a == b for a, b in zip(long.moods[:-1], long.moods[1:], strict=True)])
    grew = long.market_vol[1:] / long.market_vol[:-1]
    fell, rose = same & (shock[:-1] < -1), same & (shock[:-1] > 1)
    assert np.median(grew[fell]) > np.median(grew[rose]) > 0.9


def test_the_weeks_round_the_first_live_session_are_calm(long):
    calm = range(FIRST - CALM_BEFORE, FIRST + CALM_AFTER)
    assert {long.moods[row] for row in calm} == {Mood.BULL}
    assert not [jump for jump in long.jumps if jump.row in calm]


def test_a_longer_calendar_leaves_the_past_as_it_was(long):
    longer = climate(LONG + 50, SECTORS, first_live=FIRST, seed=3)
    np.testing.assert_array_equal(longer.market[:LONG], long.market)
    np.testing.assert_array_equal(longer.sectors[:LONG], long.sectors)
    assert [one for one in longer.jumps if one.row < LONG] == list(long.jumps)
