"""Triple-barrier labels: what comes first, the target, the stop or the end of the time.

Source: M. López de Prado, Advances in Financial Machine Learning (Wiley, 2018), ch. 3. Entry is
the next session's open; a session that touches both barriers counts as the stop, and a gap
through a barrier is taken at the open. Where the share does not trade on the last session there
is no label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.panel import Floats, Panel

BARRIERS: tuple[float, float, int] = (2.0, 3.0, 10)  # stop ATR, target ATR, sessions
ROUND_TRIP = 0.0025  # charges and slippage of a delivery round trip, fraction of price
ATR_SPAN = 14
UNKNOWN = -128


@dataclass(frozen=True, slots=True)
class Labels:
    """Shape (n_sessions, n_instruments): outcome 1 target, -1 stop, 0 time, -128 unknown.

    `returns` are fractions after costs, `ends` the session index that decided.
    """

    outcome: NDArray[np.int8]
    returns: Floats
    ends: NDArray[np.int32]


def label(
    panel: Panel,
    *,
    stop_atr: float = BARRIERS[0],
    target_atr: float = BARRIERS[1],
    sessions: int = BARRIERS[2],
    cost: float = ROUND_TRIP,
) -> Labels:
    """Label every share of every session whose barriers are decided within the panel."""
    prices = panel.adjusted()
    count = len(panel.sessions)
    atr = average_range(prices)
    entry = _shift(prices.open, 1)
    stop, target = entry - stop_atr * atr, entry + target_atr * atr
    outcome = np.full(entry.shape, UNKNOWN, np.int8)
    returns = np.full(entry.shape, np.nan)
    ends = np.full(entry.shape, -1, np.int32)
    waiting = ~np.isnan(entry) & ~np.isnan(atr)
    for step in range(1, sessions + 1):
        opens, high = _shift(prices.open, step), _shift(prices.high, step)
        low, close = _shift(prices.low, step), _shift(prices.close, step)
        hit_stop = waiting & (low <= stop)
        hit_target = waiting & ~hit_stop & (high >= target)
        timed = waiting & ~hit_stop & ~hit_target & (step == sessions) & ~np.isnan(close)
        for where, said, price in (
            (hit_stop, -1, np.minimum(stop, opens)),
            (hit_target, 1, np.maximum(target, opens)),
            (timed, 0, close),
        ):
            outcome[where] = said
            returns[where] = (price / entry - 1.0 - cost)[where]
            ends[where] = np.broadcast_to(
                np.arange(count, dtype=np.int32)[:, None] + step, entry.shape
            )[where]
        waiting &= ~(hit_stop | hit_target | timed)
    return Labels(outcome, returns, ends)


def average_range(prices: Panel) -> Floats:
    """Simple mean of the true range over 14 sessions, in rupees; NaN where one is missing."""
    before = _shift(prices.close, -1)
    spans = np.maximum(prices.high, before) - np.minimum(prices.low, before)
    out = np.full(spans.shape, np.nan)
    if len(spans) > ATR_SPAN:
        seen = np.lib.stride_tricks.sliding_window_view(spans, ATR_SPAN, axis=0)
        out[ATR_SPAN - 1 :] = seen.mean(axis=-1)
    return out


def _shift(values: Floats, sessions: int) -> Floats:
    """Values `sessions` later (or earlier when negative), NaN beyond the panel."""
    out = np.full(values.shape, np.nan)
    if sessions > 0 and sessions < len(values):
        out[:-sessions] = values[sessions:]
    elif sessions < 0:
        out[-sessions:] = values[:sessions]
    return out
