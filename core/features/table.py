"""Every feature with its meaning and how many sessions it needs before it says anything.

Missing is NaN, never zero. All are ratios, ranks or oscillators, so a split changes none.
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "f1"


@dataclass(frozen=True, slots=True)
class Definition:
    """One column: `words` reads after a number, `percent` says the number is a fraction."""

    name: str
    words: str
    warm_up: int
    percent: bool = False


FEATURES: tuple[Definition, ...] = (
    Definition("ret_1", "return of the last session", 2, True),
    Definition("ret_5", "5-session return", 6, True),
    Definition("ret_20", "20-session return", 21, True),
    Definition("ret_60", "60-session return", 61, True),
    Definition("mom_12_1", "12-month return without the last month", 253, True),
    Definition("rsi_14", "RSI of 14 sessions", 15),
    Definition("macd_hist", "MACD histogram over price", 34, True),
    Definition("adx_14", "ADX of 14 sessions", 28),
    Definition("cci_20", "CCI of 20 sessions", 20),
    Definition("mfi_14", "money flow index of 14 sessions", 15),
    Definition("atr_pct", "ATR of 14 sessions over price", 15, True),
    Definition("vol_20", "volatility a year, 20 sessions", 21, True),
    Definition("vol_60", "volatility a year, 60 sessions", 61, True),
    Definition("vol_ratio", "20-session over 60-session volatility", 61),
    Definition("bb_pos", "place in the Bollinger band", 20),
    Definition("dist_sma_20", "distance to the 20-session average", 20, True),
    Definition("dist_sma_50", "distance to the 50-session average", 50, True),
    Definition("dist_sma_200", "distance to the 200-session average", 200, True),
    Definition("high_252", "distance to the 52-week high", 252, True),
    Definition("low_252", "distance to the 52-week low", 252, True),
    Definition("volume_ratio", "volume over its 20-session average", 20),
    Definition("obv_slope", "on-balance volume over 20 sessions", 21),
    Definition("skew_60", "skew of returns, 60 sessions", 61),
    Definition("gap", "gap at the last open", 2, True),
    Definition("range_pos", "place of the close in the last session's range", 1),
    Definition("rank_ret_20", "rank of the 20-session return among all shares", 21),
    Definition("rank_vol_20", "rank of volatility among all shares", 21),
    Definition("tilt", "lean of recent filings and news", 1),
)
NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
WORDS: dict[str, Definition] = {feature.name: feature for feature in FEATURES}
