"""Mean prices weighted by volume: over the last bars, or since the first bar of a stretch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.panel import Floats


def rolling_vwap(price: Floats, volume: Floats, span: int) -> Floats:
    """Of the last `span` bars; NaN before there are as many, and where nothing was traded."""
    since = np.maximum(np.arange(1, len(price) + 1) - span, 0)
    found = anchored_vwap(price, volume, since)
    found[: span - 1] = np.nan
    return found


def anchored_vwap(price: Floats, volume: Floats, since: NDArray[np.int64]) -> Floats:
    """Of each bar and those from the place `since` on; NaN where nothing was traded."""
    paid, traded = (np.append(0.0, np.cumsum(each)) for each in (price * volume, volume))
    upto = np.arange(1, len(price) + 1)
    shares = traded[upto] - traded[since]
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(shares > 0, (paid[upto] - paid[since]) / shares, np.nan)
    return found


def first_of(period: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of the first bar of each bar's session, month or the like."""
    new = np.append(True, period[1:] != period[:-1])
    return np.maximum.accumulate(np.where(new, np.arange(len(period)), 0))
