"""Volume: how much is traded against what is usual, and on which side of the price.

VWAP is the mean price weighted by volume, taken here from each session's typical price. The
running month's and quarter's are anchored at the share's first bar in them.
"""

from __future__ import annotations

import numpy as np

from core.features.definition import FADES, Own, own
from core.features.own_bars import OwnBars
from core.features.rolling import change, correlation, deviation, lag, mean, slope, total
from core.features.talib_functions import ta
from core.market.vwap import anchored_vwap, first_of, rolling_vwap
from core.panel import Floats

GROUP = "volume"


def amihud(bars: OwnBars, span: int) -> Floats:
    """Mean absolute return a rupee over the bars that were traded; NaN where none was."""
    paid = bars.close * bars.volume
    traded = np.where(np.isnan(bars.returns), np.nan, paid > 0)
    each = np.where(paid > 0, np.abs(bars.returns) / np.where(paid > 0, paid, 1.0), traded)
    return mean(each, span) / mean(traded, span)


def force(bars: OwnBars) -> Floats:
    """Elder's force of 13 bars, over usual volume and price."""
    found: Floats = ta().EFI(bars.close, bars.volume, 13) / (bars.usual_volume * bars.close)
    return found


def _from_month(bars: OwnBars, months: int) -> Floats:
    since = first_of(bars.month // months)
    return bars.close / anchored_vwap(bars.typical, bars.volume, since) - 1.0


def _flow(bars: OwnBars, line: Floats) -> Floats:
    return (line - lag(line, 20)) / (20 * bars.usual_volume)


def _chaikin_flow(bars: OwnBars) -> Floats:
    """Chaikin money flow; NaN where no bar of 20 with a range was traded."""
    placed = total((bars.high > bars.low) * bars.volume, 20)
    return np.where(placed > 0, ta().CMF(bars.high, bars.low, bars.close, bars.volume, 20), np.nan)


def _volume_oscillator(bars: OwnBars) -> Floats:
    """The percentage volume oscillator; NaN where 26 bars traded nothing."""
    return np.where(mean(bars.volume, 26) > 0, ta().PVO(bars.volume), np.nan)


def _on_rises(bars: OwnBars) -> Floats:
    """Share of 20 bars' volume that was traded on rising closes."""
    rising = np.where(np.isnan(bars.returns), np.nan, (bars.returns > 0) * bars.volume)
    return total(rising, 20) / total(bars.volume, 20)


def _against_60(bars: OwnBars) -> Floats:
    spread, usual = deviation(bars.volume, 60), mean(bars.volume, 60)
    return np.where(spread > 1e-9 * usual, (bars.volume - usual) / spread, np.nan)


FIRST = (
    own("volume_ratio", GROUP, "volume over its 20-session average", 20,
        lambda b: b.volume / b.usual_volume),
    own("obv_slope", GROUP, "on-balance volume over 20 sessions", 21,
        lambda b: _flow(b, ta().OBV(b.close, b.volume))),
)  # fmt: skip
MORE: tuple[Own, ...] = (
    own("volume_5_60", GROUP, "5-session over 60-session volume", 60,
        lambda b: mean(b.volume, 5) / mean(b.volume, 60)),
    own("volume_20_120", GROUP, "20-session over 120-session volume", 120,
        lambda b: b.usual_volume / mean(b.volume, 120)),
    own("volume_z_60", GROUP, "volume against 60 sessions, in deviations", 60,
        _against_60),
    own("volume_slope_20", GROUP, "slope of volume a session over usual volume, 20 sessions", 20,
        lambda b: slope(b.volume, 20) / b.usual_volume, percent=True),
    own("turnover_5_20", GROUP, "5-session over 20-session turnover", 20,
        lambda b: mean(b.close * b.volume, 5) / mean(b.close * b.volume, 20)),
    own("cmf_20", GROUP, "Chaikin money flow of 20 sessions", 20,
        _chaikin_flow, version=2),
    own("ad_slope", GROUP, "accumulation and distribution over 20 sessions", 21,
        lambda b: _flow(b, ta().AD(b.high, b.low, b.close, b.volume))),
    own("pvt_slope", GROUP, "volume times return over 20 sessions, over usual volume", 21,
        lambda b: _flow(b, ta().PVT(b.close, b.volume)), percent=True),
    own("chaikin_osc", GROUP, "Chaikin oscillator over usual volume", 20,
        lambda b: ta().ADOSC(b.high, b.low, b.close, b.volume) / b.usual_volume, reach=144),
    own("force_13", GROUP, "force of 13 sessions over usual turnover", 20, force, reach=144,
        percent=True),
    own("pvo", GROUP, "volume oscillator of 12 and 26 sessions, percent", 26,
        _volume_oscillator, reach=FADES, version=2),
    own("vwap_gap_20", GROUP, "distance to the 20-session VWAP", 20,
        lambda b: b.close / rolling_vwap(b.typical, b.volume, 20) - 1.0, percent=True),
    own("vwap_gap_60", GROUP, "distance to the 60-session VWAP", 60,
        lambda b: b.close / rolling_vwap(b.typical, b.volume, 60) - 1.0, percent=True),
    own("vwap_month_gap", GROUP, "distance to the running month's VWAP", 1,
        lambda b: _from_month(b, 1), reach=32, percent=True),
    own("vwap_quarter_gap", GROUP, "distance to the running quarter's VWAP", 1,
        lambda b: _from_month(b, 3), reach=72, percent=True),
    own("vwma_gap_20", GROUP, "volume-weighted over plain average, 20 sessions", 20,
        lambda b: rolling_vwap(b.close, b.volume, 20) / b.sma(20) - 1.0, percent=True),
    own("illiquidity_20_120", GROUP, "price move a rupee traded, 20 over 120 sessions", 121,
        lambda b: amihud(b, 20) / amihud(b, 120), version=2),
    own("volume_price_20", GROUP, "correlation of close and volume, 20 sessions", 20,
        lambda b: correlation(b.close, b.volume, 20)),
    own("volume_size_20", GROUP, "correlation of volume and size of return, 20 sessions", 21,
        lambda b: correlation(np.abs(b.returns), b.volume, 20)),
    own("volume_on_rises_20", GROUP, "share of volume on rising closes, 20 sessions", 21,
        _on_rises, percent=True),
    own("volume_change_1", GROUP, "volume over the session before", 2,
        lambda b: change(b.volume, 1)),
)  # fmt: skip
