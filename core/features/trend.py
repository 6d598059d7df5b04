"""Trend: where the price stands against its averages, lines and channels, and how straight it goes.

Wilder's and exponential averages never end; their reach is where the rest fades below float32.
The Parabolic SAR and the Supertrend forget all that lay before their last turn.
"""

from __future__ import annotations

import numpy as np

from core.features.definition import FADES, own
from core.features.own_bars import OwnBars
from core.features.rolling import correlation, highest, lag, lowest, over, slope
from core.features.talib_functions import ta
from core.panel import Floats

GROUP = "trend"
TURNS = 400


def _gap(line: Floats, bars: OwnBars) -> Floats:
    return bars.close / line - 1.0


def middle(bars: OwnBars, span: int) -> Floats:
    """Half way between the highest high and the lowest low of the last bars."""
    found: Floats = bars.once(
        f"middle {span}", lambda: (highest(bars.high, span) + lowest(bars.low, span)) / 2.0
    )
    return found


def cloud(bars: OwnBars, pick: int) -> Floats:
    """A leading span as it was drawn 26 bars before, so nothing of it lies ahead."""
    first = lag((middle(bars, 9) + middle(bars, 26)) / 2.0, 26)
    return first if pick == 0 else lag(middle(bars, 52), 26)


def _straight(bars: OwnBars, span: int) -> Floats:
    """Squared correlation of closes with time, its sign the slope's."""
    found = correlation(bars.close, np.arange(len(bars.close), dtype=np.float64), span)
    return np.sign(found) * found**2


def _supertrend(bars: OwnBars) -> tuple[Floats, Floats]:
    found: tuple[Floats, Floats] = bars.once(
        "supertrend", lambda: ta().SUPERTREND(bars.high, bars.low, bars.close, 10, 3.0)
    )
    return found


def _side(bars: OwnBars) -> Floats:
    line, side = _supertrend(bars)
    return np.where(np.isnan(line), np.nan, side)


def _vortex(bars: OwnBars) -> Floats:
    plus, minus = ta().VORTEX(bars.high, bars.low, bars.close, 14)
    found: Floats = plus - minus
    return found


def _aroon(bars: OwnBars, pick: int) -> Floats:
    found: tuple[Floats, Floats] = bars.once("aroon", lambda: ta().AROON(bars.high, bars.low, 25))
    return found[pick] / 100.0


def _adx(bars: OwnBars) -> Floats:
    found: Floats = bars.once("adx", lambda: ta().ADX(bars.high, bars.low, bars.close, 14))
    return found


def _hlc(name: str, bars: OwnBars, span: int) -> Floats:
    found: Floats = bars.once(
        f"{name} {span}", lambda: getattr(ta(), name)(bars.high, bars.low, bars.close, span)
    )
    return found


FIRST = (
    own("adx_14", GROUP, "ADX of 14 sessions", 28, _adx, reach=FADES,
        still="bars", version=2),
    own("dist_sma_20", GROUP, "distance to the 20-session average", 20,
        lambda b: _gap(b.sma(20), b), percent=True),
    own("dist_sma_50", GROUP, "distance to the 50-session average", 50,
        lambda b: _gap(b.sma(50), b), percent=True),
    own("dist_sma_200", GROUP, "distance to the 200-session average", 200,
        lambda b: _gap(b.sma(200), b), percent=True),
)  # fmt: skip
MORE = (
    own("dist_sma_5", GROUP, "distance to the 5-session average", 5,
        lambda b: _gap(b.sma(5), b), percent=True),
    own("dist_sma_100", GROUP, "distance to the 100-session average", 100,
        lambda b: _gap(b.sma(100), b), percent=True),
    own("sma_20_50", GROUP, "20-session over 50-session average", 50,
        lambda b: b.sma(20) / b.sma(50) - 1.0, percent=True),
    own("sma_50_200", GROUP, "50-session over 200-session average", 200,
        lambda b: b.sma(50) / b.sma(200) - 1.0, percent=True),
    own("dist_ema_12", GROUP, "distance to the 12-session exponential average", 12,
        lambda b: _gap(over(ta().EMA, b.close, 12), b), reach=144, percent=True),
    own("dist_ema_26", GROUP, "distance to the 26-session exponential average", 26,
        lambda b: _gap(over(ta().EMA, b.close, 26), b), reach=FADES, percent=True),
    own("dist_wma_20", GROUP, "distance to the 20-session weighted average", 20,
        lambda b: _gap(over(ta().WMA, b.close, 20), b), percent=True),
    own("dist_hma_20", GROUP, "distance to the 20-session Hull average", 23,
        lambda b: _gap(over(ta().HMA, b.close, 20), b), percent=True),
    own("dist_dema_20", GROUP, "distance to the 20-session double exponential average", 39,
        lambda b: _gap(over(ta().DEMA, b.close, 20), b), reach=FADES, percent=True),
    own("slope_20", GROUP, "slope of 20 closes a session, over price", 20,
        lambda b: slope(b.close, 20) / b.close, percent=True),
    own("slope_60", GROUP, "slope of 60 closes a session, over price", 60,
        lambda b: slope(b.close, 60) / b.close, percent=True),
    own("straight_20", GROUP, "straightness of 20 closes, signed", 20, lambda b: _straight(b, 20)),
    own("straight_60", GROUP, "straightness of 60 closes, signed", 60, lambda b: _straight(b, 60)),
    own("line_gap_20", GROUP, "distance to the line through 20 closes", 20,
        lambda b: _gap(over(ta().LINEARREG, b.close, 20), b), percent=True),
    own("di_plus_14", GROUP, "upward direction index of 14 sessions", 15,
        lambda b: _hlc("PLUS_DI", b, 14), reach=FADES, still="bars", version=2),
    own("di_minus_14", GROUP, "downward direction index of 14 sessions", 15,
        lambda b: _hlc("MINUS_DI", b, 14), reach=FADES, still="bars", version=2),
    own("di_gap_14", GROUP, "upward less downward direction index", 15,
        lambda b: _hlc("PLUS_DI", b, 14) - _hlc("MINUS_DI", b, 14), reach=FADES,
        still="bars", version=2),
    own("adx_change_5", GROUP, "change of the ADX over 5 sessions", 33,
        lambda b: _adx(b) - lag(_adx(b), 5), reach=FADES, still="bars", version=2),
    own("aroon_up_25", GROUP, "Aroon up of 25 sessions", 26, lambda b: _aroon(b, 1)),
    own("aroon_down_25", GROUP, "Aroon down of 25 sessions", 26, lambda b: _aroon(b, 0)),
    own("vortex_14", GROUP, "vortex of 14 sessions, up less down", 15, _vortex,
        still="bars", version=2),
    own("efficiency_10", GROUP, "efficiency ratio of 10 sessions", 11,
        lambda b: over(ta().ER, b.close, 10), still="closes", version=2),
    own("vhf_28", GROUP, "vertical horizontal filter of 28 sessions", 29,
        lambda b: over(ta().VHF, b.close, 28), still="closes", version=2),
    own("sar_gap", GROUP, "distance to the parabolic SAR", 2,
        lambda b: _gap(ta().SAR(b.high, b.low), b), reach=TURNS, percent=True,
        still="bars", version=2),
    own("supertrend_gap", GROUP, "distance to the Supertrend line", 11,
        lambda b: _gap(_supertrend(b)[0], b), reach=TURNS, percent=True),
    own("supertrend_side", GROUP, "side of the Supertrend, 1 rising and -1 falling", 11,
        _side, reach=TURNS, still="bars", version=2),
    own("tenkan_gap", GROUP, "distance to the middle of 9 sessions", 9,
        lambda b: _gap(middle(b, 9), b), percent=True),
    own("kijun_gap", GROUP, "distance to the middle of 26 sessions", 26,
        lambda b: _gap(middle(b, 26), b), percent=True),
    own("tenkan_kijun", GROUP, "middle of 9 over middle of 26 sessions", 26,
        lambda b: middle(b, 9) / middle(b, 26) - 1.0, percent=True),
    own("cloud_a_gap", GROUP, "distance to the cloud's first line as drawn 26 sessions before", 52,
        lambda b: _gap(cloud(b, 0), b), percent=True),
    own("cloud_b_gap", GROUP, "distance to the cloud's second line as drawn 26 sessions before",
        78, lambda b: _gap(cloud(b, 1), b), percent=True),
    own("cloud_thick", GROUP, "thickness of the cloud over price, first less second line", 78,
        lambda b: (cloud(b, 0) - cloud(b, 1)) / b.close, percent=True),
)  # fmt: skip
