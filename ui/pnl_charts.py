"""The two charts of the P&L page: a calendar of days, and the way from gross to net."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import plotly.graph_objects as go
import streamlit as st

from core.domain.money import Money
from core.domain.words import rupees, short
from core.views.heat_map import DAYS, HeatMap
from core.views.pnl import Step
from ui.charts import BARE, lay_out, x_axis
from ui.markup import escape
from ui.palette import Palette, palette

ROW = 24  # pixels of a month
BELOW = 40  # pixels for the scale under a chart
BAR = 20  # pixels of one step from gross to net
ROOM = 0.24  # of the way across, on both sides, for the amounts beside the bars
SMALL = Money(10_000)  # under ₹100
ROWS = 8  # months that the calendar has room for at least, so that a day keeps its size


def draw_heat_map(view: HeatMap, *, key: str, on_day: Callable[[], None]) -> None:
    """Months down, days across; green earned, red lost, blank where no session was.

    A click on a day calls `on_day`, which finds it by `clicked_day`.
    """
    st.plotly_chart(heat_figure(view, palette()), key=key, theme=None, config=BARE,
                    on_select=on_day, selection_mode="points")  # fmt: skip


def clicked_day(key: str) -> date | None:
    """The day that was clicked in the calendar, None where the click took it back."""
    points = st.session_state[key].selection.points
    return date.fromisoformat(points[0]["customdata"]) if points else None


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
        "hoverinfo": "skip",
        "xgap": 2,
        "ygap": 2,
        "zmin": -most,
        "zmax": most,
        "colorscale": [[0, colours.loss], [0.5, colours.line], [1, colours.gain]],
        "showscale": False,
    }
    rows = max(ROWS, len(view.months))
    layout = lay_out(colours, height=ROW * rows + BELOW) | {
        "hovermode": "closest",
        "margin": {"l": 8, "r": 8, "t": 4, "b": 24},
        "xaxis": x_axis(colours) | {"dtick": 2, "tick0": 1, "showgrid": False,
                                    "range": [0.5, DAYS + 0.5],
                                    "showspikes": False, "fixedrange": True},
        "yaxis": {"range": [rows - 0.5, -0.5], "showgrid": False, "fixedrange": True,
                  "type": "category", "automargin": True, "ticks": "",
                  "tickvals": list(view.months), "ticktext": _months(view)},
    }  # fmt: skip
    return go.Figure({"data": [heat, _to_click(view, colours)], "layout": layout})


def _months(view: HeatMap) -> list[str]:
    return [
        f"{name}  {short(net, signed=True)}  "
        for name, net in zip(view.months, view.totals, strict=True)
    ]


def _to_click(view: HeatMap, colours: Palette) -> dict[str, object]:
    """Unseen squares over the days, for a heat map takes no clicks."""
    days = [(month, one) for month, row in zip(view.months, view.cells, strict=True)
            for one in row if one]  # fmt: skip
    unseen = {"opacity": 0}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [one.day.day for _, one in days],
        "y": [month for month, _ in days],
        "text": [str(escape(one.words)) for _, one in days],
        "customdata": [one.day.isoformat() for _, one in days],
        "hovertemplate": "%{text}<extra></extra>",
        "hoverlabel": {"bgcolor": colours.sunk, "bordercolor": colours.line,
                       "font": {"color": colours.ink}},
        "marker": {"symbol": "square", "size": ROW - 4, **unseen},
        "selected": {"marker": unseen},
        "unselected": {"marker": unseen},
        "showlegend": False,
    }  # fmt: skip


def waterfall_figure(steps: Sequence[Step], colours: Palette) -> go.Figure:
    """Bars under each other, each from where the last one ended; wholes begin at zero."""
    bars = {
        "type": "waterfall",
        "orientation": "h",
        "y": [one.label for one in steps],
        "x": [one.amount.paise / 100 for one in steps],
        "measure": ["total" if one.whole else "relative" for one in steps],
        "text": [_amount(one) for one in steps],
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "hovertemplate": "%{y}: ₹%{x:,.2f}<extra></extra>",
        "connector": {"line": {"color": colours.line, "width": 1}},
        "increasing": {"marker": {"color": colours.gain}},
        "decreasing": {"marker": {"color": colours.loss}},
        "totals": {"marker": {"color": colours.mute}},
    }
    reach = _reach(steps)
    layout = lay_out(colours, height=BAR * len(steps) + BELOW) | {
        "hovermode": "closest",
        "bargap": 0.35,
        "margin": {"l": 4, "r": 8, "t": 4, "b": 24},
        "xaxis": x_axis(colours) | {"range": reach, "tickformat": ",", "nticks": 5,
                                    "showspikes": False, "fixedrange": True},
        "yaxis": {"type": "category", "autorange": "reversed", "automargin": True, "ticks": "",
                  "showgrid": False, "fixedrange": True},
    }  # fmt: skip
    return go.Figure({"data": [bars], "layout": layout})


def _amount(one: Step) -> str:
    """To the paisa where rupees alone would say nothing."""
    if abs(one.amount) < SMALL:
        return rupees(one.amount, signed=not one.whole)
    return short(one.amount, signed=not one.whole)


def _reach(steps: Sequence[Step]) -> list[float]:
    """How far the bars go to either side, with room for their amounts."""
    ends, at = [0.0], 0.0
    for one in steps:
        at = one.amount.paise / 100 if one.whole else at + one.amount.paise / 100
        ends.append(at)
    room = ROOM * ((max(ends) - min(ends)) or 1.0)
    return [min(ends) - room, max(ends) + room]
