"""What lies on a price chart: levels, zones, fills, marks of news and actions, and price tags.

Each is a plain value of Plotly's, put together with the rest in `ui.price_chart`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.views.chart import Chart, FillMark, Level, Mark, Zone
from ui.markup import escape
from ui.palette import Palette

SIGNS = {"▲": "triangle-up", "▼": "triangle-down", "○": "circle-open"}
FILLED = {"gain", "loss", "mute"}
Part = dict[str, Any]


def level_line(level: Level, colours: Palette, *, bars: int) -> Part:
    """A line at a price up to the last bar; an average is dashed."""
    dash = "dash" if level.tone == "avg" else "solid"
    return {
        "type": "line",
        "x0": min(level.since, bars - 1),
        "x1": bars + 1,
        "y0": level.price,
        "y1": level.price,
        "xref": "x",
        "yref": "y",
        "line": {"color": _tone(level, colours), "width": 1.5, "dash": dash},
    }


def _tone(level: Level, colours: Palette) -> str:
    return {
        "entry": colours.buy,
        "stop": colours.loss,
        "target": colours.gain,
        "trail": colours.mute,
        "avg": colours.mute,
    }[level.tone]


def zone_box(zone: Zone, colours: Palette, *, bars: int) -> Part:
    """A band of prices, such as the entry of a waiting card, shaded up to the last bar."""
    return {
        "type": "rect",
        "x0": min(zone.since, bars - 1),
        "x1": bars + 1,
        "y0": zone.low,
        "y1": zone.high,
        "xref": "x",
        "yref": "y",
        "line": {"width": 0},
        "fillcolor": colours.buy,
        "opacity": 0.18,
    }


def fill_marks(fills: Sequence[FillMark], colours: Palette) -> Iterator[Part]:
    """What was bought and sold, as triangles at its price."""
    for bought in (True, False):
        marks = [mark for mark in fills if mark.bought is bought]
        if marks:
            yield {
                "type": "scatter",
                "x": [mark.bar for mark in marks],
                "y": [mark.price for mark in marks],
                "text": [str(escape(mark.words)) for mark in marks],
                "mode": "markers",
                "marker": {
                    "symbol": "triangle-up" if bought else "triangle-down",
                    "size": 10,
                    "color": colours.buy if bought else colours.sell,
                },
                "hovertemplate": "%{text}<extra></extra>",
            }


def event_marks(marks: Sequence[Mark], colours: Palette, *, span: float) -> Iterator[Part]:
    """News above its bar in the colour of its lean; corporate actions boxed under theirs."""
    tones = {"gain": colours.gain, "loss": colours.loss, "mute": colours.mute}
    news = [mark for mark in marks if mark.tone in FILLED]
    befell = [mark for mark in marks if mark.tone not in FILLED]
    if news:
        yield _placed(news, lift=span * 0.015) | {
            "mode": "markers",
            "marker": {
                "symbol": [SIGNS[mark.sign] for mark in news],
                "size": 6,
                "color": [tones[mark.tone] for mark in news],
            },
        }
    if befell:
        box = {"symbol": "square", "size": 15, "color": colours.bg}
        yield _placed(befell) | {
            "mode": "markers+text",
            "marker": box | {"line": {"color": colours.sim, "width": 1}},
            "text": [mark.sign for mark in befell],
            "textposition": "middle center",
            "textfont": {"color": colours.sim, "size": 10},
        }


def _placed(marks: Sequence[Mark], *, lift: float = 0.0) -> Part:
    return {
        "type": "scatter",
        "x": [mark.bar for mark in marks],
        "y": [round(mark.price + lift, 2) for mark in marks],
        "hovertext": [str(escape(mark.words)) for mark in marks],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def level_tag(level: Level, colours: Palette) -> Part:
    """The level's name and price on the right edge."""
    words = f"{level.name} {level.price:,.2f}"
    return _tag(words, level.price, ground=_tone(level, colours), ink=colours.bg)


def last_tag(chart: Chart, colours: Palette) -> Iterator[Part]:
    """The last price on the right edge."""
    if len(chart.candles.close):
        last = float(chart.candles.close[-1])
        yield _tag(chart.last_price, last, ground=colours.ink, ink=colours.bg)


def _tag(text: str, at: float, *, ground: str, ink: str) -> Part:
    """A price on the right edge."""
    return {
        "text": str(escape(text)),
        "x": 1,
        "y": at,
        "xref": "paper",
        "yref": "y",
        "xanchor": "left",
        "xshift": 4,
        "showarrow": False,
        "font": {"size": 11, "color": ink},
        "bgcolor": ground,
        "borderpad": 2,
    }
