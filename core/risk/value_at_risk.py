"""Historical tails: what today's weights would have lost on the days that were."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.errors import BadInput, NoData
from core.panel import Floats

MIN_DAYS = 60


@dataclass(frozen=True, slots=True)
class Tail:
    """Losses as positive fractions of the book over one day.

    `value_at_risk` is exceeded on (1 - confidence) of the `days`; `expected_shortfall` is the
    mean loss on those days.
    """

    confidence: float
    value_at_risk: float
    expected_shortfall: float
    days: int


def book_returns(returns: Floats, weights: Floats) -> Floats:
    """Daily returns of fixed weights; a session missing any weighed share is left out.

    Args:
        returns: simple daily returns, shape (n_sessions, n_shares).
        weights: fractions of equity, shape (n_shares,); the rest is cash at zero.
    """
    if returns.ndim != 2 or returns.shape[1] != len(weights):
        raise BadInput(f"returns of shape {returns.shape} cannot meet {len(weights)} weights")
    held = weights != 0
    mine = returns[:, held]
    whole = np.isfinite(mine).all(axis=1)
    book: Floats = mine[whole] @ weights[held]
    return book


def historical_tail(returns: Floats, *, confidence: float = 0.95) -> Tail:
    """Value at risk and expected shortfall from past daily returns of the book.

    The loss at the k-th worst day, k = ceil((1 - confidence) * n): no interpolation, so the
    number is a loss that happened. A book that never lost has a tail of zero.

    Raises:
        NoData: fewer than MIN_DAYS returns.
        BadInput: a confidence outside (0.5, 1).

    Source: Basel Committee, "Minimum capital requirements for market risk" (2019), MAR33, for
    expected shortfall as the mean beyond value at risk.
    """
    if not 0.5 < confidence < 1.0:
        raise BadInput(f"a confidence of {confidence} must lie between 0.5 and 1")
    n = len(returns)
    if n < MIN_DAYS:
        raise NoData(f"a tail needs {MIN_DAYS} days, was given {n}")
    worst = max(1, math.ceil((1 - confidence) * n - 1e-9))
    losses = np.sort(-returns)[::-1][:worst]
    return Tail(
        confidence=confidence,
        value_at_risk=max(0.0, float(losses[-1])),
        expected_shortfall=max(0.0, float(losses.mean())),
        days=n,
    )
