"""What a price chart shows: bars, lines over them, panes under them, levels and fills.

All sequences run oldest first and are as long as `days`; NaN leaves a gap in a line. Prices
are rupees as float, for drawing only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

LevelTone = Literal["entry", "stop", "target", "trail"]


@dataclass(frozen=True, slots=True)
class Candles:
    """Bars by session (or by minute: `days` then repeats), volume in shares."""

    days: Sequence[date]
    open: Sequence[float]
    high: Sequence[float]
    low: Sequence[float]
    close: Sequence[float]
    volume: Sequence[float]


@dataclass(frozen=True, slots=True)
class Line:
    """A named series on the scale of what it is drawn over; `dashed` for a band's edge."""

    name: str
    values: Sequence[float]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Pane:
    """A strip under the prices with lines, bars and guide values of its own scale."""

    name: str
    lines: tuple[Line, ...] = ()
    bars: Sequence[float] = ()
    guides: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """A price drawn as a line from bar `since` on: entry, stop, target or trail."""

    name: str
    price: float
    tone: LevelTone
    since: int = 0


@dataclass(frozen=True, slots=True)
class FillMark:
    """One fill: at which bar, at what price, bought or sold."""

    bar: int
    price: float
    bought: bool
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One price chart, ready to draw; `readout` is the top-left line of the last bar."""

    candles: Candles
    readout: str
    last_price: str
    overlays: tuple[Line, ...] = ()
    panes: tuple[Pane, ...] = ()
    levels: tuple[Level, ...] = ()
    fills: tuple[FillMark, ...] = ()
