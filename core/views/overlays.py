"""Indicators a person may lay over a price chart or under it, with their words and guides.

Missing bars are left out before, so that one gap does not blank a line; the lines come out as
long as the bars that went in.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.market.indicators import GAUGES, LINES, Prices
from core.panel import Floats
from core.views.chart import Line, Pane

OVERLAYS = tuple(LINES)
PANES = tuple(GAUGES)
PANES_MAX = 3
DASHED = ("Band +2σ", "Band −2σ", "SAR", "High 20", "Low 20")
TITLES: dict[str, tuple[str, tuple[float, ...]]] = {
    "RSI": ("RSI 14", (30.0, 70.0)),
    "MACD": ("MACD 12 26 9", (0.0,)),
    "ATR": ("ATR 14, ₹", ()),
    "ADX": ("ADX 14", (25.0,)),
    "Stochastic": ("Stochastic 14 3 3", (20.0, 80.0)),
    "OBV": ("On-balance volume, lakh", ()),
    "CCI": ("CCI 20", (-100.0, 100.0)),
    "MFI": ("Money flow 14", (20.0, 80.0)),
    "ROC": ("Rate of change 12, %", (0.0,)),
    "Williams %R": ("Williams %R 14", (-80.0, -20.0)),
}


def overlays(names: Sequence[str], bars: Prices) -> tuple[Line, ...]:
    """Lines on the price scale, in the order asked; the parts of one indicator share a colour."""
    return tuple(
        Line(label, values, dashed=label in DASHED, family=name)
        for name in names
        if name in LINES
        for label, values in LINES[name](bars)
    )


def panes(names: Sequence[str], bars: Prices) -> tuple[Pane, ...]:
    """Strips under the prices, in the order asked; no more than three."""
    return tuple(_pane(name, bars) for name in [n for n in names if n in GAUGES][:PANES_MAX])


def _pane(name: str, bars: Prices) -> Pane:
    title, guides = TITLES[name]
    lines = GAUGES[name](bars)
    values = lines[0][1]
    last = values[-1] if len(values) else np.nan
    shown = f"{title}   {last:,.2f}" if np.isfinite(last) else f"{title}   too few bars"
    steps: Sequence[float] | Floats = next((v for label, v in lines if label == "Gap"), ())
    kept = tuple(Line(label, v, family=label) for label, v in lines if label != "Gap")
    return Pane(name=shown.replace("-", "\u2212"), lines=kept, bars=steps, guides=guides)
