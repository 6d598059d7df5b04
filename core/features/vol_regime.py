"""How restless and how liquid a market or a share is against its own past three years.

A session is held against the sessions before it alone, so what is said of it never changes later.
"""

from __future__ import annotations

import numpy as np

from core.domain.regime import Place
from core.features.regime import known_returns
from core.panel import Floats, Panel

SPAN = 20  # sessions that one number is made from
PAST = 756  # sessions, about three years, that it is held against
NEEDED = 252  # of them; a share of fewer says little
LOW, HIGH = 0.25, 0.75  # shares of the past that part usual from unusual
RESTLESS = ("calm", "usual", "restless")
LIQUID = ("thin", "usual", "busy")
YEAR = 252


def volatility_now(panel: Panel) -> Place:
    """Volatility a year of the last 20 sessions' mean return, and where it stands."""
    return place_of(volatilities(known_returns(panel)), RESTLESS)


def liquidity_now(panel: Panel) -> Place:
    """Rupees a share traded a session in the last 20 sessions on average, and where that stands."""
    return place_of(liquidities(panel), LIQUID)


def volatilities(returns: Floats) -> Floats:
    """Volatility a year as a fraction after each return, NaN before 20 of them.

    Args:
        returns: fractions a session, oldest first, shape (n,).
    """
    return np.asarray(np.sqrt(_mean_of_span(returns**2) * YEAR), np.float64)


def liquidities(panel: Panel) -> Floats:
    """Mean rupees that a share traded a session over 20 sessions, shape (n_sessions,)."""
    known = ~np.isnan(panel.turnover)
    counted = known.sum(axis=1)
    whole = np.nansum(panel.turnover, axis=1)
    return _mean_of_span(np.where(counted > 0, whole / np.maximum(counted, 1), np.nan))


def place_of(values: Floats, words: tuple[str, str, str]) -> Place:
    """Where the last of some values stands among the up to 756 before it.

    Args:
        values: oldest first, shape (n,), NaN where not known.
        words: for a low, a usual and a high one.
    """
    if not len(values) or np.isnan(values[-1]):
        return Place("not known", None, None, 0)
    now = float(values[-1])
    past = values[-PAST - 1 : -1]
    past = past[~np.isnan(past)]
    if len(past) < NEEDED:
        return Place(f"too few, {len(past)} of {NEEDED} sessions", now, None, len(past))
    below = float(np.mean(past < now))
    word = words[0] if below < LOW else words[2] if below > HIGH else words[1]
    return Place(word, now, below, len(past))


def _mean_of_span(values: Floats) -> Floats:
    """Mean of each value and the 19 before it; NaN where one of them is missing."""
    out = np.full(len(values), np.nan)
    if len(values) >= SPAN:
        out[SPAN - 1 :] = np.lib.stride_tricks.sliding_window_view(values, SPAN).mean(axis=1)
    return out
