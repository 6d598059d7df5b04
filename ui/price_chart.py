"""The chart of one share's prices in Plotly: candles, volume, lines, strips, levels and marks.

The x axis is the bar's number, so that weekends and holidays leave no gap. Volume fills the
bottom fifth of the prices. Everything is put together as plain values and becomes a figure once,
because a figure checks all it holds with every part that is added.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.panel import Floats
from core.views.chart import Chart
from ui.charts import (
    MONTHS_MIN,
    TICKS_MAX,
    by_family,
    lay_out,
    line_trace,
    month_ticks,
    packed,
    x_axis,
    y_axis,
)
from ui.markup import escape, fill
from ui.palette import Palette
from ui.price_marks import (
    Part,
    event_marks,
    fill_marks,
    last_tag,
    level_line,
    level_tag,
    zone_box,
)

PANE_SHARE = 0.19  # of the chart's height, each
SPACE = 0.035  # between strips, for their names
VOLUME_SHARE = 0.2
TAG_SHARE = 0.05  # of the price range: how near a tick may come to a price tag
LINE = 16  # pixels of the readout's second line
BARS_MAX = 400  # drawn one by one; more become areas


def price_figure(chart: Chart, colours: Palette, *, height: int) -> go.Figure:
    """Candles with volume, overlays, strips, levels, zones, fills and marks."""
    low, high = _price_range(chart)
    bars = len(chart.candles.days)
    lines = zip(chart.overlays, by_family(chart.overlays, colours), strict=True)
    data = [
        _candles(chart, colours),
        *_volume(chart, colours, low=low, high=high),
        *(line_trace(line, colour) for line, colour in lines),
        *_strips(chart, colours),
        *fill_marks(chart.fills, colours),
        *event_marks(chart.marks, colours, span=high - low),
    ]
    notes = [
        *_names(chart, colours),
        *(level_tag(level, colours) for level in chart.levels),
        *last_tag(chart, colours),
        _readout(chart, colours),
    ]
    shapes = [
        *(zone_box(zone, colours, bars=bars) for zone in chart.zones),
        *(level_line(level, colours, bars=bars) for level in chart.levels),
    ]
    drawn = {"shapes": shapes, "annotations": notes, "hoversubplots": "axis"}
    layout = lay_out(colours, height=height)
    if chart.overlays:
        layout["margin"] = layout["margin"] | {"t": layout["margin"]["t"] + LINE}
    layout = layout | drawn | _axes(chart, colours, low=low, high=high)
    return go.Figure({"data": data, "layout": layout})


def _axes(chart: Chart, colours: Palette, *, low: float, high: float) -> Part:
    """One x axis under all strips, and a y axis for the prices and for each strip."""
    strips = len(chart.panes)
    room = 1 - SPACE * strips
    tall = PANE_SHARE * room
    tags = [*(level.price for level in chart.levels), *list(chart.candles.close)[-1:]]
    prices = {
        "range": [low, high],
        "tickvals": price_ticks(low, high, under=tags),
        "domain": [strips * (tall + SPACE), 1],
    }
    axes: Part = {"yaxis": y_axis(colours) | prices}
    for place, pane in enumerate(chart.panes):
        foot = (strips - 1 - place) * (tall + SPACE)
        guides = {"tickvals": list(pane.guides)} if pane.guides else {"nticks": 4}
        axes[f"yaxis{place + 2}"] = y_axis(colours) | {"domain": [foot, foot + tall], **guides}
    last = f"y{strips + 1}" if strips else "y"
    return axes | {"xaxis": x_axis(colours) | _ticks(chart) | {"anchor": last}}


def _price_range(chart: Chart) -> tuple[float, float]:
    """From a fifth below the lowest bar, where volume goes, to just above the highest."""
    levels = [level.price for level in chart.levels]
    low = float(min([*chart.candles.low, *levels], default=0.0))
    high = float(max([*chart.candles.high, *levels], default=1.0))
    span = (high - low) or max(high * 0.02, 1.0)
    return low - span * VOLUME_SHARE / (1 - VOLUME_SHARE), high + span * 0.06


def price_ticks(low: float, high: float, *, under: Sequence[float]) -> list[float]:
    """Round prices between two ends, without those that a price tag would cover."""
    rough = (high - low) / TICKS_MAX or 1.0
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(scale * times for times in (1, 2, 5, 10) if scale * times >= rough)
    first = math.ceil(low / step)
    ticks = [index * step for index in range(first, math.floor(high / step) + 1)]
    room = (high - low) * TAG_SHARE
    return [tick for tick in ticks if all(abs(tick - tag) > room for tag in under)]


def _candles(chart: Chart, colours: Palette) -> Part:
    c = chart.candles
    names = c.times or [""] * len(c.days)
    return {
        "type": "candlestick",
        "open": packed(c.open),
        "high": packed(c.high),
        "low": packed(c.low),
        "close": packed(c.close),
        "increasing": {"line": {"color": colours.gain, "width": 1}, "fillcolor": colours.gain},
        "decreasing": {"line": {"color": colours.loss, "width": 1}, "fillcolor": colours.loss},
        "text": [f"{day:%d %b %Y} {at}".rstrip() for day, at in zip(c.days, names, strict=True)],
        "name": "",
    }


def _volume(chart: Chart, colours: Palette, *, low: float, high: float) -> Iterator[Part]:
    c = chart.candles
    volume = np.asarray(c.volume, dtype=np.float64)
    peak = float(volume.max(initial=0.0)) or 1.0
    tall = volume / peak * (high - low) * VOLUME_SHARE
    rose = np.asarray(c.close, dtype=np.float64) >= np.asarray(c.open, dtype=np.float64)
    if len(volume) > BARS_MAX:
        yield from _areas(tall, rose, colours, low=low)
        return
    yield {
        "type": "bar",
        "y": tall.astype(np.float32),
        "base": low,
        "marker": {
            "color": rose.astype(np.int8),
            "colorscale": [[0, colours.loss], [1, colours.gain]],
            "cmin": 0,
            "cmax": 1,
            "showscale": False,
            "opacity": 0.28,
            "line": {"width": 0},
        },
        "hoverinfo": "skip",
    }


def _areas(
    volume: Floats, rose: NDArray[np.bool_], colours: Palette, *, low: float
) -> Iterator[Part]:
    """Volume as two stepped areas: a browser draws them many times faster than so many bars."""
    for which, colour in ((rose, colours.gain), (~rose, colours.loss)):
        yield _area([low, low], x=[0, len(volume) - 1], fill="none", colour=colour)
        tall = packed(low + np.where(which, volume, 0.0))
        yield _area(tall, fill="tonexty", colour=_seen_through(colour, 0.28))


def _area(y: object, *, fill: str, colour: str, x: object = None, axis: str = "y") -> Part:
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "yaxis": axis,
        "mode": "lines",
        "line": {"width": 0, "shape": "hvh"},
        "fill": fill,
        "fillcolor": colour,
        "hoverinfo": "skip",
    }


def _seen_through(colour: str, share: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def _strips(chart: Chart, colours: Palette) -> Iterator[Part]:
    for place, pane in enumerate(chart.panes, start=2):
        axis, grey = f"y{place}", _seen_through(colours.mute, 0.5)
        if len(pane.bars) > BARS_MAX:
            yield _area(packed(pane.bars), fill="tozeroy", colour=grey, axis=axis)
        elif len(pane.bars):
            marker = {"color": grey, "line": {"width": 0}}
            yield {"type": "bar", "y": packed(pane.bars), "yaxis": axis, "marker": marker,
                   "hoverinfo": "skip"}  # fmt: skip
        for line, colour in zip(pane.lines, by_family(pane.lines, colours), strict=True):
            yield line_trace(line, colour, axis=axis)


def _names(chart: Chart, colours: Palette) -> Iterator[Part]:
    """Each strip's name and last value over its top left."""
    for place, pane in enumerate(chart.panes, start=2):
        yield {
            "text": str(escape(pane.name)),
            "x": 0,
            "y": 1,
            "xref": "paper",
            "yref": f"y{place} domain",
            "showarrow": False,
            "xanchor": "left",
            "yanchor": "bottom",
            "yshift": -3,
            "font": {"size": 11, "color": colours.mute},
        }


def _readout(chart: Chart, colours: Palette) -> Part:
    """The last bar in words, then each line's name and last value in its colour."""
    said = []
    seen: set[str] = set()
    for line, colour in zip(chart.overlays, by_family(chart.overlays, colours), strict=True):
        family = line.family or line.name
        known = [value for value in list(line.values)[-1:] if np.isfinite(value)]
        if known and family not in seen:
            seen.add(family)
            said.append(
                fill(
                    '<span style="color:{c}">{name} {value}</span>',
                    c=colour,
                    name=family,
                    value=f"{known[0]:,.2f}",
                )
            )
    return {
        "text": "<br>".join([escape(chart.readout), *(["   ".join(said)] if said else [])]),
        "x": 0,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 4,
        "showarrow": False,
        "align": "left",
        "font": {"size": 12, "color": colours.mute},
    }


def _ticks(chart: Chart) -> Part:
    """Months; days, or the hours of one day, where bars lie inside the day."""
    days, times = chart.candles.days, chart.candles.times
    if not times:
        return month_ticks(days)
    firsts = [at for at, day in enumerate(days) if not at or day != days[at - 1]]
    words = [f"{days[at].day} {days[at]:%b}" for at in firsts]
    if len(firsts) < MONTHS_MIN:
        firsts = list(range(0, len(days), -(-len(days) // TICKS_MAX) or 1))
        words = [times[at] for at in firsts]
    step = -(-len(firsts) // TICKS_MAX) or 1
    return {"tickvals": firsts[::step], "ticktext": words[::step], "range": [-1, len(days) + 1]}
