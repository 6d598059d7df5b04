"""Covariances that are shrunk, and what each position adds to the book's volatility."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput, NoData
from core.risk.covariance import (
    book_volatility,
    mean_correlation,
    risk_contributions,
    shrunk_covariance,
)


def some_returns(shares: int, *, sessions: int = 60, seed: int = 7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0, 0.01, (sessions, 1))
    return market + rng.normal(0.0, 0.012, (sessions, shares))


def test_the_diagonal_is_the_plain_variance_a_year():
    returns = some_returns(6)
    found = np.diag(shrunk_covariance(returns))
    assert found == pytest.approx(np.mean(returns**2, axis=0) * 252)


def test_pairs_go_towards_one_correlation_and_never_past_it():
    returns = some_returns(8)
    sample = returns.T @ returns / len(returns) * 252
    size = np.sqrt(np.diag(sample))
    plain, pulled = (m / np.outer(size, size) for m in (sample, shrunk_covariance(returns)))
    off = ~np.eye(8, dtype=bool)
    assert pulled[off].mean() == pytest.approx(plain[off].mean())
    assert 0 < pulled[off].std() < plain[off].std()


def test_one_share_and_a_pair_are_left_as_they_are():
    # 1 % and 2 % every day, always together: 0.01 x 0.02 x 252
    returns = np.outer(np.tile([1.0, -1.0], 20), [0.01, 0.02])
    assert shrunk_covariance(returns[:, :1]) == pytest.approx(np.array([[0.0252]]))
    assert shrunk_covariance(returns)[0, 1] == pytest.approx(0.0504)


@pytest.mark.parametrize(
    ("returns", "words"),
    [
        (np.full((19, 2), 0.01), "needs 20 sessions of returns, was given 19"),
        (np.full((30, 2), np.nan), "have gaps"),
        (np.zeros((30, 2)), "never moved"),
    ],
)
def test_what_cannot_be_measured_says_why(returns: np.ndarray, words: str):
    with pytest.raises(NoData, match=words):
        shrunk_covariance(returns)


def test_the_mean_correlation_is_that_of_all_pairs():
    returns = some_returns(5)
    size = np.sqrt(np.mean(returns**2, axis=0))
    pairs = (returns.T @ returns / len(returns)) / np.outer(size, size)
    assert mean_correlation(returns) == pytest.approx(pairs[np.triu_indices(5, 1)].mean())
    assert math.isnan(mean_correlation(returns[:, :1]))
    gap = returns.copy()
    gap[3, 0] = np.nan
    assert mean_correlation(gap) == pytest.approx(mean_correlation(returns[:, 1:]))


def test_two_like_shares_share_the_volatility_evenly():
    # each 30 %, half correlated, half the money in each: 0.3 x sqrt((1 + 0.5) / 2) = 0.2598
    covariance = np.array([[0.09, 0.045], [0.045, 0.09]])
    weights = np.array([0.5, 0.5])
    assert book_volatility(weights, covariance) == pytest.approx(0.2598, abs=1e-4)
    assert risk_contributions(weights, covariance) == pytest.approx([0.1299, 0.1299], abs=1e-4)


def test_a_short_against_a_like_share_takes_volatility_away():
    covariance = np.array([[0.09, 0.081], [0.081, 0.09]])
    added = risk_contributions(np.array([0.5, -0.2]), covariance)
    assert added[1] < 0 < added[0]


def test_an_empty_book_has_no_volatility_to_share():
    assert risk_contributions(np.zeros(2), np.eye(2)).tolist() == [0.0, 0.0]
    with pytest.raises(BadInput, match="cannot meet 3 weights"):
        book_volatility(np.ones(3), np.eye(2))


@settings(deadline=None)
@given(shares=st.integers(1, 12), seed=st.integers(0, 99))
def test_contributions_sum_to_the_volatility_of_a_covariance_that_can_be(shares: int, seed: int):
    covariance = shrunk_covariance(some_returns(shares, seed=seed))
    assert np.linalg.eigvalsh(covariance).min() > -1e-12
    weights = np.random.default_rng(seed).uniform(-0.2, 0.4, shares)
    total = risk_contributions(weights, covariance).sum()
    assert total == pytest.approx(book_volatility(weights, covariance))
