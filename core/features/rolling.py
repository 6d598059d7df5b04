"""Sums, means and the like over the last so many bars; NaN until there are as many.

Leading NaN are skipped. A NaN further in would spoil all that follows, so callers give none.
TA-Lib's sums run on and keep a residue of what has left them; here a stretch of zeros sums to zero,
so that a ratio to it is missing and not noise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.features.talib_functions import ta
from core.panel import Floats

Bools = NDArray[np.bool_]
Places = NDArray[np.intp]


def over(function: Callable[..., Any], series: Floats, bars: int) -> Floats:
    """A TA-Lib function of one series; NaN throughout where too little is known."""
    if len(series) < bars or np.isnan(series[-1]):
        return np.full_like(series, np.nan)
    found: Floats = function(series, bars)
    return found


def mean(series: Floats, bars: int) -> Floats:
    """Simple mean."""
    return _without_residue(over(ta().SMA, series, bars), series, bars)


def total(series: Floats, bars: int) -> Floats:
    """Sum."""
    return _without_residue(over(ta().SUM, series, bars), series, bars)


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


def last_all(true: Bools, bars: int) -> Places:
    """The places at which all of the last so many bars are true."""
    at = np.flatnonzero(true)
    if len(at) < bars:
        return at[:0]
    ends = at[bars - 1 :]
    found: Places = ends[ends - at[: len(ends)] == bars - 1]
    return found


def _without_residue(found: Floats, series: Floats, bars: int) -> Floats:
    found[last_all(series == 0.0, bars)] = 0.0
    return found
