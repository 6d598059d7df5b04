"""Statistics of returns: shape, memory, order, and how a share goes with the index.

Sources: Lo and MacKinlay, Review of Financial Studies 1 (1988) for the variance ratio; Bandt and
Pompe, Physical Review Letters 88 (2002) for the entropy of order; Hurst's exponent here is the
slope of log deviation of price moves over the log of their span, by Di Matteo (2007) with q = 2.
"""

from __future__ import annotations

import numpy as np

from core.features.definition import Own, own
from core.features.own_bars import OwnBars
from core.features.rolling import change, correlation, deviation, lag, mean, total
from core.features.volatility import STILL, YEAR
from core.panel import Floats

GROUP = "statistics"
SPANS = (1, 2, 4, 8, 16)  # bars over which moves are measured for Hurst's exponent
ORDERS = 6  # orders that three closes in a row can have
LARGE = 2.0  # deviations from which a return counts as large


def hurst(bars: OwnBars, span: int) -> Floats:
    """How price moves grow with their length: 0.5 without memory, more where they persist."""
    log = np.log(bars.close)
    sizes = [0.5 * np.log(mean((log - lag(log, gap)) ** 2, span)) for gap in SPANS]
    steps = np.log(np.array(SPANS, dtype=np.float64))
    steps -= steps.mean()
    weights = steps / float(steps @ steps)
    found: Floats = np.einsum("i,ij->j", weights, np.array(sizes))
    return found


def order_entropy(series: Floats, span: int) -> Floats:
    """Entropy of the orders of three values in a row, 1 where all six are as frequent.

    Of equal values the earlier one counts as the lower.
    """
    rising, later = lag(series, 1) >= lag(series, 2), series >= lag(series, 1)
    across = series >= lag(series, 2)
    code = rising * 4 + later * 2 + across
    out = np.zeros_like(series)
    for one in (0, 2, 3, 4, 5, 7):  # the other two orders contradict themselves
        share = mean((code == one).astype(np.float64), span)
        share = np.clip(share, 0.0, 1.0)
        out -= np.where(share > 1e-9, share * np.log(np.where(share > 1e-9, share, 1.0)), 0.0)
        out += np.where(np.isnan(share), np.nan, 0.0)
    out[: span + 1] = np.nan
    return out / float(np.log(ORDERS))


def autocorrelation(series: Floats, gap: int, span: int) -> Floats:
    """Correlation of a series with itself so many bars before; NaN where it stood still."""
    found = correlation(series, lag(series, gap), span)
    return np.where(deviation(series, span) ** 2 > STILL, found, np.nan)


def variance_ratio(bars: OwnBars, gap: int, span: int) -> Floats:
    """Variance of moves over `gap` bars against `gap` times that of single ones; 1 at random."""
    log = np.log(bars.close)
    long = mean((log - lag(log, gap)) ** 2, span)
    short = mean((log - lag(log, 1)) ** 2, span)
    return np.where(short > STILL, long / (gap * short), np.nan)


def _kurtosis(bars: OwnBars) -> Floats:
    """Excess over a normal's; NaN where the share stood still."""
    returns = bars.returns
    powers = (returns, bars.squares, bars.cubes, bars.squares**2)
    first, second, third, fourth = (mean(power, 60) for power in powers)
    variance = second - first**2
    moment = fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4
    return np.where(variance > STILL, moment / np.maximum(variance, STILL) ** 2 - 3.0, np.nan)


def _tilted(bars: OwnBars) -> Floats:
    square = mean(bars.squares, 20)
    return mean(bars.cubes, 20) / np.where(square > STILL, square, np.nan) ** 1.5


def _size(bars: OwnBars, span: int) -> Floats:
    """Standard deviation of returns; NaN where they were all alike."""
    found = deviation(bars.returns, span)
    return np.where(found**2 > STILL, found, np.nan)


def _large(bars: OwnBars) -> Floats:
    size = deviation(bars.returns, 60)
    large = np.where(np.isnan(size), np.nan, np.abs(bars.returns) > LARGE * lag(size, 1))
    large[: np.isnan(lag(size, 1)).sum()] = np.nan
    return mean(large, 60)


def z(bars: OwnBars, span: int) -> Floats:
    """Close less mean over standard deviation; NaN where the close stood still."""
    spread = deviation(bars.close, span)
    return np.where(spread > 1e-9 * bars.close, (bars.close - bars.sma(span)) / spread, np.nan)


def _beta(bars: OwnBars) -> Floats:
    """Slope of the share's returns on the index's, 60 bars."""

    def made() -> Floats:
        mine, its = bars.returns, bars.index_returns
        both = mean(mine * its, 60) - mean(mine, 60) * mean(its, 60)
        own = mean(its**2, 60) - mean(its, 60) ** 2
        return np.where(own > STILL, both / np.maximum(own, STILL), np.nan)

    found: Floats = bars.once("beta", made)
    return found


def _apart(bars: OwnBars) -> Floats:
    """Volatility a year of what the index does not explain."""
    its = np.maximum(mean(bars.index_returns**2, 60) - mean(bars.index_returns, 60) ** 2, 0.0)
    mine = mean(bars.squares, 60) - mean(bars.returns, 60) ** 2
    found: Floats = np.sqrt(np.maximum(mine - _beta(bars) ** 2 * its, 0.0) * YEAR)
    return found


def _with_index(bars: OwnBars, span: int) -> Floats:
    """Correlation of the share's returns with the index's."""
    return correlation(bars.returns, bars.index_returns, span)


MORE: tuple[Own, ...] = (
    own("skew_20", GROUP, "sum of cubed returns over cubed size, 20 sessions", 21,
        _tilted, version=2),
    own("kurtosis_60", GROUP, "weight of the tails of returns, 60 sessions", 61, _kurtosis),
    own("large_60", GROUP, "share of returns beyond two deviations, 60 sessions", 121, _large,
        percent=True),
    own("autocorr_1", GROUP, "correlation of returns with the session before, 60 sessions", 62,
        lambda b: autocorrelation(b.returns, 1, 60)),
    own("autocorr_5", GROUP, "correlation of returns with five sessions before, 60 sessions", 66,
        lambda b: autocorrelation(b.returns, 5, 60)),
    own("autocorr_size", GROUP, "correlation of sizes of returns with the session before", 62,
        lambda b: autocorrelation(np.abs(b.returns), 1, 60)),
    own("variance_ratio_5", GROUP, "variance ratio of 5 sessions, over 60", 65,
        lambda b: variance_ratio(b, 5, 60)),
    own("variance_ratio_20", GROUP, "variance ratio of 20 sessions, over 120", 140,
        lambda b: variance_ratio(b, 20, 120)),
    own("hurst_120", GROUP, "Hurst's exponent of 120 sessions", 136, lambda b: hurst(b, 120)),
    own("entropy_60", GROUP, "entropy of the order of closes, 60 sessions", 62,
        lambda b: order_entropy(b.close, 60), still="closes", version=3),
    own("z_20", GROUP, "close against 20 sessions, in deviations", 20, lambda b: z(b, 20)),
    own("z_60", GROUP, "close against 60 sessions, in deviations", 60, lambda b: z(b, 60)),
    own("sharpe_60", GROUP, "mean return over deviation, 60 sessions, a year", 61,
        lambda b: mean(b.returns, 60) / _size(b, 60) * YEAR**0.5, version=2),
    own("gain_loss_20", GROUP, "gains less losses over both, 20 sessions", 21,
        lambda b: total(b.returns, 20) / total(np.abs(b.returns), 20), version=2),
)  # fmt: skip
INDEX: tuple[Own, ...] = (
    own("beta_60", "index", "beta to the index, 60 sessions", 61, _beta, beside="index"),
    own("index_corr_60", "index", "correlation with the index, 60 sessions", 61,
        lambda b: _with_index(b, 60), beside="index"),
    own("apart_vol_60", "index", "volatility a year apart from the index, 60 sessions", 61,
        _apart, beside="index", percent=True),
    own("over_index_20", "index", "20-session return less the index's", 21,
        lambda b: change(b.close, 20) - change(b.index, 20), beside="index", percent=True),
    own("over_index_60", "index", "60-session return less the index's", 61,
        lambda b: change(b.close, 60) - change(b.index, 60), beside="index", percent=True),
    own("index_ret_20", "index", "20-session return of the index", 21,
        lambda b: change(b.index, 20), beside="index", percent=True),
    own("index_vol_20", "index", "volatility a year of the index, 20 sessions", 21,
        lambda b: np.sqrt(mean(b.index_returns**2, 20) * YEAR), beside="index", percent=True),
    own("index_dist_200", "index", "distance of the index to its 200-session average", 200,
        lambda b: b.index / mean(b.index, 200) - 1.0, beside="index", percent=True),
)  # fmt: skip
