"""The habits of small panels worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from core.errors import NoData
from core.market.habits import NEEDED, echo, habits, kurtosis, log_returns, skew
from core.panel import Panel

DAYS = tuple(date(2024, 1, 1) + timedelta(days=n) for n in range(NEEDED + 101))


def a_panel(returns: np.ndarray) -> Panel:
    """Closes from log returns, opens at the close before."""
    walked = np.vstack([np.zeros((1, returns.shape[1])), np.cumsum(returns, axis=0)])
    close = 100 * np.exp(walked)
    opens = np.vstack([close[:1], close[:-1]])
    return Panel(
        sessions=DAYS[: len(close)],
        isins=tuple(f"INE00000000{n}" for n in range(close.shape[1])),
        open=opens,
        high=np.maximum(opens, close),
        low=np.minimum(opens, close),
        close=close,
        volume=np.ones_like(close),
        factor=np.ones_like(close),
    )


def test_moments_of_few_numbers():
    # -1, -1, 2: variance 2, third moment (−1−1+8)/3 = 2, fourth (1+1+16)/3 = 6
    column = np.array([[-1.0], [-1.0], [2.0]])
    assert skew(column)[0] == pytest.approx(2 / 2**1.5)
    assert kurtosis(column)[0] == pytest.approx(6 / 4 - 3)
    swing = np.array([[1.0], [-1.0], [1.0], [-1.0]])
    assert (echo(swing, 1)[0], echo(swing, 2)[0]) == (-1.0, 1.0)


def test_a_return_reaches_back_over_a_hole_and_a_split_is_none():
    panel = a_panel(np.full((3, 1), 0.1))
    panel.close[1] = np.nan
    found = log_returns(panel)[:, 0]
    assert np.isnan(found[0]) and found[1:] == pytest.approx([0.2, 0.1])
    panel = a_panel(np.array([[0.0], [-np.log(2)], [0.0]]))
    panel.factor[:2] = 2.0
    assert log_returns(panel)[:, 0] == pytest.approx([0.0, 0.0, 0.0])


def test_company_and_beta_of_shares_that_move_together():
    rng = np.random.default_rng(1)
    moves = 0.01 * rng.standard_normal((NEEDED + 100, 2))
    returns = np.column_stack([moves[:, 0], moves[:, 0], 3 * moves[:, 1]])
    found = habits(a_panel(returns), ["a", "a", "b"])
    assert found.within == pytest.approx(1.0)
    assert abs(found.across) < 0.15
    assert found.beta_high > 1.5 > 1.0 > found.beta_low
    assert found.vol == pytest.approx(0.01 * np.sqrt(247), rel=0.1)
    assert found.gap_share == pytest.approx(0.0, abs=1e-9)  # every open is the close before
    assert (found.shares, found.returns) == (3, 3 * (NEEDED + 100))
    # 3 % a day beyond 5 % is 1.67 standard deviations: a tenth of one share in three
    assert found.big == pytest.approx(0.095 / 3, abs=0.015)


def test_too_short_a_history_is_refused():
    with pytest.raises(NoData, match="two shares with 250 returns each; 0 of 1"):
        habits(a_panel(np.zeros((10, 1))), ["a"])
