"""Line charts in Plotly in the theme's colours, and what they share with the price chart.

The x axis is the session's number, so that weekends and holidays leave no gap; month names stand
at the first session of a month. Numbers go to the browser packed in bytes, four each where that
keeps the paisa, and places on the x axis not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from core.views.chart import Line, Series
from ui.markup import escape
from ui.palette import FONT, Palette, palette

INDIAN: dict[str, object] = {
    "locale": "en-IN",
    "locales": {
        "en-IN": {
            "dictionary": {},
            "format": {"decimal": ".", "thousands": ",", "grouping": [3, 2, 2, 2, 2]},
        }
    },
}
BARE: dict[str, object] = {
    "displayModeBar": False, "responsive": True, "scrollZoom": False, **INDIAN,
}  # fmt: skip
SHORT_UPTO = 65_536.0  # rupees: four bytes still tell paise apart below
TICKS_MAX = 9
DAY_TICKS = 5  # `21 Nov` is long: more would be turned on a phone
MONTHS_MIN = 3


def line_chart(
    lines: Sequence[Line],
    days: Sequence[date],
    *,
    key: str,
    height: int = 240,
    unit: str = "",
    area: bool = False,
) -> None:
    """Draw series over sessions, for equity, drawdown and the like; `unit` ends tick labels."""
    figure = lines_figure(lines, days, palette(), height=height, area=area)
    figure.update_yaxes(ticksuffix=unit)
    st.plotly_chart(figure, key=key, theme=None, config=BARE)


def lines_figure(
    lines: Sequence[Line],
    days: Sequence[date],
    colours: Palette,
    *,
    height: int,
    area: bool = False,
) -> go.Figure:
    """Series over sessions with a legend where there are several."""
    cycled = _cycled(colours, len(lines))
    fill = "tozeroy" if area else None
    layout = lay_out(colours, height=height) | {
        "showlegend": len(lines) > 1,
        "margin": {"l": 8, "r": 56, "t": 24, "b": 24},
        "xaxis": x_axis(colours) | month_ticks(days),
        "yaxis": y_axis(colours),
    }
    drawn = [line_trace(one, colour, fill=fill) for one, colour in zip(lines, cycled, strict=True)]
    return go.Figure({"data": drawn, "layout": layout})


def packed(values: Series) -> NDArray[np.floating]:
    """An array that travels as bytes: four a number where that keeps the paisa, else eight."""
    wide = np.asarray(values, dtype=np.float64)
    known = np.abs(wide[np.isfinite(wide)])
    return wide if known.size and known.max() >= SHORT_UPTO else wide.astype(np.float32)


def line_trace(
    line: Line, colour: str, *, axis: str = "y", fill: str | None = None
) -> dict[str, Any]:
    """A series as a line over the places of its values; `axis` names its strip."""
    return {
        "type": "scatter",
        "y": packed(line.values),
        "yaxis": axis,
        "name": str(escape(line.name)),
        "mode": "lines",
        "fill": fill,
        "line": {"color": colour, "width": 1.3, "dash": "dot" if line.dashed else "solid"},
        "hovertemplate": "%{y:,.2f}",
    }


def month_ticks(days: Sequence[date]) -> dict[str, Any]:
    """Month names at a month's first bar; days where fewer than three months begin."""
    firsts = [
        index
        for index, day in enumerate(days)
        if index and (day.year, day.month) != (days[index - 1].year, days[index - 1].month)
    ]
    step = -(-len(firsts) // TICKS_MAX) or 1
    shown = firsts[::step]
    words = [f"{days[i]:%Y}" if days[i].month == 1 else f"{days[i]:%b}" for i in shown]
    if len(firsts) < MONTHS_MIN:
        shown = list(range(0, len(days), -(-len(days) // DAY_TICKS) or 1))
        words = [f"{days[i].day} {days[i]:%b}" for i in shown]
    return {"tickvals": shown, "ticktext": words, "range": [-1, len(days) + 1]}


def lay_out(colours: Palette, *, height: int) -> dict[str, Any]:
    """No paper of its own, our type, a crosshair in place of a pointer."""
    return {
        "height": height,
        "margin": {"l": 4, "r": 84, "t": 26, "b": 22},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": colours.mute},
        "showlegend": False,
        "hovermode": "x",
        "bargap": 0.25,
        "dragmode": False,
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
    }


def x_axis(colours: Palette) -> dict[str, Any]:
    """Hairlines and a dotted line through the bar under the pointer."""
    return _axis(colours) | {"spikemode": "across", "rangeslider": {"visible": False}}


def y_axis(colours: Palette) -> dict[str, Any]:
    """Values at the right."""
    return _axis(colours) | {"side": "right", "tickformat": ","}


def _axis(colours: Palette) -> dict[str, Any]:
    return {
        "gridcolor": colours.hair,
        "zeroline": False,
        "showspikes": True,
        "spikethickness": 1,
        "spikedash": "dot",
        "spikecolor": colours.mute,
    }


def by_family(lines: Sequence[Line], colours: Palette) -> list[str]:
    """A colour for each line; lines of one indicator share theirs."""
    families = list(dict.fromkeys(line.family or line.name for line in lines))
    colour = dict(zip(families, _cycled(colours, len(families)), strict=True))
    return [colour[line.family or line.name] for line in lines]


def _cycled(colours: Palette, count: int) -> list[str]:
    return [colours.series[index % len(colours.series)] for index in range(count)]
