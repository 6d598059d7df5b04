"""Charts of predictions: the fan of coming prices, contributions as bars, regime chances."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go
import streamlit as st

from core.domain.words import decimal, pct
from core.panel import Floats
from core.views.predictions_fan import Fan
from ui.charts import BARE, lay_out, month_ticks, packed, x_axis, y_axis
from ui.markup import escape
from ui.palette import Palette, palette

FAN, CHANCES = 300, 230  # pixels
ROW, BELOW = 24, 34  # pixels of a bar, and of the axis
ROOM = 1.35  # of the longest bar, for the numbers beside them


def draw_fan(fan: Fan, *, key: str) -> None:
    """Closes so far, and the range of each session ahead."""
    st.plotly_chart(fan_figure(fan, palette()), key=key, theme=None, config=BARE)


def draw_contributions(groups: Sequence[tuple[str, float]], *, key: str) -> None:
    """What each group of features moved the odds by."""
    st.plotly_chart(bars_figure(groups, palette()), key=key, theme=None, config=BARE)


def draw_chances(names: Sequence[str], days: Sequence[date], chances: Floats, *, key: str) -> None:
    """How likely each regime was at every session's close."""
    figure = chances_figure(names, days, chances, palette())
    st.plotly_chart(figure, key=key, theme=None, config=BARE)


def fan_figure(fan: Fan, colours: Palette) -> go.Figure:
    """The fan; its sessions follow those of the closes, the last close being its tip."""
    start = len(fan.days) - 1
    places = list(range(start, start + len(fan.ahead)))
    named = [f"{one.day} {one:%b}" for one in (*fan.days, *fan.ahead[1:])]
    edge = {"type": "scatter", "mode": "lines", "x": places, "line": {"width": 0},
            "text": named[start:]}  # fmt: skip
    rupees = "₹%{y:,.2f}"
    moved = f"{rupees} %{{customdata}}<extra></extra>"
    data = [
        edge | {"y": list(fan.low), "name": "low", "customdata": _from_last(fan.low),
                "hovertemplate": f"%{{text}} low {moved}"},
        edge | {"y": list(fan.high), "name": "high", "fill": "tonexty",
                "fillcolor": _clear(colours.buy, 0.18), "customdata": _from_last(fan.high),
                "hovertemplate": f"high {moved}"},
        edge | {"y": list(fan.mid), "name": "middle", "customdata": _from_last(fan.mid),
                "line": {"color": colours.buy, "width": 1.2, "dash": "dot"},
                "hovertemplate": f"middle {moved}"},
        {"type": "scatter", "mode": "lines", "y": packed(fan.closes), "name": "close",
         "text": named, "line": {"color": colours.ink, "width": 1.3},
         "hovertemplate": f"%{{text}} close {rupees}<extra></extra>"},
    ]  # fmt: skip
    every = (*fan.days, *fan.ahead[1:])
    layout = lay_out(colours, height=FAN) | {
        "margin": {"l": 8, "r": 72, "t": 8, "b": 24},
        "xaxis": x_axis(colours) | month_ticks(every),
        "yaxis": y_axis(colours) | {"tickprefix": "₹"},
        "shapes": [{"type": "line", "x0": start, "x1": start, "y0": 0, "y1": 1, "yref": "paper",
                    "line": {"color": colours.line, "width": 1}}],
    }  # fmt: skip
    return go.Figure({"data": data, "layout": layout})


def _from_last(ends: Sequence[float]) -> list[str]:
    """How far each end lies from the close the fan opens at, as a percent with its sign."""
    return [pct(end / ends[0] - 1.0, digits=1, signed=True) for end in ends]


def bars_figure(groups: Sequence[tuple[str, float]], colours: Palette) -> go.Figure:
    """Bars right of zero raise the odds of the target against the stop, those left lower them."""
    names = [str(escape(name)) for name, _ in groups]
    sizes = [size for _, size in groups]
    reach = max((abs(size) for size in sizes), default=0.0) * ROOM or 1.0
    bars = {
        "type": "bar", "orientation": "h", "y": names, "x": sizes,
        "marker": {"color": [colours.buy if size > 0 else colours.sell for size in sizes]},
        "text": [decimal(size, signed=True) for size in sizes],
        "textposition": "outside", "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:+.3f} in log-odds<extra></extra>",
    }  # fmt: skip
    layout = lay_out(colours, height=ROW * len(names) + BELOW) | {
        "hovermode": "closest",
        "margin": {"l": 8, "r": 8, "t": 2, "b": 20},
        "xaxis": {"range": [-reach, reach], "gridcolor": colours.hair, "zeroline": True,
                  "zerolinecolor": colours.mute, "zerolinewidth": 1, "fixedrange": True,
                  "nticks": 5},
        "yaxis": {"autorange": "reversed", "automargin": True, "showgrid": False, "ticks": "",
                  "fixedrange": True},
    }  # fmt: skip
    return go.Figure({"data": [bars], "layout": layout})


def chances_figure(
    names: Sequence[str], days: Sequence[date], chances: Floats, colours: Palette
) -> go.Figure:
    """Chances stacked to one; bull and bear in the colours of a gain and a loss."""
    tones = {"bull": colours.gain, "bear": colours.loss, "sideways": colours.mute,
             "volatile": colours.warn}  # fmt: skip
    data = [
        {"type": "scatter", "mode": "lines", "stackgroup": "all", "name": name,
         "y": packed(chances[:, place]), "text": [f"{one.day} {one:%b %Y}" for one in days],
         "line": {"width": 0, "color": tones[name]}, "fillcolor": _clear(tones[name], 0.55),
         "hovertemplate": f"%{{text}} {name} %{{y:.0%}}<extra></extra>"}
        for place, name in enumerate(names)
    ]  # fmt: skip
    layout = lay_out(colours, height=CHANCES) | {
        "showlegend": True,
        "margin": {"l": 8, "r": 48, "t": 24, "b": 24},
        "xaxis": x_axis(colours) | month_ticks(days),
        "yaxis": y_axis(colours) | {"range": [0, 1], "tickformat": ".0%", "dtick": 0.25},
    }
    return go.Figure({"data": data, "layout": layout})


def _clear(colour: str, part: float) -> str:
    """A colour of the palette that lets through what lies behind it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{part})"
