"""Sums, means and the like over the last so many bars; NaN until there are as many.

Leading NaN are skipped. A NaN further in would spoil all that follows, so callers give none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.features.talib_functions import ta
from core.panel import Floats


def over(function: Callable[..., Any], series: Floats, bars: int) -> Floats:
    """A TA-Lib function of one series; NaN throughout where too little is known."""
    if len(series) < bars or np.isnan(series[-1]):
        return np.full_like(series, np.nan)
    found: Floats = function(series, bars)
    return found


def mean(series: Floats, bars: int) -> Floats:
    """Simple mean."""
    return over(ta().SMA, series, bars)


def total(series: Floats, bars: int) -> Floats:
    """Sum."""
    return over(ta().SUM, series, bars)


def deviation(series: Floats, bars: int) -> Floats:
    """Standard deviation of the bars as they are, not of a sample."""
    return over(ta().STDDEV, series, bars)


def highest(series: Floats, bars: int) -> Floats:
    """Maximum."""
    return over(ta().MAX, series, bars)


def lowest(series: Floats, bars: int) -> Floats:
    """Minimum."""
    return over(ta().MIN, series, bars)


def slope(series: Floats, bars: int) -> Floats:
    """Least-squares slope a bar."""
    return over(ta().LINEARREG_SLOPE, series, bars)


def correlation(one: Floats, other: Floats, bars: int) -> Floats:
    """Pearson correlation of two series; NaN where one stands still, which TA-Lib says as 0."""
    if len(one) < bars or np.isnan(one[-1]) or np.isnan(other[-1]):
        return np.full_like(one, np.nan)
    found = ta().CORREL(one, other, bars)
    return np.where(found == 0.0, np.nan, found)


def lag(series: Floats, bars: int) -> Floats:
    """The value so many bars before."""
    out = np.full_like(series, np.nan)
    out[bars:] = series[:-bars]
    return out


def change(series: Floats, bars: int) -> Floats:
    """Simple change over so many bars, a fraction."""
    return series / lag(series, bars) - 1.0
