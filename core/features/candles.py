"""Candles: the shape of the last bar, and TA-Lib's 61 patterns as -2 to 2.

A pattern is 0 where its bars are known and it is not there, positive where it is bullish.
"""

from __future__ import annotations

import numpy as np

from core.features.definition import Calculation, Own, own
from core.features.own_bars import OwnBars
from core.features.pattern_names import PATTERNS
from core.features.rolling import lag
from core.features.talib_functions import ta
from core.panel import Floats

GROUP = "candles"
MORE_BARS = 4  # that a pattern may look back beyond the bars it needs


def _pattern(function: str) -> Calculation:
    def found(bars: OwnBars) -> Floats:
        seen: Floats = getattr(ta(), function)(bars.open, bars.high, bars.low, bars.close) / 100.0
        seen[: PATTERNS[function].warm_up - 1] = np.nan
        return seen

    return found


def _over_range(bars: OwnBars, part: Floats) -> Floats:
    return part / (bars.high - bars.low)


_ALL = tuple(
    own(name.lower(), GROUP, f"{pattern.words} (candles)", pattern.warm_up, _pattern(name),
        reach=pattern.warm_up + MORE_BARS)
    for name, pattern in PATTERNS.items()
)  # fmt: skip
MORE: tuple[Own, ...] = (
    own("body", GROUP, "body of the last bar over its range, signed", 1,
        lambda b: _over_range(b, b.close - b.open)),
    own("shadow_above", GROUP, "shadow above the last body over the range", 1,
        lambda b: _over_range(b, b.high - np.maximum(b.open, b.close))),
    own("shadow_below", GROUP, "shadow below the last body over the range", 1,
        lambda b: _over_range(b, np.minimum(b.open, b.close) - b.low)),
    own("body_size", GROUP, "last body over the ATR, signed", 15,
        lambda b: (b.close - b.open) / b.atr),
    own("inside_bar", GROUP, "whether the last range lies in the one before", 2,
        lambda b: np.where(np.arange(len(b.close)) < 1, np.nan,
                           (b.high <= lag(b.high, 1)) & (b.low >= lag(b.low, 1)))),
    *_ALL,
)  # fmt: skip
