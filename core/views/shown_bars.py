"""What a chart shows, as columns for a file: bars, lines and strips, or a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.panel import Floats
from core.views.chart import Chart, Line, Series
from core.views.compare import Comparison

DIGITS = 4  # an indicator needs no more; prices have two


@dataclass(frozen=True, slots=True)
class ShownBars:
    """Columns of one length, in order; a missing number is NaN."""

    days: tuple[date, ...]
    times: tuple[str, ...]
    columns: tuple[tuple[str, Floats], ...]


def of_chart(chart: Chart) -> ShownBars:
    """Prices in rupees of today's share terms, volume in shares, then every line drawn."""
    c = chart.candles
    parts = (("open", c.open), ("high", c.high), ("low", c.low), ("close", c.close))
    lines = [*chart.overlays, *(line for pane in chart.panes for line in pane.lines)]
    gaps = [(f"{p.name.split('  ')[0]} gap", p.bars) for p in chart.panes if len(p.bars)]
    return ShownBars(
        tuple(c.days),
        tuple(c.times),
        (
            *((name, _rounded(values, 2)) for name, values in parts),
            ("volume", _rounded(c.volume, 0)),
            *_named(lines),
            *((name, _rounded(values, DIGITS)) for name, values in gaps),
        ),
    )


def of_comparison(made: Comparison) -> ShownBars:
    """Every share's close as a percent of its first."""
    return ShownBars(made.days, (), tuple(_named(made.lines)))


def _named(lines: Sequence[Line]) -> list[tuple[str, Floats]]:
    return [(line.name, _rounded(line.values, DIGITS)) for line in lines]


def _rounded(values: Series, digits: int) -> Floats:
    wide: Floats = np.asarray(values, dtype=np.float64)
    found: Floats = np.round(wide, digits)
    return found
