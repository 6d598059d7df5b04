"""A watchlist and one share of it with its chart; or the list as a table; or the whole market."""

from __future__ import annotations

import streamlit as st

from core.errors import MunimError
from core.views.markets import isin_of, watchlist_view
from core.views.symbol import symbol_signature, symbol_view
from ui.beside import beside
from ui.frame import page
from ui.market_board import board_part
from ui.parts import draw, note, rule
from ui.symbol import chart_part, ticking_head
from ui.watchlist import watchlist_part

asked = {name: st.query_params.get(name, "") for name in ("symbol", "isin")}
desk = page("Markets", redraw_on=lambda on: symbol_signature(on, st.session_state.get("isin", "")))
lists = watchlist_view(desk, name=st.session_state.get("watchlist", ""))
problem = ""
if any(asked.values()):
    try:
        st.session_state["isin"] = isin_of(desk, **asked)
    except MunimError as missing:
        problem = str(missing)
with st.container(key="views", horizontal=True, vertical_alignment="bottom"):
    st.selectbox("List", lists.names, lists.names.index(lists.name), key="watchlist", width=220,
                 label_visibility="collapsed")  # fmt: skip
    shape = st.segmented_control("Show", ["Chart", "Table", "Market"], default="Chart",
                                 required=True, key="shape",
                                 label_visibility="collapsed")  # fmt: skip
if problem:
    draw(rule(f"{problem}. Choose a row of the list."))


def choose(isin: str) -> None:
    """Open a row just chosen; the link's own share no longer counts."""
    if isin and isin != st.session_state.get("chosen_row"):
        st.session_state["chosen_row"] = st.session_state["isin"] = isin
        st.query_params.clear()


if shape == "Market":
    board_part(desk)
elif shape == "Table":
    choose(watchlist_part(desk, lists, wide=True))
    if st.session_state.get("isin"):
        ticking_head(desk, symbol_view(desk, st.session_state["isin"]))
else:
    with st.container(key="chart-markets"):
        left, middle, right = st.columns([1.25, 3, 1.1], gap="medium")
    with left:
        choose(watchlist_part(desk, lists, wide=False))
    isin = st.session_state.get("isin") or (lists.rows[0].isin if lists.rows else "")
    if isin:
        view = symbol_view(desk, isin)
        with middle:
            ticking_head(desk, view)
            chart_part(desk, view)
        with right:
            beside(desk, view)
    else:
        with middle:
            draw(note("Choose a share to see its chart."))
