"""How shares move together, per year, shrunk because a few dozen sessions say little of pairs.

The mean return counts as zero, as in every volatility of the desk: over a day it is noise beside
the variance. So the diagonal is the square of the share's own volatility.
"""

from __future__ import annotations

import math

import numpy as np

from core.errors import BadInput, NoData
from core.panel import Floats
from core.risk.volatility import MIN_SESSIONS, SESSIONS_A_YEAR


def shrunk_covariance(returns: Floats) -> Floats:
    """Covariance per year, pulled towards one correlation for all pairs; variances stay.

    Args:
        returns: simple daily returns as fractions, shape (n_sessions, n_shares), all finite.

    Raises:
        NoData: too few sessions, a missing return, or a share that never moved.

    Source: O. Ledoit and M. Wolf, "Honey, I Shrunk the Sample Covariance Matrix", Journal of
    Portfolio Management 30 (2004), appendix B: the intensity is estimated from the returns.
    """
    sessions, shares = returns.shape
    if sessions < MIN_SESSIONS:
        raise NoData(f"a covariance needs {MIN_SESSIONS} sessions of returns, was given {sessions}")
    if not np.isfinite(returns).all():
        raise NoData(f"returns of {shares} shares over {sessions} sessions have gaps; leave the "
                     "sessions out that not every share traded")  # fmt: skip
    sample = returns.T @ returns / sessions
    spread = np.sqrt(np.diag(sample))
    if (spread <= 0).any():
        raise NoData("a share never moved, so its risk is not known; leave it out")
    if shares < 3:
        return np.asarray(sample * SESSIONS_A_YEAR)
    grid = np.outer(spread, spread)
    mean = (float((sample / grid).sum()) - shares) / (shares * (shares - 1))
    target = mean * grid
    np.fill_diagonal(target, np.diag(sample))
    pull = _intensity(returns, sample, target, spread, mean)
    return np.asarray((pull * target + (1 - pull) * sample) * SESSIONS_A_YEAR)


def _intensity(
    returns: Floats, sample: Floats, target: Floats, spread: Floats, mean: float
) -> float:
    """How far to go from the sample to the target, a fraction."""
    sessions = len(returns)
    squares = returns**2
    noise = squares.T @ squares / sessions - sample**2
    shared = (returns**3).T @ returns / sessions - np.diag(sample)[:, None] * sample
    np.fill_diagonal(shared, 0.0)
    moved = float(np.diag(noise).sum()) + mean * float(
        (np.outer(1.0 / spread, spread) * shared).sum()
    )
    apart = float(((sample - target) ** 2).sum())
    if apart <= 0:
        return 1.0
    return float(min(1.0, max(0.0, (float(noise.sum()) - moved) / apart / sessions)))


def mean_correlation(returns: Floats) -> float:
    """The average correlation over all pairs of shares, NaN for fewer than two that moved.

    Shape (n_sessions, n_shares); a share with a gap or without a move is left out. The sum of the
    standardised columns has the sum of all correlations as its mean square, so no pair is formed.
    """
    whole = returns[:, np.isfinite(returns).all(axis=0)]
    size = np.sqrt(np.mean(whole**2, axis=0)) if len(whole) else np.zeros(0)
    moving = whole[:, size > 0] / size[size > 0]
    shares = moving.shape[1]
    if shares < 2:
        return math.nan
    together = float(np.mean(moving.sum(axis=1) ** 2))
    return float((together - shares) / (shares * (shares - 1)))


def book_volatility(weights: Floats, covariance: Floats) -> float:
    """Volatility per year of fixed weights, the rest being cash."""
    _check(weights, covariance)
    return math.sqrt(max(0.0, float(weights @ (covariance @ weights))))


def risk_contributions(weights: Floats, covariance: Floats) -> Floats:
    """What each position adds to the book's volatility; they sum to it, all zero when it is zero.

    Weights are signed fractions of equity, so a position that offsets the others adds less than
    nothing.

    Source: Euler's theorem for functions of degree one; D. Tasche, "Risk Contributions and
    Performance Measurement" (1999).
    """
    _check(weights, covariance)
    pulled = covariance @ weights
    vol = math.sqrt(max(0.0, float(weights @ pulled)))
    return np.asarray(weights * pulled / vol) if vol > 0 else np.zeros_like(weights)


def _check(weights: Floats, covariance: Floats) -> None:
    if covariance.shape != (len(weights), len(weights)):
        raise BadInput(f"a covariance of shape {covariance.shape} cannot meet {len(weights)} "
                       "weights")  # fmt: skip
