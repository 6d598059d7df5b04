"""Triple-barrier labels: what comes first, the target, the stop or the end of the time.

Source: M. López de Prado, Advances in Financial Machine Learning (Wiley, 2018), ch. 3. Entry is
the next session's open. A gap through a barrier is taken at the open, which comes before
anything else; a session that touches both barriers after it counts as the stop. Where the share
does not trade on the last session, or has not moved for 14 of them, there is no label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.panel import Floats, Panel

BARRIERS: tuple[float, float, int] = (2.0, 3.0, 10)  # stop ATR, target ATR, sessions
ROUND_TRIP = 0.0025  # of price; charges of ₹1 lakh bought and sold with its DP charge, see tests
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
    waiting = ~np.isnan(entry) & (atr > 0)
    for step in range(1, sessions + 1):
        opens, high = _shift(prices.open, step), _shift(prices.high, step)
        low, close = _shift(prices.low, step), _shift(prices.close, step)
        hit_stop = waiting & (low <= stop) & ~(opens >= target)
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


def uniqueness(labels: Labels, *, among: NDArray[np.bool_] | None = None) -> Floats:
    """How much of its span a label shares with no other of its share: above 0, at most 1.

    Each session of a label's span counts one over the labels that span it, and the mean of that
    is the weight; shape (n_sessions, n_instruments), 0 where there is no label. Source: the same
    book, ch. 4.

    Args:
        among: the labels that count, of the same shape; all of them unless given.
    """
    known = labels.outcome != UNKNOWN
    if among is not None:
        known &= among
    place, share = np.nonzero(known)
    end = labels.ends[known].astype(np.int64)
    steps = np.zeros((len(labels.outcome) + 2, labels.outcome.shape[1]))
    np.add.at(steps, (place + 1, share), 1.0)
    np.add.at(steps, (end + 1, share), -1.0)
    spanning = np.cumsum(steps, axis=0)
    shared = np.cumsum(np.where(spanning > 0, 1.0 / np.maximum(spanning, 1.0), 0.0), axis=0)
    out = np.zeros(labels.outcome.shape)
    out[known] = (shared[end, share] - shared[place, share]) / (end - place)
    return out


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
