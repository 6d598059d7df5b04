"""The four parts of the Predictions page: the table, one share, the regime, the scorecard."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.views.predictions import ANY, SAYS, PredictionsView, narrowed
from core.views.predictions_past import EMPTY as NO_PAST
from core.views.predictions_regime import EMPTY as NO_REGIME
from core.views.predictions_regime import regime_view
from core.views.predictions_score import ABOUT, GROUPINGS, scores_view
from core.views.predictions_score import EMPTY as NO_SCORE
from core.views.predictions_share import ShareForecast
from ui.grid import GridColumn, grid
from ui.parts import Column, cells, draw, lines, note, panel, rule, table
from ui.predictions_charts import draw_chances, draw_contributions, draw_fan
from ui.tables import as_frame, csv_button

SHARE = "symbol"  # in the page's address
COLUMNS = (
    GridColumn("symbol", "Symbol", width=104),
    GridColumn("says", "Says", width=140, grow=1),
    GridColumn("p_target", "Target first", "percent", width=88),
    GridColumn("interval", "90 % interval", "right", width=102),
    GridColumn("n", "Cases n", "whole", width=70),
    GridColumn("base_rate", "Base rate", "percent", width=80),
    GridColumn("confidence", "Confidence", width=102),
    GridColumn("regime", "Market", width=78),
    GridColumn("reasons", "Reasons", width=180, grow=4, optional=True),
    GridColumn("edge", "Edge", "change", width=76),
)
HEADS = {
    "p_target": "target first, fraction", "low": "90 % low, fraction",
    "high": "90 % high, fraction", "p_stop": "stop first, fraction", "n": "cases n",
    "base_rate": "base rate, fraction",
    "edge": "edge after costs, fraction", "as_of": "as of, IST",
    "why_none": "why no percentage",
}  # fmt: skip
RANGES = (
    Column("Ahead", "sessions"), Column("Return", "span", number=True),
    Column("Close", "rupees", number=True),
    Column("Held", "held", number=True, wraps=True),
)  # fmt: skip
GROUNDS = (
    Column("", "name", width="128px", wraps=True), Column("", "bar", width="72px", spare=True),
    Column("0 to 1", "score", number=True), Column("From", "words", wraps=True),
)  # fmt: skip
PAST = (
    Column("After", "session"), Column("Target first", "p_target", number=True),
    Column("90 %", "interval", number=True, spare=True),
    Column("Base rate", "base_rate", number=True, spare=True), Column("Came", "came"),
    Column("On", "left_on", optional=True), Column("After costs", "left", number=True),
    Column("Model", "model", optional=True),
)  # fmt: skip
STATES = (
    Column("Regime", "name"),
    Column("", "chance", width="110px", spare=True),
    Column("Chance", "share", number=True),
    Column("Lasts", "lasts", number=True),
    Column("Lasted", "seen", number=True, optional=True),
    Column("Return a session", "returns", number=True, wraps=True),
    Column("Volatility a year", "vol", number=True, wraps=True, spare=True),
    Column("Shares above average", "breadth", number=True, wraps=True, spare=True),
)
MOVES = (
    Column("Regime", "name"), Column("then bull", "to_bull", number=True),
    Column("bear", "to_bear", number=True), Column("sideways", "to_sideways", number=True),
    Column("volatile", "to_volatile", number=True),
)  # fmt: skip
SCORES = (
    Column("Group", "name", wraps=True), Column("Cards", "cards", number=True, spare=True),
    Column("Cases n", "n", number=True), Column("Said", "said", number=True),
    Column("Came", "came", number=True, wraps=True),
    Column("Brier", "brier", number=True, optional=True),
    Column("Base rate's", "base", number=True, optional=True),
    Column("Traded, mean P&L", "traded", number=True, wraps=True),
    Column("Not traded", "untraded", number=True, wraps=True),
)  # fmt: skip


def table_part(view: PredictionsView) -> None:
    """Filters, the table, and its export; a row opens its share."""
    with st.container(key="prediction-filters", horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Find", key="p_words", placeholder="symbol or name", width=150)
        sector = st.selectbox("Sector", (ANY, *view.sectors), key="p_sector", width=220)
        says = st.selectbox("Says", (ANY, *SAYS), key="p_says", width=200)
        rows = narrowed(view.rows, words=words, sector=sector, says=says)
        csv_button("Export CSV", rows, file="predictions.csv", key="predictions_csv", heads=HEADS)
    if not rows:
        draw(note(f"None of {len(view.rows)} shares is like this; widen a filter."))
        return
    chosen = grid(as_frame(rows, COLUMNS, "isin"), COLUMNS, key="predictions", id_field="isin")
    if chosen:
        st.query_params[SHARE] = next(row.symbol for row in rows if row.isin == chosen)
        st.rerun()


def share_part(view: ShareForecast) -> None:
    """One share: what is said of it, why, how far it may go, and what came before."""
    with st.container(key="share-head", horizontal=True, vertical_alignment="center"):
        st.button("All shares", key="all_shares", shortcut="Esc", on_click=_close)
        st.page_link("pages/markets.py", label=f"Open {view.symbol} in Markets",
                     query_params={"symbol": view.symbol})  # fmt: skip
    told = [rule(words, tone="warn") for words in (view.old, view.novelty) if words]
    draw(panel(f"{view.symbol}: {view.says}", *told, cells(view.figures),
               note=f"{view.about} · {view.age}"))  # fmt: skip
    with st.container(key="split-forecast"):
        left, right = st.columns([1.55, 1], gap="medium")
    with left:
        draw(panel("Range of the coming sessions", note=view.ranges_note))
        if view.fan is not None:
            draw_fan(view.fan, key="fan")
            draw(table(RANGES, view.ranges))
        else:
            draw(note(view.no_fan))
        draw(panel("Said before, and what came",
                   table(PAST, view.past, empty=NO_PAST, tall=True), note(view.past_said),
                   note=view.past_note))  # fmt: skip
    with right:
        draw(panel("What moved it, in log-odds", note="target against stop"))
        if view.groups:
            draw_contributions(view.groups, key="contributions")
        draw(note(view.no_groups), note(view.summed), lines(view.reasons))
        draw(panel("Confidence", table(GROUNDS, view.grounds, empty=view.no_grounds),
                   note=view.overall))  # fmt: skip


def regime_part(desk: Desk) -> None:
    """The market's regime: filtered chances, what each is like and how one follows another."""
    view = regime_view(desk)
    if view is None:
        draw(panel("Regime of the market", note(NO_REGIME)))
        return
    draw(panel("Regime of the market", cells(view.figures), note(view.by_rule), note=view.note))
    if view.rows:
        draw(panel("Four states", table(STATES, view.rows), note="as they were fitted"))
        draw(panel("What follows", table(MOVES, view.rows), note="the session after each"))
    if len(view.days):
        draw(panel("Filtered chances", note=f"{len(view.days)} sessions"))
        draw_chances(view.names, view.days, view.chances, key="chances")
    draw(lines(view.fitted))


def scores_part(desk: Desk) -> None:
    """The scorecard of all signals by what a person chooses."""
    by = st.segmented_control("By", GROUPINGS, default=GROUPINGS[0], required=True, key="by",
                              format_func=str.capitalize, label_visibility="collapsed")  # fmt: skip
    view = scores_view(desk, by=by)
    draw(panel("Scorecard", table(SCORES, view.rows, empty=NO_SCORE), note=view.note))
    if view.rows:
        draw(lines(view.sentences), note(ABOUT))


def _close() -> None:
    st.query_params.pop(SHARE, None)
