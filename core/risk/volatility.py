"""Volatility from daily returns, per year, as a fraction."""

from __future__ import annotations

import math

import numpy as np

from core.errors import BadInput, NoData
from core.panel import Floats

SESSIONS_A_YEAR = 252
MIN_SESSIONS = 20


def ewma_vol(returns: Floats, halflife: float) -> float:
    """Annualised volatility from exponentially weighted squared returns.

    The mean is taken as zero: over a day it is noise beside the variance.

    Args:
        returns: simple daily returns as fractions, shape (n_sessions,), oldest first.
        halflife: sessions after which a return counts half, > 0.

    Returns:
        Volatility per year as a fraction (0.18 is 18%).

    Raises:
        NoData: fewer than MIN_SESSIONS returns, or one that is not finite.
        BadInput: a halflife of zero or less.

    Source: RiskMetrics Technical Document, 4th ed. (J.P. Morgan/Reuters, 1996), ch. 5.
    """
    if halflife <= 0:
        raise BadInput(f"a halflife of {halflife} sessions must be above 0")
    n = len(returns)
    if n < MIN_SESSIONS:
        raise NoData(f"volatility needs {MIN_SESSIONS} returns, was given {n}")
    missing = n - int(np.isfinite(returns).sum())
    if missing:
        raise NoData(f"{missing} of {n} returns are missing; leave those sessions out first")
    weights = 0.5 ** (np.arange(n - 1, -1, -1, dtype=np.float64) / halflife)
    variance = float((weights * returns**2).sum() / weights.sum())
    return math.sqrt(variance * SESSIONS_A_YEAR)
