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
    reach = times * _talib().ATR(bars.high, bars.low, bars.close, span)
    middle = (bars.high + bars.low) / 2.0
    top, foot = (middle + reach).tolist(), (middle - reach).tolist()
    close = bars.close.tolist()
    under, over = np.full(len(close), np.nan), np.full(len(close), np.nan)
    first = next((at for at, value in enumerate(top) if value == value), len(close))
    rising = True
    for at in range(first, len(close)):
        if at > first:
            held = close[at - 1]
            foot[at] = max(foot[at], foot[at - 1]) if held >= foot[at - 1] else foot[at]
            top[at] = min(top[at], top[at - 1]) if held <= top[at - 1] else top[at]
            rising = close[at] >= foot[at] if rising else close[at] > top[at]
        (under if rising else over)[at] = foot[at] if rising else top[at]
    return under, over


def average_price(bars: Prices, *, span: int = 20) -> Floats:
    """The mean price weighted by volume: of the session so far, or of the last `span` bars."""
    typical = (bars.high + bars.low + bars.close) / 3.0
    money, shares = (
        np.append(0.0, np.cumsum(values)) for values in (typical * bars.volume, bars.volume)
    )
    upto = np.arange(1, len(typical) + 1)
    if bars.days is None:
        since = np.maximum(upto - span, 0)
    else:
        since = np.searchsorted(bars.days, bars.days)  # the first bar of each bar's session
    paid, traded = money[upto] - money[since], shares[upto] - shares[since]
    if bars.days is None:
        traded[: span - 1] = 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(traded > 0, paid / traded, np.nan)
    return found


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
