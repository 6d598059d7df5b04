"""TA-Lib's indicators over open, high, low, close and volume, each with its usual parameters.

Left out are plain arithmetic on series and MAVP, which wants a series of periods that no bars have.
Words and parameters are TA-Lib's own; units are ours, since it says none. Marks and patterns are
whole numbers there and 0 while too little is known; here they are missing then, and so is what is
weighted by volume where none was traded. Of prices that stand still TA-Lib says 0, 1 or 50, and so
does this; the columns of models are missing there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from core.features.indicator import ADDS_UP, FADES, Indicator
from core.features.own_bars import OwnBars
from core.features.rolling import total
from core.features.talib_functions import ta
from core.panel import Floats

GROUPS = {
    "Overlap Studies": "trend",
    "Momentum Indicators": "momentum",
    "Volatility Indicators": "volatility",
    "Volume Indicators": "volume",
    "Price Transform": "prices",
    "Cycle Indicators": "cycles",
    "Statistic Functions": "statistics",
    "Pattern Recognition": "candles",
}
WANTS_MORE = frozenset({"MAVP"})
PATTERN = "-200 to 200, negative where bearish, 0 where not there"
OF_GROUP = {"trend": "rupees", "prices": "rupees", "candles": PATTERN}
UNITS: dict[str, tuple[str, ...]] = {
    "rupees": (
        "AC", "AO", "APO", "DPO", "ERI", "MACD", "MACDEXT", "MACDFIX", "MINUS_DM", "MOM",
        "PLUS_DM", "QSTICK", "WAD", "ADR", "ATR", "TRANGE", "VWAP", "HT_PHASOR", "LINEARREG",
        "LINEARREG_INTERCEPT", "PERCENTILE", "STDDEV", "TSF",
    ),
    "rupees, and 1 rising or -1 falling": ("SUPERTREND",),
    "rupees, negative while falling": ("SAREXT",),
    "rupees a bar": ("LINEARREG_SLOPE",),
    "rupees squared": ("VAR",),
    "rupees a share traded": ("MARKETFI",),
    "rupees times shares": ("EFI",),
    "0 to 100": (
        "ADX", "ADXR", "AROON", "DX", "IMI", "MFI", "MINUS_DI", "PLUS_DI", "RSI", "STOCH",
        "STOCHF", "STOCHRSI", "ULTOSC", "RVI", "PERCENTRANK",
    ),
    "mostly 0 to 100": ("KDJ",),
    "-100 to 100": ("AROONOSC", "CMO", "CMOU", "SMI", "TSI"),
    "-100 to 0": ("WILLR",),
    "points, mostly -200 to 200": ("CCI",),
    "percent": ("COPPOCK", "FOSC", "PPO", "ROC", "TRIX", "CVI", "NATR", "PVO"),
    "percent of the price before": ("ROCR100",),
    "fraction": ("ROCP",),
    "ratio": ("ER", "ROCR", "VHF", "VORTEX", "RVOL", "BETA"),
    "-1 to 1": ("BOP", "CMF", "CORREL", "HT_SINE"),
    "sum of ratios": ("MASSI",),
    "shares": ("AD", "ADOSC", "OBV", "PVT"),
    "level": ("NVI", "PVI"),
    "bars": ("HT_DCPERIOD",),
    "degrees": ("HT_DCPHASE", "LINEARREG_ANGLE"),
    "1 in a trend, 0 in a cycle": ("HT_TRENDMODE",),
    "marks": ("FRACTAL",),
}  # fmt: skip
# TA-Lib flags some of these alone; a test holds every indicator to what is said here.
STARTS: dict[str, tuple[str, ...]] = {
    FADES: (
        "ADX", "ADXR", "APO", "ATR", "CMO", "CVI", "DEMA", "DX", "EFI", "EMA", "ERI", "HA",
        "HT_DCPERIOD", "HT_DCPHASE", "HT_PHASOR", "HT_SINE", "HT_TRENDLINE", "HT_TRENDMODE", "KAMA",
        "KC", "KDJ", "MACD", "MACDFIX", "MAMA", "MASSI", "MINUS_DI", "MINUS_DM", "NATR", "PLUS_DI",
        "PLUS_DM", "PPO", "PVO", "RMA", "RSI", "RVI", "SAR", "SAREXT", "SMI", "STOCHRSI",
        "SUPERTREND", "T3", "TEMA", "TRIX", "TSI", "ZLEMA", "ADOSC",
    ),
    ADDS_UP: ("AD", "NVI", "OBV", "PVI", "PVT", "VWAP", "WAD"),
}  # fmt: skip
# Bars of which one must have been traded, 0 for all so far; without volume TA-Lib says 0 of these.
TRADED = {"CMF": 20, "MARKETFI": 1, "MFI": 14, "VWAP": 0}


@cache
def from_talib() -> tuple[Indicator, ...]:
    """Every indicator taken from TA-Lib, by group and name."""
    talib: Any = import_module("talib")
    units = {name: unit for unit, names in UNITS.items() for name in names}
    found: list[Indicator] = []
    for group, names in talib.get_function_groups().items():
        ours = GROUPS.get(group, "")
        for name in sorted(set(names) - WANTS_MORE if ours else ()):
            unit = units.get(name) or OF_GROUP[ours]
            found.append(_indicator(name, ours, unit, version=talib.__version__))
    return tuple(found)


def _indicator(name: str, group: str, unit: str, *, version: str) -> Indicator:
    abstract: Any = import_module("talib.abstract")
    function = abstract.Function(name)
    usual = ", ".join(f"{key} {value:g}" for key, value in function.parameters.items())
    outputs, takes = tuple(function.output_names), _inputs(function.input_names)
    return Indicator(
        name=name,
        group=group,
        words=function.info["display_name"] + (f" ({usual})" if usual else ""),
        unit=unit,
        source=f"TA-Lib {version}, {name}",
        warm_up=function.lookback + 1,
        calc=_calculation(name, takes, function.lookback),
        outputs=outputs if len(outputs) > 1 else ("",),
        start=next((start for start, names in STARTS.items() if name in names), ""),
        takes=takes,
    )


def _inputs(wanted: dict[str, str | list[str]]) -> tuple[str, ...]:
    """The parts of a bar that a function takes, in its order."""
    found: list[str] = []
    for parts in wanted.values():
        found += [parts] if isinstance(parts, str) else parts
    return tuple(found)


def _calculation(
    name: str, parts: tuple[str, ...], unknown: int
) -> Callable[[OwnBars], tuple[Floats, ...]]:
    def calc(bars: OwnBars) -> tuple[Floats, ...]:
        said = getattr(ta(), name)(*(getattr(bars, part) for part in parts))
        series = said if isinstance(said, tuple) else (said,)
        found = tuple(_number(one, unknown) for one in series)
        return tuple(_traded(bars, name, one) for one in found) if name in TRADED else found

    return calc


def _traded(bars: OwnBars, name: str, series: Floats) -> Floats:
    span = TRADED[name]
    shares = total(bars.volume, span) if span > 1 else bars.volume
    return np.where((shares if span else np.cumsum(bars.volume)) > 0, series, np.nan)


def _number(series: Any, unknown: int) -> Floats:
    found = np.asarray(series, dtype=np.float64)
    if np.issubdtype(series.dtype, np.integer):
        found[:unknown] = np.nan
    return found
