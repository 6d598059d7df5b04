"""The state of the whole market."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.domain.signal import Regime
from core.errors import NoData
from core.features.regime import (
    known_returns,
    market_regime,
    market_returns,
    regime_at,
    regimes,
    trend_regime,
    trend_regimes,
)
from tests.models.made import noise, panel_of


def walk(returns: np.ndarray) -> np.ndarray:
    return 100 * np.cumprod(1 + np.concatenate([[0.0], returns]))[:, None] * np.ones((1, 3))


def market(returns: np.ndarray):
    close = walk(returns)
    return panel_of(open=close, high=close, low=close, close=close)


def swing(size: float, count: int) -> np.ndarray:
    return size * np.where(np.arange(count) % 2 == 0, 1.0, -1.0)


def test_a_steady_rise_is_a_bull_market_and_quite_clear():
    # 0.1 % over 60 sessions is 6.2 %, over twice the 3 % that makes a bull
    assert market_regime(market(np.full(100, 0.001))) == (Regime.BULL, 1.0)


def test_a_steady_fall_is_a_bear_market():
    assert market_regime(market(np.full(100, -0.001)))[0] is Regime.BEAR


def test_going_nowhere_is_sideways():
    found, clear = market_regime(market(swing(0.005, 100)))
    assert found is Regime.SIDEWAYS
    assert clear > 0.9


def test_a_spell_far_rougher_than_usual_is_volatile():
    found, clear = regime_at(np.concatenate([swing(0.003, 200), swing(0.03, 20)]))
    assert found is Regime.VOLATILE
    assert 0.0 <= clear <= 1.0


def test_a_short_history_says_how_short():
    with pytest.raises(NoData, match="needs 60 sessions of returns, was given 30"):
        market_regime(market(np.full(30, 0.001)))


def test_the_regime_of_a_session_never_changes_later():
    panel = noise(seed=11, shares=5, sessions=200)
    whole = regimes(panel)
    assert whole[:60] == (None,) * 60
    assert whole[:150] == regimes(panel.until(panel.sessions[149]))
    assert whole[-1] is market_regime(panel)[0]


def test_sessions_without_any_price_are_missing_and_not_quiet():
    # the first 100 of 300 wait for a person to look at a step: the rule begins 60 after them
    panel = noise(seed=11, shares=1, sessions=300)
    close = panel.close.copy()
    close[:100] = np.nan
    gone = replace(panel, close=close)
    assert np.isnan(known_returns(gone)[:100]).all() and market_returns(gone)[:100].sum() == 0
    found = trend_regimes(gone)
    assert found[:160] == (None,) * 160 and found[160:] == trend_regimes(panel)[160:]
    with pytest.raises(NoData, match="41 of the last 60 have none"):
        trend_regime(gone.until(gone.sessions[119]))


def test_a_share_that_did_not_trade_leaves_the_mean_to_the_others():
    close = walk(np.full(3, 0.01))
    close[2, 0] = np.nan
    found = market_returns(panel_of(open=close, high=close, low=close, close=close))
    assert found.tolist() == pytest.approx([0.01, 0.01, 0.01])
