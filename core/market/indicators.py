"""Indicators by name over one share's bars: lines on the price scale, gauges on their own.

One place computes them, by TA-Lib where it has them, so that a chart and an alert agree. Every
line comes out as long as the bars that went in, NaN while there are too few before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput
from core.market.vwap import anchored_vwap, first_of, rolling_vwap
from core.panel import Floats


@dataclass(frozen=True, slots=True)
class Prices:
    """Adjusted bars without gaps, oldest first.

    `days` numbers the session of each bar where bars lie inside the day; an average price then
    begins anew with each session.
    """

    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    days: NDArray[np.int64] | None = None


Lines = tuple[tuple[str, Floats], ...]
Calculation = Callable[[Prices], Lines]


def line(name: str, bars: Prices) -> Lines:
    """An indicator's lines by its name; the first is the one an alert looks at.

    Raises:
        BadInput: nothing is called so.
    """
    found = LINES.get(name) or GAUGES.get(name)
    if found is None:
        raise BadInput(f"no indicator is called {name}; there are {', '.join((*LINES, *GAUGES))}")
    return found(bars)


def supertrend(bars: Prices, *, span: int = 10, times: float = 3.0) -> tuple[Floats, Floats]:
    """The line under a rising price and over a falling one; each NaN where the other holds.

    A band stands `times` average true ranges off the middle of the bar and only ever tightens
    until a close breaks it.
    """
    line, side = _talib().SUPERTREND(bars.high, bars.low, bars.close, span, times)
    return np.where(side > 0, line, np.nan), np.where(side < 0, line, np.nan)


def average_price(bars: Prices, *, span: int = 20) -> Floats:
    """The mean price weighted by volume: of the session so far, or of the last `span` bars."""
    typical = (bars.high + bars.low + bars.close) / 3.0
    if bars.days is None:
        return rolling_vwap(typical, bars.volume, span)
    return anchored_vwap(typical, bars.volume, first_of(bars.days))


def _average(kind: str, span: int) -> Calculation:
    def made(bars: Prices) -> Lines:
        return ((f"{kind} {span}", getattr(_talib(), kind)(bars.close, span)),)

    return made


def _bands(bars: Prices) -> Lines:
    top, middle, foot = _talib().BBANDS(bars.close, 20, 2.0, 2.0)
    return (("Band middle", middle), ("Band +2σ", top), ("Band −2σ", foot))


def _channel(bars: Prices) -> Lines:
    return (
        ("High 20", _talib().MAX(bars.high, 20)),
        ("Low 20", _talib().MIN(bars.low, 20)),
    )


def _vwap(bars: Prices) -> Lines:
    return (("VWAP 20" if bars.days is None else "VWAP", average_price(bars)),)


def _supertrend(bars: Prices) -> Lines:
    under, over = supertrend(bars)
    return (("Supertrend, rising", under), ("Supertrend, falling", over))


def _sar(bars: Prices) -> Lines:
    return (("SAR", _talib().SAR(bars.high, bars.low)),)


def _gauge(name: str, call: Callable[[Prices], Floats]) -> Calculation:
    return lambda bars: ((name, call(bars)),)


def _macd(bars: Prices) -> Lines:
    macd, signal, gap = _talib().MACD(bars.close, 12, 26, 9)
    return (("MACD", macd), ("Signal", signal), ("Gap", gap))


def _stochastic(bars: Prices) -> Lines:
    slow_k, slow_d = _talib().STOCH(bars.high, bars.low, bars.close, 14, 3, 0, 3, 0)
    return (("%K", slow_k), ("%D", slow_d))


def _balance(bars: Prices) -> Floats:
    found: Floats = _talib().OBV(bars.close, bars.volume) / 1e5
    return found


def _talib() -> Any:
    """TA-Lib, loaded when something first asks for a line; it brings pandas with it."""
    import talib

    return talib


LINES: Mapping[str, Calculation] = {
    "EMA 9": _average("EMA", 9),
    "EMA 20": _average("EMA", 20),
    "EMA 50": _average("EMA", 50),
    "SMA 20": _average("SMA", 20),
    "SMA 50": _average("SMA", 50),
    "SMA 200": _average("SMA", 200),
    "Bollinger 20 2": _bands,
    "VWAP": _vwap,
    "Supertrend 10 3": _supertrend,
    "Parabolic SAR": _sar,
    "Donchian 20": _channel,
}
GAUGES: Mapping[str, Calculation] = {
    "RSI": _gauge("RSI", lambda b: _talib().RSI(b.close, 14)),
    "MACD": _macd,
    "ATR": _gauge("ATR", lambda b: _talib().ATR(b.high, b.low, b.close, 14)),
    "ADX": _gauge("ADX", lambda b: _talib().ADX(b.high, b.low, b.close, 14)),
    "Stochastic": _stochastic,
    "OBV": _gauge("OBV", _balance),
    "CCI": _gauge("CCI", lambda b: _talib().CCI(b.high, b.low, b.close, 20)),
    "MFI": _gauge("MFI", lambda b: _talib().MFI(b.high, b.low, b.close, b.volume, 14)),
    "ROC": _gauge("ROC", lambda b: _talib().ROC(b.close, 12)),
    "Williams %R": _gauge("Williams %R", lambda b: _talib().WILLR(b.high, b.low, b.close, 14)),
}
