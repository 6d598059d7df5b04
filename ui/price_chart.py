"""The chart of one share's prices in Plotly: candles, volume, lines, strips, levels and marks.

The x axis is the bar's number, so that weekends and holidays leave no gap. Volume fills the
bottom fifth of the prices.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.views.chart import Chart, Level, Mark, Pane, Zone
from ui.charts import MONTHS_MIN, TICKS_MAX, add_line, by_family, lay_out, month_ticks, packed
from ui.markup import escape, fill
from ui.palette import Palette

PANE_SHARE = 0.19  # of the chart's height, each
VOLUME_SHARE = 0.2
TAG_SHARE = 0.05  # of the price range: how near a tick may come to a price tag
FILLED = {"gain", "loss", "mute"}


def price_figure(chart: Chart, colours: Palette, *, height: int) -> go.Figure:
    """Candles with volume, overlays, strips, levels, zones, fills and marks."""
    panes = len(chart.panes)
    figure = make_subplots(
        rows=1 + panes,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.035,
        row_heights=[1 - PANE_SHARE * panes, *[PANE_SHARE] * panes],
    )
    low, high = _price_range(chart)
    _candles(figure, chart, colours)
    _volume(figure, chart, colours, low=low, high=high)
    for line, colour in zip(chart.overlays, by_family(chart.overlays, colours), strict=True):
        add_line(figure, line, colour, row=1)
    for row, pane in enumerate(chart.panes, start=2):
        _pane(figure, pane, colours, row=row)
    lay_out(figure, colours, height=height)
    tags = [*(level.price for level in chart.levels), *list(chart.candles.close)[-1:]]
    ticks = price_ticks(low, high, under=tags)
    figure.update_yaxes(range=[low, high], tickvals=ticks, row=1, col=1)
    _ticks(figure, chart)
    for zone in chart.zones:
        _zone(figure, zone, colours, bars=len(chart.candles.days))
    for level in chart.levels:
        _level(figure, level, colours, bars=len(chart.candles.days))
    _fills(figure, chart, colours)
    _marks(figure, chart.marks, colours)
    _last_tag(figure, chart, colours)
    _readout(figure, chart, colours)
    return figure


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


def _candles(figure: go.Figure, chart: Chart, colours: Palette) -> None:
    c = chart.candles
    names = c.times or [""] * len(c.days)
    figure.add_trace(
        go.Candlestick(
            open=packed(c.open),
            high=packed(c.high),
            low=packed(c.low),
            close=packed(c.close),
            increasing={"line": {"color": colours.gain, "width": 1}, "fillcolor": colours.gain},
            decreasing={"line": {"color": colours.loss, "width": 1}, "fillcolor": colours.loss},
            text=[f"{day:%d %b %Y} {at}".rstrip() for day, at in zip(c.days, names, strict=True)],
            name="",
        ),
        row=1,
        col=1,
    )


def _volume(figure: go.Figure, chart: Chart, colours: Palette, *, low: float, high: float) -> None:
    c = chart.candles
    volume = np.asarray(c.volume, dtype=np.float64)
    peak = float(volume.max(initial=0.0)) or 1.0
    rose = np.asarray(c.close, dtype=np.float64) >= np.asarray(c.open, dtype=np.float64)
    figure.add_trace(
        go.Bar(
            y=(volume / peak * (high - low) * VOLUME_SHARE).astype(np.float32),
            base=low,
            marker={
                "color": rose.astype(np.int8),
                "colorscale": [[0, colours.loss], [1, colours.gain]],
                "cmin": 0,
                "cmax": 1,
                "showscale": False,
                "opacity": 0.28,
                "line": {"width": 0},
            },
            hoverinfo="skip",
        ),
        row=1,
        col=1,
    )


def _pane(figure: go.Figure, pane: Pane, colours: Palette, *, row: int) -> None:
    if len(pane.bars):
        figure.add_trace(
            go.Bar(
                y=packed(pane.bars),
                marker={"color": colours.mute, "opacity": 0.5, "line": {"width": 0}},
                hoverinfo="skip",
            ),
            row=row,
            col=1,
        )
    for line, colour in zip(pane.lines, by_family(pane.lines, colours), strict=True):
        add_line(figure, line, colour, row=row)
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
        yanchor="bottom",
        yshift=-3,
        font={"size": 11, "color": colours.mute},
    )


def _level(figure: go.Figure, level: Level, colours: Palette, *, bars: int) -> None:
    tone = {
        "entry": colours.buy,
        "stop": colours.loss,
        "target": colours.gain,
        "trail": colours.mute,
        "avg": colours.mute,
    }[level.tone]
    figure.add_shape(
        type="line",
        x0=min(level.since, bars - 1),
        x1=bars + 1,
        y0=level.price,
        y1=level.price,
        xref="x",
        yref="y",
        line={"color": tone, "width": 1.5, "dash": "dash" if level.tone == "avg" else "solid"},
    )
    _tag(figure, f"{level.name} {level.price:,.2f}", level.price, fill=tone, ink=colours.bg)


def _zone(figure: go.Figure, zone: Zone, colours: Palette, *, bars: int) -> None:
    """A band of prices, such as the entry of a waiting card, shaded up to the last bar."""
    figure.add_shape(
        type="rect",
        x0=min(zone.since, bars - 1),
        x1=bars + 1,
        y0=zone.low,
        y1=zone.high,
        xref="x",
        yref="y",
        line={"width": 0},
        fillcolor=colours.buy,
        opacity=0.18,
    )


def _marks(figure: go.Figure, marks: Sequence[Mark], colours: Palette) -> None:
    """News above its bar in the colour of its lean; corporate actions boxed under theirs."""
    tones = {"gain": colours.gain, "loss": colours.loss, "mute": colours.mute}
    news = [mark for mark in marks if mark.tone in FILLED]
    befell = [mark for mark in marks if mark.tone not in FILLED]
    for shown, place, box in ((news, "top center", False), (befell, "middle center", True)):
        if shown:
            figure.add_trace(
                go.Scatter(
                    x=[mark.bar for mark in shown],
                    y=[mark.price for mark in shown],
                    mode="markers+text" if box else "text",
                    marker={"symbol": "square", "size": 15, "color": colours.bg,
                            "line": {"color": colours.sim, "width": 1}},
                    text=[mark.sign for mark in shown],
                    textposition=place,
                    textfont={"color": [tones.get(mark.tone, colours.sim) for mark in shown],
                              "size": 10},
                    hovertext=[str(escape(mark.words)) for mark in shown],
                    hovertemplate="%{hovertext}<extra></extra>",
                ),
                row=1,
                col=1,
            )  # fmt: skip


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
        _tag(
            figure,
            chart.last_price,
            float(chart.candles.close[-1]),
            fill=colours.ink,
            ink=colours.bg,
        )


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


def _readout(figure: go.Figure, chart: Chart, colours: Palette) -> None:
    """The last bar in words, then each line's name and last value in its colour."""
    said = [escape(chart.readout)]
    seen: set[str] = set()
    for line, colour in zip(chart.overlays, by_family(chart.overlays, colours), strict=True):
        family = line.family or line.name
        known = [value for value in list(line.values)[-1:] if np.isfinite(value)]
        if known and family not in seen:
            seen.add(family)
            words = fill('<span style="color:{c}">{name} {value}</span>', c=colour, name=family,
                         value=f"{known[0]:,.2f}")  # fmt: skip
            said.append(words)
    figure.add_annotation(
        text="   ".join(said),
        x=0,
        y=1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        yshift=4,
        showarrow=False,
        align="left",
        font={"size": 12, "color": colours.mute},
    )


def _ticks(figure: go.Figure, chart: Chart) -> None:
    """Months; days, or the hours of one day, where bars lie inside the day."""
    days, times = chart.candles.days, chart.candles.times
    if not times:
        month_ticks(figure, days)
        return
    firsts = [at for at, day in enumerate(days) if not at or day != days[at - 1]]
    words = [f"{days[at].day} {days[at]:%b}" for at in firsts]
    if len(firsts) < MONTHS_MIN:
        firsts = list(range(0, len(days), -(-len(days) // TICKS_MAX) or 1))
        words = [times[at] for at in firsts]
    step = -(-len(firsts) // TICKS_MAX) or 1
    figure.update_xaxes(tickvals=firsts[::step], ticktext=words[::step], range=[-1, len(days) + 1])
