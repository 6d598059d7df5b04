"""Price charts and plain line charts in Plotly, in the theme's colours.

The x axis is the bar's number, so that weekends and holidays leave no gap; month names stand
at the first bar of a month. Volume fills the bottom fifth of the prices.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from core.views.chart import Chart, Level, Line, Pane
from ui.markup import escape
from ui.palette import FONT, Palette, palette

PANE_SHARE = 0.19  # of the chart's height, each
VOLUME_SHARE = 0.2
BARE: dict[str, object] = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
TICKS_MAX = 9
DAY_TICKS = 5  # `21 Nov` is long: more would be turned on a phone
MONTHS_MIN = 3
TAG_SHARE = 0.035  # of the price range: how near a tick may come to a price tag


def price_chart(chart: Chart, *, key: str, height: int = 560) -> None:
    """Draw candles with volume, overlays, panes, levels and fills."""
    st.plotly_chart(price_figure(chart, palette(), height=height), key=key, theme=None, config=BARE)


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
    colours = palette()
    figure = go.Figure()
    for line, colour in zip(lines, _cycled(colours, len(lines)), strict=True):
        _add_line(figure, line, colour, fill="tozeroy" if area else None)
    _lay_out(figure, colours, height=height)
    figure.update_yaxes(ticksuffix=unit)
    _month_ticks(figure, days)
    figure.update_layout(showlegend=len(lines) > 1, margin={"l": 8, "r": 56, "t": 24, "b": 24})
    st.plotly_chart(figure, key=key, theme=None, config=BARE)


def price_figure(chart: Chart, colours: Palette, *, height: int) -> go.Figure:
    """The figure behind `price_chart`, for tests as well."""
    panes = len(chart.panes)
    figure = make_subplots(
        rows=1 + panes,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.025,
        row_heights=[1 - PANE_SHARE * panes, *[PANE_SHARE] * panes],
    )
    low, high = _price_range(chart)
    _candles(figure, chart, colours)
    _volume(figure, chart, colours, low=low, high=high)
    for line, colour in zip(chart.overlays, _cycled(colours, len(chart.overlays)), strict=True):
        _add_line(figure, line, colour, row=1)
    for row, pane in enumerate(chart.panes, start=2):
        _pane(figure, pane, colours, row=row)
    _lay_out(figure, colours, height=height)
    tags = [*(level.price for level in chart.levels), *list(chart.candles.close)[-1:]]
    ticks = price_ticks(low, high, under=tags)
    figure.update_yaxes(range=[low, high], tickvals=ticks, row=1, col=1)
    _month_ticks(figure, chart.candles.days)
    for level in chart.levels:
        _level(figure, level, colours, bars=len(chart.candles.days))
    _fills(figure, chart, colours)
    _last_tag(figure, chart, colours)
    _readout(figure, chart.readout, colours)
    return figure


def _price_range(chart: Chart) -> tuple[float, float]:
    """From a fifth below the lowest bar, where volume goes, to just above the highest."""
    levels = [level.price for level in chart.levels]
    low = min([*chart.candles.low, *levels], default=0.0)
    high = max([*chart.candles.high, *levels], default=1.0)
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


def _candles(figure: go.Figure, chart: Chart, colours: Palette) -> None:
    c = chart.candles
    figure.add_trace(
        go.Candlestick(
            x=list(range(len(c.days))),
            open=list(c.open),
            high=list(c.high),
            low=list(c.low),
            close=list(c.close),
            increasing={"line": {"color": colours.gain, "width": 1}, "fillcolor": colours.gain},
            decreasing={"line": {"color": colours.loss, "width": 1}, "fillcolor": colours.loss},
            text=[f"{day:%d %b %Y}" for day in c.days],
            name="",
        ),
        row=1,
        col=1,
    )


def _volume(figure: go.Figure, chart: Chart, colours: Palette, *, low: float, high: float) -> None:
    c = chart.candles
    peak = max(c.volume, default=0.0) or 1.0
    tall = (high - low) * VOLUME_SHARE
    figure.add_trace(
        go.Bar(
            x=list(range(len(c.days))),
            y=[volume / peak * tall for volume in c.volume],
            base=low,
            marker={
                "color": [
                    colours.gain if close >= opened else colours.loss
                    for opened, close in zip(c.open, c.close, strict=True)
                ],
                "opacity": 0.28,
                "line": {"width": 0},
            },
            hoverinfo="skip",
        ),
        row=1,
        col=1,
    )


def _add_line(
    figure: go.Figure, line: Line, colour: str, *, row: int | None = None, fill: str | None = None
) -> None:
    trace = go.Scatter(
        x=list(range(len(line.values))),
        y=list(line.values),
        name=str(escape(line.name)),
        mode="lines",
        fill=fill,
        line={"color": colour, "width": 1.3, "dash": "dot" if line.dashed else "solid"},
        hovertemplate="%{y:,.2f}",
    )
    if row is None:
        figure.add_trace(trace)
    else:
        figure.add_trace(trace, row=row, col=1)


def _pane(figure: go.Figure, pane: Pane, colours: Palette, *, row: int) -> None:
    if len(pane.bars):
        figure.add_trace(
            go.Bar(
                x=list(range(len(pane.bars))),
                y=list(pane.bars),
                marker={"color": colours.mute, "opacity": 0.5, "line": {"width": 0}},
                hoverinfo="skip",
            ),
            row=row,
            col=1,
        )
    for line, colour in zip(pane.lines, _cycled(colours, len(pane.lines)), strict=True):
        _add_line(figure, line, colour, row=row)
    if pane.guides:
        figure.update_yaxes(tickvals=list(pane.guides), row=row, col=1)
    figure.add_annotation(
        text=str(escape(pane.name)),
        x=0,
        y=1,
        xref="x domain",
        yref=f"y{row} domain",
        showarrow=False,
        xanchor="left",
        yanchor="top",
        font={"size": 11, "color": colours.mute},
        bgcolor=colours.bg,
        opacity=0.85,
    )


def _level(figure: go.Figure, level: Level, colours: Palette, *, bars: int) -> None:
    tone = {
        "entry": colours.buy,
        "stop": colours.loss,
        "target": colours.gain,
        "trail": colours.mute,
    }[level.tone]
    figure.add_shape(
        type="line",
        x0=min(level.since, bars - 1),
        x1=bars + 1,
        y0=level.price,
        y1=level.price,
        xref="x",
        yref="y",
        line={"color": tone, "width": 1.5},
    )
    _tag(figure, f"{level.name} {level.price:,.2f}", level.price, fill=tone, ink=colours.bg)


def _fills(figure: go.Figure, chart: Chart, colours: Palette) -> None:
    for bought in (True, False):
        marks = [mark for mark in chart.fills if mark.bought is bought]
        if marks:
            figure.add_trace(
                go.Scatter(
                    x=[mark.bar for mark in marks],
                    y=[mark.price for mark in marks],
                    text=[str(escape(mark.words)) for mark in marks],
                    mode="markers",
                    marker={
                        "symbol": "triangle-up" if bought else "triangle-down",
                        "size": 10,
                        "color": colours.buy if bought else colours.sell,
                    },
                    hovertemplate="%{text}<extra></extra>",
                ),
                row=1,
                col=1,
            )


def _last_tag(figure: go.Figure, chart: Chart, colours: Palette) -> None:
    if len(chart.candles.close):
        _tag(figure, chart.last_price, chart.candles.close[-1], fill=colours.ink, ink=colours.bg)


def _tag(figure: go.Figure, text: str, at: float, *, fill: str, ink: str) -> None:
    """A price on the right edge; without row and col, which would override `xref`."""
    figure.add_annotation(
        text=str(escape(text)),
        x=1,
        y=at,
        xref="paper",
        yref="y",
        xanchor="left",
        xshift=4,
        showarrow=False,
        font={"size": 11, "color": ink},
        bgcolor=fill,
        borderpad=2,
    )


def _readout(figure: go.Figure, words: str, colours: Palette) -> None:
    figure.add_annotation(
        text=str(escape(words)),
        x=0,
        y=1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        yshift=4,
        showarrow=False,
        font={"size": 12, "color": colours.mute},
    )


def _month_ticks(figure: go.Figure, days: Sequence[date]) -> None:
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
    figure.update_xaxes(tickvals=shown, ticktext=words, range=[-1, len(days) + 1])


def _lay_out(figure: go.Figure, colours: Palette, *, height: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 4, "r": 84, "t": 26, "b": 22},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 12, "color": colours.mute},
        showlegend=False,
        hovermode="x",
        bargap=0.25,
        dragmode=False,
        xaxis_rangeslider_visible=False,
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
    )
    figure.update_xaxes(
        gridcolor=colours.hair,
        zeroline=False,
        showspikes=True,
        spikemode="across",
        spikethickness=1,
        spikedash="dot",
        spikecolor=colours.mute,
    )
    figure.update_yaxes(
        side="right",
        gridcolor=colours.hair,
        zeroline=False,
        showspikes=True,
        spikethickness=1,
        spikedash="dot",
        spikecolor=colours.mute,
        tickformat=",",
    )


def _cycled(colours: Palette, count: int) -> list[str]:
    return [colours.series[index % len(colours.series)] for index in range(count)]
