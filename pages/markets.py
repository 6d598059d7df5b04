"""A watchlist and one share of it with its chart; or the list as a table; or the whole market."""

from __future__ import annotations

import streamlit as st

from core.views.markets import watchlist_view
from core.views.symbol import symbol_signature, symbol_view
from ui.beside import beside
from ui.frame import page
from ui.market_board import board_part
from ui.open_share import follow_links, share_to_show
from ui.parts import draw, note, rule
from ui.symbol import chart_part, ticking_head
from ui.watchlist import list_actions, ticking_list, undo_part, wide_list

SHAPES = ("Chart", "Table", "Market")

desk = page("Markets", redraw_on=lambda on: symbol_signature(on, st.session_state.get("isin", "")))
lists = watchlist_view(desk, name=st.session_state.get("watchlist", ""))
follow_links()
isin, problem = share_to_show(desk, lists)
with st.container(key="views", horizontal=True, vertical_alignment="bottom"):
    st.selectbox("List", lists.names, lists.names.index(lists.name), key="watchlist", width=220,
                 label_visibility="collapsed")  # fmt: skip
    shape = st.segmented_control("Show", SHAPES, default="Chart", required=True, key="shape",
                                 bind="query-params", label_visibility="collapsed")  # fmt: skip
    if shape != "Market":
        list_actions(desk, lists)
undo_part(desk)
if problem:
    draw(rule(problem))

if shape == "Market":
    board_part(desk)
elif shape == "Table":
    wide_list(desk, lists)
    if isin:
        ticking_head(desk, symbol_view(desk, isin))
else:
    with st.container(key="chart-markets"):
        left, middle, right = st.columns([1.25, 3, 1.1], gap="medium")
    with left:
        ticking_list(desk, lists.name, chosen=isin)
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
