"""The Markets page in parts: ticking head, chart with its choices, what stands beside it."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from core.desk.alerts import ask_alert, drop_alert
from core.desk.desk import Desk
from core.domain.money import Money
from core.errors import MunimError
from core.views.overlays import OVERLAYS, PANES
from core.views.symbol import SymbolView, price_line
from core.views.symbol_chart import SPANS, TIMEFRAMES, EventMark, symbol_chart
from ui.charts import BARE, price_figure
from ui.frame import PERSON, act
from ui.markup import escape, fill, join, plain
from ui.palette import Palette, palette
from ui.parts import Column, draw, key_values, note, panel, rule, table, tag, text

TAG_HEIGHT = 19  # pixels
HELD = (Column("Account", "account"), Column("Qty", "qty", number=True),
        Column("Avg ₹", "avg", number=True), Column("P&L", "pnl", number=True))  # fmt: skip


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


def chart_part(desk: Desk, view: SymbolView) -> None:
    """The person's choices, then the chart they give."""
    with st.container(key="chart_choices", horizontal=True, vertical_alignment="bottom"):
        frame = st.segmented_control("Bars", TIMEFRAMES, default="D", required=True, key="frame")
        span = st.segmented_control("Span", list(SPANS), default="6 months", required=True,
                                    key="span")  # fmt: skip
    with st.container(key="chart_lines", horizontal=True, vertical_alignment="bottom"):
        lines = st.pills("Over the price", list(OVERLAYS), selection_mode="multi",
                         default=["EMA 20", "SMA 50"], key="overlays")  # fmt: skip
        strips = st.pills("Under it", list(PANES), selection_mode="multi", default=["RSI"],
                          key="panes")  # fmt: skip
    try:
        made = symbol_chart(desk, view.isin, lines=lines or (), strips=strips or (),
                            span=span or "6 months", timeframe=frame or "D")  # fmt: skip
    except MunimError as missing:
        draw(rule(f"{missing}. The chart comes with the first bars.", tone="mute"))
        return
    figure = price_figure(made.chart, palette(), height=460 + 90 * len(strips or ()))
    add_marks(figure, made.marks, palette())
    spread_tags(figure)
    st.plotly_chart(figure, key="symbol_chart", theme=None, config=BARE)
    draw(note("Adjusted prices, one bar a session or week. ▲ ▼ ○ above a bar: news, its lean. "
              "Blue, red and green lines: entry, stop and target."))  # fmt: skip


def add_marks(figure: go.Figure, marks: tuple[EventMark, ...], colours: Palette) -> None:
    """News above its bar, by lean."""
    symbols = {1: "▲", 0: "○", -1: "▼"}
    tones = {1: colours.gain, 0: colours.mute, -1: colours.loss}
    if marks:
        figure.add_trace(
            go.Scatter(
                x=[mark.bar for mark in marks],
                y=[mark.price for mark in marks],
                mode="text",
                text=[symbols[mark.stance] for mark in marks],
                textposition="top center",
                textfont={"color": [tones[mark.stance] for mark in marks], "size": 10},
                hovertext=[str(escape(mark.words)) for mark in marks],
                hovertemplate="%{hovertext}<extra></extra>",
            ),
            row=1,
            col=1,
        )


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


def beside(desk: Desk, view: SymbolView) -> None:
    """Day, position, cards, alerts, quality and news."""
    draw(panel("Day", key_values(view.day), note=view.day_note), panel("Model", note(view.odds)))
    if view.held:
        draw(panel("Held", table(HELD, view.held)))
    for card in view.cards:
        draw(panel("Card waiting", fill("<div>{words}</div>", words=card.words),
                   note=card.account))  # fmt: skip
        st.page_link("pages/cards.py", label=f"Open the card of {plain(card.account)}",
                     query_params={"card": card.id})  # fmt: skip
    _alerts(desk, view)
    draw(panel("Quality", key_values(view.quality)))
    draw(panel("News", *([] if view.said else [note("None is stored for this share.")]),
               note=f"latest {len(view.said)}"))  # fmt: skip
    for row in view.said:
        draw(fill('<div class="m-sm"><span class="m-mute">{when}</span> {kind}</div><div>{head}'
                  "</div>", when=row.when, kind=tag(row.kind), head=row.headline))  # fmt: skip
        st.page_link("pages/events.py", label="What it led to", query_params={"event": row.id})


def _alerts(desk: Desk, view: SymbolView) -> None:
    draw(panel("Alerts", *([] if view.alerts else [note("No price is waited for.")]),
               note=f"{len(view.alerts)} waiting"))  # fmt: skip
    for alert in view.alerts:
        with st.container(horizontal=True, vertical_alignment="center"):
            draw(fill("{words}", words=alert.words))
            st.button("Drop", key=f"drop_{alert.id}", type="tertiary", on_click=act,
                      args=(drop_alert, desk, alert.id), kwargs={"by": PERSON})  # fmt: skip
    with st.form("alert", border=False, clear_on_submit=True):
        st.text_input("Tell me at ₹", key="alert_level", placeholder="2,900.00")
        st.form_submit_button("Add alert", on_click=act, args=(_ask_alert, desk, view.symbol))


def _ask_alert(desk: Desk, symbol: str) -> None:
    level = Money.rupees(st.session_state["alert_level"].replace(",", "").strip(" ₹"))
    ask_alert(desk, symbol, level, by=PERSON)
