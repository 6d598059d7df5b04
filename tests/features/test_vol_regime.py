"""Volatility and liquidity against their own past: the place, the word, and no look ahead."""

from __future__ import annotations

import numpy as np
import pytest

from core.features.vol_regime import (
    LIQUID,
    NEEDED,
    PAST,
    RESTLESS,
    SPAN,
    liquidities,
    place_of,
    volatilities,
)
from tests.models.made import noise


def test_a_steady_two_per_cent_a_day_is_near_32_per_cent_a_year():
    found = volatilities(np.full(30, 0.02))
    assert np.isnan(found[: SPAN - 1]).all()
    assert found[SPAN - 1 :] == pytest.approx(0.02 * np.sqrt(252))


@pytest.mark.parametrize(
    ("last", "share", "word"),
    [(0.5, 0.0, "calm"), (76.5, 76 / 300, "usual"), (226.5, 226 / 300, "restless"),
     (999.0, 1.0, "restless")],
)  # fmt: skip
def test_the_word_follows_from_how_many_earlier_sessions_lay_below(last, share, word):
    found = place_of(np.array([*range(1, 301), last], float), RESTLESS)
    assert (found.words, found.n, found.value) == (word, 300, last)
    assert found.share == pytest.approx(share)


def test_only_three_years_count_and_missing_ones_do_not():
    old = np.full(500, 100.0)
    past = np.full(PAST, 1.0)
    past[:10] = np.nan
    found = place_of(np.array([*old, *past, 2.0]), LIQUID)
    assert (found.words, found.share, found.n) == ("busy", 1.0, PAST - 10)


def test_below_a_year_of_sessions_no_word_is_given():
    found = place_of(np.arange(float(NEEDED)), RESTLESS)
    assert found.words == f"too few, {NEEDED - 1} of {NEEDED} sessions"
    assert found.share is None
    assert place_of(np.array([1.0, np.nan]), RESTLESS).words == "not known"


def test_liquidity_is_the_mean_turnover_of_shares_that_traded():
    panel = noise(seed=5, sessions=60)
    panel.volume[:, 0] = np.nan
    known = panel.turnover[-SPAN:, 1:]
    assert liquidities(panel)[-1] == pytest.approx(float(known.mean(axis=1).mean()))


def test_what_was_said_of_a_session_does_not_change_with_later_ones():
    returns = np.random.default_rng(1).normal(0, 0.01, 700)
    whole, cut = volatilities(returns), volatilities(returns[:600])
    np.testing.assert_array_equal(whole[:600], cut)
    assert place_of(whole[:600], RESTLESS) == place_of(cut, RESTLESS)
