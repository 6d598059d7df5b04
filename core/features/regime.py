"""The state of the whole market: four hidden states where history allows, a plain rule before.

Models, their weights and their confidence go by the hidden states, whose names are relative: the
weakest quiet one is the bear's. What a playbook asks, and the meta-label with it, is the plain
rule on the trend, which says bear only of a market that fell.

Only sessions up to the one asked about are used, so a stored regime never changes later.
"""

from __future__ import annotations

import numpy as np

from core.domain.signal import Regime
from core.errors import NoData
from core.features.hmm import States, Told, observe, tell, told_by
from core.panel import Floats, Panel

TREND = 60  # sessions of the trend
BASE = 252  # sessions that say what volatility is usual
SPAN = 20
VOLATILE_OVER = 1.6  # times the usual volatility
TREND_OVER = 0.03  # return over the trend window that makes a bull or a bear


def market_regime(panel: Panel, states: States | None = None) -> tuple[Regime, float]:
    """The regime after the last session and how clear it is, in [0, 1].

    Args:
        states: a fitted model to listen to; fitted on the panel's own past unless given.

    Raises:
        NoData: fewer sessions than the rule's trend needs.
    """
    chances = market_states(panel, states).chances[-1]
    if np.isnan(chances[0]):
        return trend_regime(panel)
    likeliest = int(np.argmax(chances))
    return tuple(Regime)[likeliest], float(chances[likeliest])


def trend_regime(panel: Panel) -> tuple[Regime, float]:
    """What the plain rule on the trend says after the last session, and how clearly.

    Raises:
        NoData: fewer sessions than the trend needs.
    """
    return regime_at(known_returns(panel))


def trend_regimes(panel: Panel) -> tuple[Regime | None, ...]:
    """The same after each session, None while there is too little history."""
    returns = known_returns(panel)
    missing = np.concatenate([[0], np.cumsum(np.isnan(returns))])
    return tuple(
        regime_at(returns[:count])[0]
        if count >= TREND and missing[count] == missing[count - TREND]
        else None
        for count in range(len(panel.sessions))
    )


def market_states(panel: Panel, states: States | None = None) -> Told:
    """How likely each hidden state is at every session's close."""
    seen = observe(panel, known_returns(panel))
    return tell(panel.sessions, seen) if states is None else told_by(states, seen)


def market_returns(panel: Panel) -> Floats:
    """The same with no return where none is known, for levels that run on."""
    return np.nan_to_num(known_returns(panel), nan=0.0)


def known_returns(panel: Panel) -> Floats:
    """Mean simple return of all shares a session, shape (n_sessions - 1,); NaN where none has one.

    A share's return is known where it has a close on the session and on the one before.
    """
    close = panel.adjusted().close
    with np.errstate(invalid="ignore", divide="ignore"):
        returns = close[1:] / close[:-1] - 1.0
    counted = (~np.isnan(returns)).sum(axis=1)
    return np.where(counted > 0, np.nansum(returns, axis=1) / np.maximum(counted, 1), np.nan)


def regime_at(returns: Floats) -> tuple[Regime, float]:
    """The regime after the last of some market returns.

    Raises:
        NoData: fewer than the trend needs, or one of those it needs is missing.
    """
    if len(returns) < TREND:
        raise NoData(f"a regime needs {TREND} sessions of returns, was given {len(returns)}")
    if missing := int(np.isnan(returns[-TREND:]).sum()):
        raise NoData(
            f"a regime needs {TREND} sessions of returns, and {missing} of the last {TREND} have "
            "none; import the missing sessions"
        )
    recent = float(np.sqrt(np.mean(returns[-SPAN:] ** 2)))
    usual = float(np.sqrt(np.nanmean(returns[-BASE:] ** 2)))
    trend = float(np.prod(1.0 + returns[-TREND:]) - 1.0)
    heat = recent / usual if usual > 0 else 1.0
    if heat >= VOLATILE_OVER:
        return Regime.VOLATILE, min(1.0, heat / VOLATILE_OVER - 0.5)
    clear = min(1.0, abs(trend) / (2 * TREND_OVER))
    if trend >= TREND_OVER:
        return Regime.BULL, clear
    if trend <= -TREND_OVER:
        return Regime.BEAR, clear
    return Regime.SIDEWAYS, 1.0 - clear


def regimes(panel: Panel) -> tuple[Regime | None, ...]:
    """The likeliest state after each session, the plain rule's word before states are known."""
    told = market_states(panel).regimes()
    return tuple(state or rule for state, rule in zip(told, trend_regimes(panel), strict=True))
