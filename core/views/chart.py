"""What a price chart shows: bars, lines over them, panes under them, levels, fills and marks.

All sequences run oldest first and are as long as `days`; NaN leaves a gap in a line. Prices
are rupees as float, for drawing only. Arrays travel to the browser as numbers packed in bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from core.panel import Floats

Series = Sequence[float] | Floats

MarkTone = Literal["gain", "loss", "mute", "action"]
LevelTone = Literal["entry", "stop", "target", "trail", "avg"]


@dataclass(frozen=True, slots=True)
class Candles:
    """Bars by session (or by minute: `days` then repeats), volume in shares.

    `times` names each bar by its hour where bars lie inside the day.
    """

    days: Sequence[date]
    open: Series
    high: Series
    low: Series
    close: Series
    volume: Series
    times: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A named series on the scale of what it is drawn over; `dashed` for a band's edge.

    Lines of one `family` have one colour; without one a line has its own.
    """

    name: str
    values: Series
    dashed: bool = False
    family: str = ""


@dataclass(frozen=True, slots=True)
class Pane:
    """A strip under the prices with lines, bars and guide values of its own scale."""

    name: str
    lines: tuple[Line, ...] = ()
    bars: Series = ()
    guides: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """A price drawn as a line from bar `since` on: entry, stop, target or trail."""

    name: str
    price: float
    tone: LevelTone
    since: int = 0


@dataclass(frozen=True, slots=True)
class Zone:
    """A band of prices such as a card's entry, shaded from bar `since` on."""

    name: str
    low: float
    high: float
    since: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign at a bar with words on hover: news by its lean, or a corporate action by a letter."""

    bar: int
    price: float
    sign: str
    tone: MarkTone
    words: str


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
    zones: tuple[Zone, ...] = ()
    marks: tuple[Mark, ...] = ()
