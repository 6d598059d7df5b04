"""One share on the Markets page: ticking head, the chart with the person's choices, its files."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from core.desk.chart_choice import STRIPS_MAX, ChartChoice, chart_choice, choose_chart
from core.desk.desk import Desk
from core.errors import MunimError
from core.views.compare import OTHERS_MAX, comparison
from core.views.markets import names_of
from core.views.overlays import OVERLAYS, PANES
from core.views.series import WHOLE_DAYS, spans, timeframes
from core.views.shown_bars import ShownBars, of_chart, of_comparison
from core.views.symbol import SymbolView
from core.views.symbol_chart import symbol_chart
from core.views.symbol_price import price_line
from ui.bar_files import bars_csv, bars_parquet
from ui.charts import BARE, lines_figure
from ui.frame import PERSON, act
from ui.markup import fill, join
from ui.palette import palette
from ui.parts import draw, note, rule, tag, text
from ui.price_chart import price_figure
from ui.watchlist import lists_of_share

COMPARED = "compared_with"
TAG_HEIGHT = 19  # pixels
TALL, STRIP = 420, 96  # of the chart without strips, and of each strip
SHOWN = {"displayModeBar": True, "displaylogo": False, "scrollZoom": True,
         "modeBarButtons": [["resetScale2d", "toImage"]]}  # fmt: skip


@st.fragment(run_every="1s")
def ticking_head(desk: Desk, view: SymbolView) -> None:
    """Symbol, last price, change and age."""
    line = price_line(desk, view.isin)
    stale = fill('<span class="m-stale" data-age="{age}">{ltp}</span>', age=line.age, ltp=line.ltp)
    fresh = fill("{ltp}", ltp=line.ltp)
    draw(
        fill(
            '<div class="m-line"><span class="m-title">{symbol}</span>{tags}'
            '<span class="m-title">{ltp}</span>{change}<span class="m-mute">{age}</span>'
            '<span class="m-mute end">{name}</span></div>',
            symbol=view.symbol,
            tags=join((tag(one) for one in view.tags), " "),
            ltp=stale if line.stale else fresh,
            change=text(line.change),
            age="" if line.stale else line.age,
            name=view.name,
        )
    )


@st.fragment
def chart_part(desk: Desk, view: SymbolView) -> None:
    """The person's choices, then the chart they give; a choice draws this part alone."""
    kept = chart_choice(desk, PERSON)
    with st.container(key="chart_choices", horizontal=True, vertical_alignment="bottom"):
        frame, span = _bars(desk, view.isin, kept)
        lines, strips = _indicators(desk, kept)
        others = _others(desk, view.isin)
        export = st.popover("Export")
        lists_of_share(desk, view.isin, view.symbol)
    try:
        if others:
            figure, shown, told = _compared(desk, view, others, span=span, frame=frame)
        else:
            made = symbol_chart(
                desk, view.isin, lines=lines, strips=strips, span=span, timeframe=frame
            )
            figure = price_figure(made, palette(), height=TALL + STRIP * len(strips))
            spread_tags(figure)
            shown, told = of_chart(made), _words(frame)
    except MunimError as missing:
        draw(rule(f"{missing}.", tone="mute"))
        return
    figure.layout.uirevision = f"{view.isin}{frame}{span}{'|'.join(others)}"
    _draw(figure, f"{view.symbol}-{frame}")
    draw(note(told))
    with export:
        _export(shown, f"{view.symbol}-{frame}")


def _bars(desk: Desk, isin: str, kept: ChartChoice) -> tuple[str, str]:
    """Length of bars and span; both are kept for the next visit."""
    with desk.store.read() as tx:
        frames = timeframes(tx, isin)
    inside = len(frames) > len(WHOLE_DAYS)
    key = "frame_inside" if inside else "frame"
    first = kept.timeframe if kept.timeframe in frames else "D"
    chosen = st.segmented_control("Bars", frames, default=first, required=True, key=key,
                                  label_visibility="collapsed", on_change=_keep,
                                  args=(desk, "timeframe", key))  # fmt: skip
    frame = chosen or first
    offered = list(spans(frame))
    key = "span" if frame in WHOLE_DAYS else "span_inside"
    first = kept.span if kept.span in offered else offered[1]
    span = st.selectbox("Span", offered, offered.index(first), key=key, width=112,
                        label_visibility="collapsed", on_change=_keep,
                        args=(desk, "span", key))  # fmt: skip
    return frame, span or first


def _indicators(desk: Desk, kept: ChartChoice) -> tuple[tuple[str, ...], tuple[str, ...]]:
    with st.popover("Indicators"):
        lines = st.pills("Over the price", OVERLAYS, selection_mode="multi", key="overlays",
                         default=kept.lines, on_change=_keep,
                         args=(desk, "lines", "overlays"))  # fmt: skip
        strips = st.pills(f"Under it, up to {STRIPS_MAX}", PANES, selection_mode="multi",
                          key="panes", default=kept.strips, on_change=_keep,
                          args=(desk, "strips", "panes"))  # fmt: skip
    return tuple(lines or ()), tuple(strips or ())[:STRIPS_MAX]


def _others(desk: Desk, isin: str) -> tuple[str, ...]:
    """The shares compared with; all names are sent only while their box is open."""
    box = st.popover("Compare", key="compare_box", on_change="rerun")
    if box.open:
        names = names_of(desk)
        with box:
            kept = [one for one in st.session_state.get(COMPARED, ()) if one in names]
            chosen = st.multiselect("Rebased to 100, with up to 4 others", list(names), kept,
                                    key="compare", format_func=lambda one: names.get(one, one),
                                    max_selections=OTHERS_MAX)  # fmt: skip
        st.session_state[COMPARED] = tuple(chosen)
    return tuple(one for one in st.session_state.get(COMPARED, ()) if one != isin)


def _keep(desk: Desk, what: str, key: str) -> None:
    """Store a choice; a fourth strip is taken back and said."""
    chosen = st.session_state[key]
    if what == "strips" and len(chosen) > STRIPS_MAX:
        st.session_state[key] = chosen[:STRIPS_MAX]
    if chosen is not None:
        act(choose_chart, desk, PERSON, **{what: chosen})


def _compared(
    desk: Desk, view: SymbolView, others: tuple[str, ...], *, span: str, frame: str
) -> tuple[go.Figure, ShownBars, str]:
    made = comparison(desk, view.isin, others, span=span, timeframe=frame)
    figure = lines_figure(made.lines, made.days, palette(), height=TALL)
    told = f"{made.note}. Closes in today's share terms, each as a percent of its first."
    return figure, of_comparison(made), told


def _draw(figure: go.Figure, name: str) -> None:
    figure.layout.dragmode, figure.layout.paper_bgcolor = "pan", palette().bg
    for axis in figure.select_yaxes():
        axis.fixedrange = True
    image = {"format": "png", "filename": name, "scale": 2}
    st.plotly_chart(figure, key="symbol_chart", theme=None,
                    config={**BARE, **SHOWN, "toImageButtonOptions": image})  # fmt: skip


def _words(frame: str) -> str:
    bars = {"D": "one bar a session", "W": "one bar a week", "M": "one bar a month"}
    what = bars.get(frame, f"one bar {frame} min")
    terms = "Prices in today's share terms" if frame in bars else "Prices as traded"
    return (
        f"{terms}, {what}. ▲ ○ ▼ news by its lean; boxed letters: S split, B bonus, D dividend, "
        "R rights, X demerger. Blue, red, green, grey lines: entry, stop, target, average."
    )


def _export(shown: ShownBars, name: str) -> None:
    """Files of exactly what is drawn, made when asked for; the picture is the chart's own."""
    st.download_button("CSV", partial(bars_csv, shown), f"{name}.csv", "text/csv",
                       key="chart_csv", on_click="ignore")  # fmt: skip
    st.download_button("Parquet", partial(bars_parquet, shown), f"{name}.parquet",
                       "application/vnd.apache.parquet", key="chart_parquet",
                       on_click="ignore")  # fmt: skip
    draw(note("PNG: the camera at the chart's top right."))


def spread_tags(figure: go.Figure) -> None:
    """Move price tags apart that would lie on each other; each line stays at its price."""
    low, high = figure.layout.yaxis.range
    share = figure.layout.yaxis.domain[1] - figure.layout.yaxis.domain[0]
    tall = (figure.layout.height - figure.layout.margin.t - figure.layout.margin.b) * share
    tags = [one for one in figure.layout.annotations if one.xref == "paper" and one.x == 1]
    reached = float("-inf")
    for one in sorted(tags, key=lambda tag: tag.y):
        at = (one.y - low) / (high - low) * tall
        placed = max(at, reached + TAG_HEIGHT)
        one.yshift, reached = placed - at, placed
