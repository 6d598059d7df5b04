"""The two charts of the P&L page: a calendar of days, and the way from gross to net."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from core.domain.words import short
from core.views.heat_map import DAYS, HeatMap
from core.views.pnl import Step
from ui.charts import BARE, lay_out, x_axis, y_axis
from ui.markup import escape
from ui.palette import Palette, palette

ROW = 24  # pixels of a month
BELOW = 56  # pixels for the days and the margin


def draw_heat_map(view: HeatMap, *, key: str) -> None:
    """Months down, days across; green earned, red lost, blank where no session was."""
    st.plotly_chart(heat_figure(view, palette()), key=key, theme=None, config=BARE)


def draw_waterfall(steps: Sequence[Step], *, key: str) -> None:
    """From what was realised to what is left."""
    st.plotly_chart(waterfall_figure(steps, palette()), key=key, theme=None, config=BARE)


def heat_figure(view: HeatMap, colours: Palette) -> go.Figure:
    """The calendar as a heat map; colours reach to the largest day either way."""
    most = max(1.0, view.most.paise / 100)
    heat = {
        "type": "heatmap",
        "x": list(range(1, DAYS + 1)),
        "y": list(view.months),
        "z": [[None if one is None else one.net.paise / 100 for one in row] for row in view.cells],
        "text": [["" if one is None else str(escape(one.words)) for one in row]
                 for row in view.cells],
        "hovertemplate": "%{text}<extra></extra>",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "zmin": -most,
        "zmax": most,
        "colorscale": [[0, colours.loss], [0.5, colours.hair], [1, colours.gain]],
        "showscale": False,
    }  # fmt: skip
    layout = lay_out(colours, height=ROW * max(1, len(view.months)) + BELOW) | {
        "hovermode": "closest",
        "margin": {"l": 8, "r": 8, "t": 4, "b": 24},
        "xaxis": x_axis(colours) | {"dtick": 2, "tick0": 1, "showgrid": False,
                                    "showspikes": False, "fixedrange": True},
        "yaxis": {"autorange": "reversed", "showgrid": False, "fixedrange": True,
                  "type": "category", "automargin": True},
    }  # fmt: skip
    return go.Figure({"data": [heat], "layout": layout})


def waterfall_figure(steps: Sequence[Step], colours: Palette) -> go.Figure:
    """Bars that hang from one another; wholes stand on the ground."""
    bars = {
        "type": "waterfall",
        "x": [one.label for one in steps],
        "y": [one.amount.paise / 100 for one in steps],
        "measure": ["total" if one.whole else "relative" for one in steps],
        "text": [short(one.amount, signed=not one.whole) for one in steps],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{x}: ₹%{y:,.2f}<extra></extra>",
        "connector": {"line": {"color": colours.line, "width": 1}},
        "increasing": {"marker": {"color": colours.gain}},
        "decreasing": {"marker": {"color": colours.loss}},
        "totals": {"marker": {"color": colours.mute}},
    }
    layout = lay_out(colours, height=260) | {
        "hovermode": "closest",
        "margin": {"l": 4, "r": 64, "t": 24, "b": 40},
        "xaxis": {"type": "category", "showgrid": False, "automargin": True},
        "yaxis": y_axis(colours) | {"showspikes": False},
    }
    return go.Figure({"data": [bars], "layout": layout})
