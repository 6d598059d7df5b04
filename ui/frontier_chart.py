"""The frontier: volatility across, mean return up, both in percent a year."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from core.desk.optimize import Point
from ui.charts import BARE
from ui.markup import escape
from ui.palette import FONT, Palette, palette


def frontier_chart(
    frontier: Sequence[Point],
    shares: Sequence[tuple[str, Point]],
    chosen: Point,
    *,
    name: str,
    key: str,
    height: int = 320,
) -> None:
    """Draw the frontier, each share by itself, and the weights that were chosen."""
    figure = frontier_figure(frontier, shares, chosen, palette(), name=name, height=height)
    st.plotly_chart(figure, key=key, theme=None, config=BARE)


def frontier_figure(
    frontier: Sequence[Point],
    shares: Sequence[tuple[str, Point]],
    chosen: Point,
    colours: Palette,
    *,
    name: str,
    height: int,
) -> go.Figure:
    """The figure behind `frontier_chart`."""
    figure = go.Figure()
    _dots(figure, shares, colours)
    figure.add_trace(
        go.Scatter(
            x=[100 * point.vol for point in frontier],
            y=[100 * point.mean for point in frontier],
            mode="lines",
            name="Frontier under the caps",
            line={"color": colours.buy, "width": 2},
            hovertemplate="%{y:.1f} % at %{x:.1f} %<extra>frontier</extra>",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[100 * chosen.vol],
            y=[100 * chosen.mean],
            mode="markers",
            name=str(escape(name)),
            marker={"color": colours.sell, "size": 12, "symbol": "diamond"},
            hovertemplate="%{y:.1f} % at %{x:.1f} %<extra>chosen</extra>",
        )
    )
    figure.update_layout(
        height=height,
        margin={"l": 72, "r": 8, "t": 30, "b": 44},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 12, "color": colours.mute},
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        dragmode=False,
    )
    axis = {"gridcolor": colours.hair, "zeroline": False, "ticksuffix": " %"}
    figure.update_xaxes(title="Volatility, per year", title_font_size=12, **axis)
    figure.update_yaxes(
        title="Mean return, per year", title_font_size=12, title_standoff=12, **axis
    )
    return figure


def _dots(figure: go.Figure, shares: Sequence[tuple[str, Point]], colours: Palette) -> None:
    figure.add_trace(
        go.Scatter(
            x=[100 * point.vol for _, point in shares],
            y=[100 * point.mean for _, point in shares],
            text=[str(escape(symbol)) for symbol, _ in shares],
            mode="markers",
            name="Each share by itself",
            marker={"color": colours.mute, "size": 6, "opacity": 0.6},
            hovertemplate="%{text}: %{y:.1f} % at %{x:.1f} %<extra></extra>",
        )
    )
