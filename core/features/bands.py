"""Bands and channels: where the close lies in them, how wide they are, how old an extreme is."""

from __future__ import annotations

import numpy as np

from core.features.definition import FADES, Own, own
from core.features.own_bars import OwnBars
from core.features.rolling import highest, lag, lowest, over
from core.features.talib_functions import ta
from core.panel import Floats

GROUP = "bands"
YEAR = 252
STILL = 1e-9  # of price, under which a band has no width


def _bollinger(bars: OwnBars) -> tuple[Floats, Floats, Floats]:
    found: tuple[Floats, Floats, Floats] = bars.once(
        "bollinger", lambda: ta().BBANDS(bars.close, 20)
    )
    return found


def _keltner(bars: OwnBars) -> tuple[Floats, Floats, Floats]:
    found: tuple[Floats, Floats, Floats] = bars.once(
        "keltner", lambda: ta().KC(bars.high, bars.low, bars.close, 20, 10, 2.0)
    )
    return found


def _place(bars: OwnBars, top: Floats, foot: Floats) -> Floats:
    """Where the close lies between two lines; NaN where they are one."""
    wide = top - foot
    return np.where(wide > STILL * bars.close, (bars.close - foot) / wide, np.nan)


def _channel(bars: OwnBars, span: int) -> Floats:
    return _place(bars, highest(bars.high, span), lowest(bars.low, span))


def _squeeze(bars: OwnBars) -> Floats:
    """Bollinger width over Keltner width: under 1 the first lies inside the second."""
    (top, _, foot), (high, _, low) = _bollinger(bars), _keltner(bars)
    wide = high - low
    return np.where(wide > STILL * bars.close, (top - foot) / wide, np.nan)


def _age(bars: OwnBars, pick: int, span: int) -> Floats:
    """Bars since the highest high (or lowest low) of the last so many was last met, over their
    number. Aroon counts from the newest of equal ones, MAXINDEX from whichever came its way.
    """
    if len(bars.close) < span:
        return np.full_like(bars.close, np.nan)
    found: tuple[Floats, Floats] = bars.once(
        f"aroon {span}", lambda: ta().AROON(bars.high, bars.low, span - 1)
    )
    return (1.0 - found[pick] / 100.0) * (span - 1) / span


FIRST_BAND = (
    own("bb_pos", GROUP, "place in the Bollinger band", 20,
        lambda b: _place(b, _bollinger(b)[0], _bollinger(b)[2])),
)  # fmt: skip
FIRST_YEAR = (
    own("high_252", GROUP, "distance to the 52-week high", 252,
        lambda b: b.close / highest(b.high, YEAR) - 1, percent=True),
    own("low_252", GROUP, "distance to the 52-week low", 252,
        lambda b: b.close / lowest(b.low, YEAR) - 1, percent=True),
)  # fmt: skip
FIRST_PLACE = (
    own("range_pos", GROUP, "place of the close in the last session's range", 1,
        lambda b: _place(b, b.high, b.low)),
)  # fmt: skip
MORE: tuple[Own, ...] = (
    own("bb_width_20", GROUP, "width of the Bollinger band over price", 20,
        lambda b: (_bollinger(b)[0] - _bollinger(b)[2]) / b.close, percent=True),
    own("keltner_pos_20", GROUP, "place in the Keltner channel", 20,
        lambda b: _place(b, _keltner(b)[0], _keltner(b)[2]), reach=FADES, still="bars", version=2),
    own("squeeze_20", GROUP, "Bollinger width over Keltner width", 20, _squeeze, reach=FADES,
        still="bars", version=2),
    own("acceleration_pos_20", GROUP, "place in the acceleration bands", 20,
        lambda b: _place(b, *ta().ACCBANDS(b.high, b.low, b.close, 20)[::2])),
    own("channel_pos_20", GROUP, "place in the 20-session channel", 20, lambda b: _channel(b, 20)),
    own("channel_pos_55", GROUP, "place in the 55-session channel", 55, lambda b: _channel(b, 55)),
    own("channel_pos_252", GROUP, "place in the 52-week range", 252, lambda b: _channel(b, YEAR)),
    own("channel_width_20", GROUP, "width of the 20-session channel over price", 20,
        lambda b: (highest(b.high, 20) - lowest(b.low, 20)) / b.close, percent=True),
    own("breakout_20", GROUP, "close above the 20-session high before, in ATR", 21,
        lambda b: (b.close - lag(highest(b.high, 20), 1)) / b.atr),
    own("breakdown_20", GROUP, "close above the 20-session low before, in ATR", 21,
        lambda b: (b.close - lag(lowest(b.low, 20), 1)) / b.atr),
    own("high_age_60", GROUP, "age of the 60-session high, over 60", 60,
        lambda b: _age(b, 1, 60), version=2),
    own("low_age_60", GROUP, "age of the 60-session low, over 60", 60,
        lambda b: _age(b, 0, 60), version=2),
    own("close_place_60", GROUP, "share of 60 closes below the last, percent", 61,
        lambda b: over(ta().PERCENTRANK, b.close, 60)),
)  # fmt: skip
