"""Volatility from daily returns."""

import numpy as np
import pytest

from core.errors import BadInput, NoData
from core.risk.volatility import ewma_vol


def test_constant_returns_have_that_volatility_annualised():
    # 1% every day: sqrt(0.01**2 * 252) = 0.1587
    assert ewma_vol(np.full(40, 0.01), halflife=10) == pytest.approx(0.1587, abs=1e-4)


def test_the_latest_return_counts_most():
    calm, wild = np.full(40, 0.005), np.full(40, 0.005)
    calm[0] = wild[-1] = 0.05
    assert ewma_vol(wild, halflife=5) > 2 * ewma_vol(calm, halflife=5)


def test_a_halflife_old_return_weighs_half():
    returns = np.zeros(20)
    returns[-1] = 0.02
    returns[-11] = 0.02
    weights = 0.5 ** (np.arange(20) / 10)
    expected = np.sqrt(0.02**2 * 1.5 / weights.sum() * 252)
    assert ewma_vol(returns, halflife=10) == pytest.approx(expected)


def test_a_short_history_says_how_short():
    with pytest.raises(NoData, match="needs 20 returns, was given 3"):
        ewma_vol(np.zeros(3), halflife=10)


def test_gaps_and_nonsense_are_refused():
    with pytest.raises(NoData, match="1 of 30 returns are missing"):
        ewma_vol(np.array([np.nan] + [0.0] * 29), halflife=10)
    with pytest.raises(BadInput, match="halflife of 0"):
        ewma_vol(np.zeros(30), halflife=0)
