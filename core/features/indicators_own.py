"""Indicators that TA-Lib has not: VWAP over stretches, Ichimoku, range volatilities, statistics.

The Ichimoku here draws nothing ahead: its spans are those that were drawn 26 bars before and stand
over today, and the lagging line, which is a later close, is left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.features import longer, momentum, statistical, trend, volatility, volume
from core.features.definition import Per
from core.features.indicator import ANEW, FADES, Indicator
from core.features.own_bars import OwnBars
from core.features.rolling import correlation, highest, lag, lowest, mean, total
from core.market.vwap import anchored_vwap, first_of, rolling_vwap
from core.panel import Floats

A_YEAR = "fraction a year"
PER_SHARES = 1e8  # shares that an ease of movement is told for


def _one(
    name: str,
    group: str,
    words: str,
    unit: str,
    source: str,
    warm_up: int,
    calc: Callable[[OwnBars], Floats],
    *,
    per: Per = "session",
    start: str = "",
    version: int = 1,
) -> Indicator:
    def made(bars: OwnBars) -> tuple[Floats, ...]:
        found = calc(bars)
        return (np.where(np.isfinite(found), found, np.nan),)

    return Indicator(
        name, group, words, unit, source, warm_up, made, version=version, per=per, start=start
    )


def ichimoku(bars: OwnBars) -> tuple[Floats, ...]:
    """Conversion line, base line, and both spans as they stand over each bar."""
    return (
        trend.middle(bars, 9),
        trend.middle(bars, 26),
        trend.cloud(bars, 0),
        trend.cloud(bars, 1),
    )


def ease_of_movement(bars: OwnBars, span: int) -> Floats:
    """Mean of how far the middle moved for the volume it took, times a hundred million.

    NaN where none of the bars was traded.
    """
    moved = (bars.high + bars.low - lag(bars.high, 1) - lag(bars.low, 1)) / 2.0
    volume = np.where(bars.volume > 0, bars.volume, np.nan)
    each = moved * (bars.high - bars.low) * PER_SHARES / volume
    each = np.where(np.isnan(each) & ~np.isnan(moved), 0.0, each)  # nothing traded, nothing moved
    return np.where(total(bars.volume, span) > 0, mean(each, span), np.nan)


OWN_INDICATORS: tuple[Indicator, ...] = (
    _one("VWAP_20", "volume", "VWAP of 20 bars, from typical prices", "rupees",
         "mean of typical price weighted by volume", 20,
         lambda b: rolling_vwap(b.typical, b.volume, 20)),
    _one("VWAP_MONTH", "volume", "VWAP of the running month, from typical prices", "rupees",
         "mean of typical price weighted by volume", 1,
         lambda b: anchored_vwap(b.typical, b.volume, first_of(b.month)), start=ANEW),
    _one("VWAP_QUARTER", "volume", "VWAP of the running quarter, from typical prices", "rupees",
         "mean of typical price weighted by volume", 1,
         lambda b: anchored_vwap(b.typical, b.volume, first_of(b.month // 3)), start=ANEW),
    _one("EOM", "volume", "ease of movement, 14 bars", "rupees squared a hundred million shares",
         "R. W. Arms, Volume Cycles in the Stock Market (1983)", 15,
         lambda b: ease_of_movement(b, 14), version=2),
    _one("AMIHUD", "volume", "price move a rupee traded, 20 bars", "fraction a rupee",
         "Y. Amihud, Journal of Financial Markets 5 (2002)", 21,
         lambda b: volume.amihud(b, 20), version=2),
    Indicator("ICHIMOKU", "trend", "Ichimoku of 9, 26 and 52 bars, spans drawn 26 bars before",
              "rupees", "G. Hosoda, Ichimoku Kinko Hyo (1969)", 78, ichimoku,
              ("conversion", "base", "span_a", "span_b")),
    _one("HIGH_252", "trend", "highest high of 252 bars", "rupees", "maximum", 252,
         lambda b: highest(b.high, 252)),
    _one("LOW_252", "trend", "lowest low of 252 bars", "rupees", "minimum", 252,
         lambda b: lowest(b.low, 252)),
    _one("RSI_WEEK", "momentum", "RSI of 14 weeks from plain means, the running week included",
         "0 to 100", "D. Cutler's form of J. W. Wilder's RSI", 15,
         lambda b: longer.rsi(b, "week", 14), per="week"),
    _one("STREAK", "momentum", "closes in a row the same way, to ten", "bars", "count", 2,
         momentum.streak),
    _one("ATR_SIMPLE", "volatility", "plain mean of 14 true ranges", "rupees",
         "mean of true ranges, the ATR of labels and brackets", 15, lambda b: b.atr),
    _one("VOLATILITY", "volatility", "volatility from closes, 20 bars", A_YEAR,
         "root of the mean squared return times 252", 21, lambda b: volatility.realised(b, 20)),
    _one("VOLATILITY_FADING", "volatility", "volatility from returns that fade by 6% a bar", A_YEAR,
         "RiskMetrics Technical Document, 4th ed. (1996)", 21, volatility.weighted, start=FADES),
    _one("PARKINSON", "volatility", "volatility from ranges, 20 bars", A_YEAR,
         "M. Parkinson, Journal of Business 53 (1980)", 20,
         lambda b: volatility.parkinson(b, 20)),
    _one("GARMAN_KLASS", "volatility", "volatility from ranges and bodies, 20 bars", A_YEAR,
         "M. Garman and M. Klass, Journal of Business 53 (1980)", 20,
         lambda b: volatility.garman_klass(b, 20)),
    _one("ROGERS_SATCHELL", "volatility", "volatility from ranges whatever the drift, 20 bars",
         A_YEAR, "L. Rogers and S. Satchell, Annals of Applied Probability 1 (1991)", 20,
         lambda b: volatility.rogers_satchell(b, 20)),
    _one("YANG_ZHANG", "volatility", "volatility from gaps, bodies and ranges, 20 bars", A_YEAR,
         "D. Yang and Q. Zhang, Journal of Business 73 (2000)", 21,
         lambda b: volatility.yang_zhang(b, 20)),
    _one("ULCER", "volatility", "ulcer index of 14 bars", "fraction",
         "P. Martin and B. McCann, The Investor's Guide to Fidelity Funds (1989)", 27,
         lambda b: volatility.ulcer(b, 14)),
    _one("CHOPPINESS", "volatility", "choppiness of 14 bars", "0 to 100", "E. W. Dreiss (1993)",
         15, volatility.choppiness),
    _one("Z_20", "statistics", "close against its 20-bar mean", "deviations",
         "close less mean over standard deviation", 20, lambda b: statistical.z(b, 20)),
    _one("HURST", "statistics", "Hurst's exponent of 120 bars", "0.5 without memory",
         "T. Di Matteo, Quantitative Finance 7 (2007), q = 2", 136,
         lambda b: statistical.hurst(b, 120)),
    _one("ENTROPY", "statistics", "entropy of the order of closes, 60 bars", "0 to 1",
         "C. Bandt and B. Pompe, Physical Review Letters 88 (2002)", 62,
         lambda b: statistical.order_entropy(b.close, 60), version=2),
    _one("AUTOCORR", "statistics", "correlation of returns with the bar before, 60 bars",
         "-1 to 1", "Pearson's correlation", 62,
         lambda b: statistical.autocorrelation(b.returns, 1, 60)),
    _one("VARIANCE_RATIO", "statistics", "variance ratio of 5 bars, over 60",
         "1 at random", "A. Lo and C. MacKinlay, Review of Financial Studies 1 (1988)", 65,
         lambda b: statistical.variance_ratio(b, 5, 60)),
    _one("VOLUME_CORREL", "statistics", "correlation of close and volume, 20 bars", "-1 to 1",
         "Pearson's correlation", 20, lambda b: correlation(b.close, b.volume, 20)),
)  # fmt: skip
