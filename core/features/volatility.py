"""Volatility: how far prices go, by closes, by ranges and by gaps, and how evenly.

Volatilities are per year of 252 sessions, the mean return taken as zero unless said.
Sources: Parkinson, J. Business 53 (1980); Garman and Klass, J. Business 53 (1980); Rogers and
Satchell, Annals of Applied Probability 1 (1991); Yang and Zhang, J. Business 73 (2000); RiskMetrics
Technical Document, 4th ed. (1996); Martin and McCann (1989) for the ulcer index.
"""

from __future__ import annotations

import math

import numpy as np

from core.features.definition import FADES, Own, own
from core.features.own_bars import OwnBars
from core.features.rolling import deviation, highest, lag, lowest, mean, over, total
from core.features.talib_functions import ta
from core.panel import Floats

GROUP = "volatility"
YEAR = 252
STILL = 1e-12  # variance of daily returns under which a share did not move
KEPT = 0.94  # of yesterday's variance


def realised(bars: OwnBars, span: int) -> Floats:
    """Root of the mean squared return, a year."""
    found: Floats = bars.once(f"vol {span}", lambda: _a_year(mean(bars.squares, span)))
    return found


def parkinson(bars: OwnBars, span: int) -> Floats:
    """From high and low, a year."""
    return _a_year(mean(np.log(bars.high / bars.low) ** 2 / (4.0 * np.log(2.0)), span))


def garman_klass(bars: OwnBars, span: int) -> Floats:
    """From high, low, open and close, a year."""
    wide, net = np.log(bars.high / bars.low) ** 2, np.log(bars.close / bars.open) ** 2
    return _a_year(mean(0.5 * wide - (2.0 * np.log(2.0) - 1.0) * net, span))


def rogers_satchell(bars: OwnBars, span: int) -> Floats:
    """From ranges, whatever the drift, a year."""
    return _a_year(mean(_rogers_satchell(bars), span))


def yang_zhang(bars: OwnBars, span: int) -> Floats:
    """From gaps, sessions and ranges together, a year; drift and gaps are counted."""
    share = 0.34 / (1.34 + (span + 1) / (span - 1))
    sample = span / (span - 1)
    gaps = deviation(np.log(bars.open / lag(bars.close, 1)), span) ** 2 * sample
    inside = deviation(np.log(bars.close / bars.open), span) ** 2 * sample
    return _a_year(gaps + share * inside + (1.0 - share) * mean(_rogers_satchell(bars), span))


def ulcer(bars: OwnBars, span: int) -> Floats:
    """Root of the mean squared fall below the highest close of `span` bars."""
    found: Floats = np.sqrt(
        np.maximum(mean((bars.close / highest(bars.close, span) - 1.0) ** 2, span), 0.0)
    )
    return found


def weighted(bars: OwnBars) -> Floats:
    """Volatility from squared returns that fade by 6 % a session, a year.

    An exponential average of 2 / 0.06 - 1 bars would start from a mean; this one starts from the
    first return and speaks after twenty.
    """
    from scipy.signal import lfilter

    square = bars.squares
    out = np.full_like(square, np.nan)
    first = int(np.isnan(square[:1]).sum())
    known = square[first:]
    if len(known) < 20:
        return out
    faded, _ = lfilter([1.0 - KEPT], [1.0, -KEPT], known, zi=[KEPT * known[0]])
    out[first + 19 :] = np.sqrt(faded[19:] * YEAR)
    return out


def _rogers_satchell(bars: OwnBars) -> Floats:
    found: Floats = bars.once(
        "rogers satchell",
        lambda: (
            np.log(bars.high / bars.close) * np.log(bars.high / bars.open)
            + np.log(bars.low / bars.close) * np.log(bars.low / bars.open)
        ),
    )
    return found


def _a_year(variance: Floats) -> Floats:
    """What a running sum leaves of a variance that is none is no volatility, on either side."""
    found: Floats = np.sqrt(np.where(variance <= STILL, 0.0, variance) * YEAR)
    return found


def _skew(bars: OwnBars) -> Floats:
    returns = bars.returns
    square, middle = mean(bars.squares, 60), mean(returns, 60)
    cube = mean(bars.cubes, 60)
    variance = square - middle**2
    skew = (cube - 3 * middle * square + 2 * middle**3) / np.maximum(variance, STILL) ** 1.5
    return np.where(variance > STILL, skew, np.nan)


def _of_side(bars: OwnBars, side: float) -> Floats:
    """Volatility a year of the returns to one side alone, the others counted as none."""
    return _a_year(
        mean(np.where(bars.returns * side > 0, bars.returns, bars.returns * 0.0) ** 2, 20)
    )


def choppiness(bars: OwnBars) -> Floats:
    """100 where 14 bars went nowhere on a long way, 0 where they went straight."""
    span = highest(bars.high, 14) - lowest(bars.low, 14)
    found: Floats = np.log10(total(bars.true_range, 14) / span) * (100.0 / math.log10(14.0))
    return found


FIRST_ATR = (
    # a simple mean, so that it is the ATR of the labels and of the brackets
    own("atr_pct", GROUP, "ATR of 14 sessions over price", 15,
        lambda b: b.atr / b.close, percent=True),
    own("vol_20", GROUP, "volatility a year, 20 sessions", 21,
        lambda b: realised(b, 20), percent=True),
    own("vol_60", GROUP, "volatility a year, 60 sessions", 61,
        lambda b: realised(b, 60), percent=True),
    own("vol_ratio", GROUP, "20-session over 60-session volatility", 61,
        lambda b: realised(b, 20) / realised(b, 60)),
)  # fmt: skip
FIRST_SHAPE = (
    own("skew_60", GROUP, "skew of returns, 60 sessions", 61, _skew),
    own("gap", GROUP, "gap at the last open", 2,
        lambda b: b.open / lag(b.close, 1) - 1, percent=True),
)  # fmt: skip
MORE: tuple[Own, ...] = (
    own("vol_5", GROUP, "volatility a year, 5 sessions", 6,
        lambda b: realised(b, 5), percent=True),
    own("vol_120", GROUP, "volatility a year, 120 sessions", 121,
        lambda b: realised(b, 120), percent=True),
    own("vol_252", GROUP, "volatility a year, 252 sessions", 253,
        lambda b: realised(b, YEAR), percent=True),
    own("vol_5_20", GROUP, "5-session over 20-session volatility", 21,
        lambda b: realised(b, 5) / realised(b, 20)),
    own("vol_weighted", GROUP, "volatility a year, recent sessions counting more", 21,
        weighted, reach=400, percent=True),
    own("vol_place_120", GROUP, "share of 120 sessions with less 20-session volatility, percent",
        141, lambda b: over(ta().PERCENTRANK, realised(b, 20), 120)),
    own("vol_of_vol_60", GROUP, "unevenness of 20-session volatility over 60 sessions", 80,
        lambda b: deviation(realised(b, 20), 60) / mean(realised(b, 20), 60)),
    own("vol_down_20", GROUP, "volatility a year of falls, 20 sessions", 21,
        lambda b: _of_side(b, -1.0), percent=True),
    own("vol_up_20", GROUP, "volatility a year of rises, 20 sessions", 21,
        lambda b: _of_side(b, 1.0), percent=True),
    own("parkinson_20", GROUP, "volatility a year from ranges, 20 sessions", 20,
        lambda b: parkinson(b, 20), percent=True),
    own("garman_klass_20", GROUP, "volatility a year by Garman and Klass, 20 sessions", 20,
        lambda b: garman_klass(b, 20), percent=True),
    own("rogers_satchell_20", GROUP, "volatility a year by Rogers and Satchell, 20 sessions", 20,
        lambda b: rogers_satchell(b, 20), percent=True),
    own("yang_zhang_20", GROUP, "volatility a year by Yang and Zhang, 20 sessions", 21,
        lambda b: yang_zhang(b, 20), percent=True),
    own("range_over_close_20", GROUP, "volatility from ranges over that from closes", 21,
        lambda b: parkinson(b, 20) / realised(b, 20)),
    own("natr_14", GROUP, "Wilder's ATR of 14 sessions over price, percent", 15,
        lambda b: ta().NATR(b.high, b.low, b.close, 14), reach=FADES),
    own("range_now", GROUP, "last true range over the ATR before it", 16,
        lambda b: b.true_range / lag(b.atr, 1)),
    own("day_range", GROUP, "last session's range over price", 1,
        lambda b: (b.high - b.low) / b.close, percent=True),
    own("gap_size_20", GROUP, "mean size of gaps, 20 sessions", 21,
        lambda b: mean(np.abs(b.open / lag(b.close, 1) - 1.0), 20), percent=True),
    own("ulcer_14", GROUP, "ulcer index of 14 sessions", 27, lambda b: ulcer(b, 14), percent=True),
    own("drawdown_60", GROUP, "fall below the highest close of 60 sessions", 60,
        lambda b: b.close / highest(b.close, 60) - 1.0, percent=True),
    own("best_20", GROUP, "best return of 20 sessions", 21,
        lambda b: highest(b.returns, 20), percent=True),
    own("worst_20", GROUP, "worst return of 20 sessions", 21,
        lambda b: lowest(b.returns, 20), percent=True),
    own("choppiness_14", GROUP, "choppiness of 14 sessions", 15, choppiness),
    own("rvi_14", GROUP, "relative volatility index of 14 sessions", 23,
        lambda b: over(ta().RVI, b.close, 14), reach=FADES, still="closes", version=2),
    own("mass_25", GROUP, "mass index of 25 sessions", 41,
        lambda b: ta().MASSI(b.high, b.low), reach=144, still="bars", version=2),
    own("range_trend", GROUP, "change of the range's average over 10 sessions, percent", 20,
        lambda b: ta().CVI(b.high, b.low), reach=144, still="bars", version=2),
)  # fmt: skip
