"""Indicators a person may lay over a price chart or under it, by TA-Lib; each by its name.

Missing bars are left out before, so that one gap does not blank a line; the lines come out as
long as the bars that went in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.panel import Floats
from core.views.chart import Line, Pane


@dataclass(frozen=True, slots=True)
class Prices:
    """Adjusted bars without gaps, oldest first."""

    high: Floats
    low: Floats
    close: Floats
    volume: Floats


def overlays(names: Sequence[str], bars: Prices) -> tuple[Line, ...]:
    """Lines on the price scale, in the order asked."""
    return tuple(line for name in names if name in OVERLAYS for line in OVERLAYS[name](bars))


def panes(names: Sequence[str], bars: Prices) -> tuple[Pane, ...]:
    """Strips under the prices, in the order asked."""
    return tuple(PANES[name](bars) for name in names if name in PANES)


def _average(kind: str, span: int) -> Callable[[Prices], tuple[Line, ...]]:
    def lines(bars: Prices) -> tuple[Line, ...]:
        return (Line(f"{kind} {span}", _series(getattr(_talib(), kind)(bars.close, span))),)

    return lines


def _bands(bars: Prices) -> tuple[Line, ...]:
    top, middle, foot = _talib().BBANDS(bars.close, 20, 2.0, 2.0)
    return (
        Line("Band +2σ", _series(top), dashed=True),
        Line("Band middle", _series(middle)),
        Line("Band −2σ", _series(foot), dashed=True),
    )


def _sar(bars: Prices) -> tuple[Line, ...]:
    return (Line("SAR", _series(_talib().SAR(bars.high, bars.low)), dashed=True),)


def _rsi(bars: Prices) -> Pane:
    return _pane("RSI 14", (("RSI", _talib().RSI(bars.close, 14)),), guides=(30.0, 70.0))


def _macd(bars: Prices) -> Pane:
    macd, signal, gap = _talib().MACD(bars.close, 12, 26, 9)
    made = _pane("MACD 12 26 9", (("MACD", macd), ("Signal", signal)), guides=(0.0,))
    return Pane(name=made.name, lines=made.lines, bars=_series(gap), guides=made.guides)


def _atr(bars: Prices) -> Pane:
    found = _talib().ATR(bars.high, bars.low, bars.close, 14)
    return _pane("ATR 14, ₹", (("ATR", found),))


def _adx(bars: Prices) -> Pane:
    found = _talib().ADX(bars.high, bars.low, bars.close, 14)
    return _pane("ADX 14", (("ADX", found),), guides=(25.0,))


def _stochastic(bars: Prices) -> Pane:
    slow_k, slow_d = _talib().STOCH(bars.high, bars.low, bars.close, 14, 3, 0, 3, 0)
    return _pane("Stochastic 14 3 3", (("%K", slow_k), ("%D", slow_d)), guides=(20.0, 80.0))


def _volume_balance(bars: Prices) -> Pane:
    found = _talib().OBV(bars.close, bars.volume) / 1e5
    return _pane("On-balance volume, lakh", (("OBV", found),))


def _pane(
    name: str, lines: Sequence[tuple[str, Floats]], *, guides: tuple[float, ...] = ()
) -> Pane:
    last = lines[0][1][-1] if len(lines[0][1]) else np.nan
    shown = f"{name}   {last:,.2f}" if np.isfinite(last) else f"{name}   too few bars"
    return Pane(
        name=shown,
        lines=tuple(Line(label, _series(values)) for label, values in lines),
        guides=guides,
    )


def _series(values: Floats) -> tuple[float, ...]:
    return tuple(np.asarray(values, dtype=np.float64).tolist())


def _talib() -> Any:
    """TA-Lib, loaded when a chart first asks for a line."""
    import talib

    return talib


OVERLAYS: dict[str, Callable[[Prices], tuple[Line, ...]]] = {
    "EMA 20": _average("EMA", 20),
    "EMA 50": _average("EMA", 50),
    "SMA 50": _average("SMA", 50),
    "SMA 200": _average("SMA", 200),
    "Bollinger 20 2": _bands,
    "Parabolic SAR": _sar,
}
PANES: dict[str, Callable[[Prices], Pane]] = {
    "RSI": _rsi,
    "MACD": _macd,
    "ATR": _atr,
    "ADX": _adx,
    "Stochastic": _stochastic,
    "OBV": _volume_balance,
}
