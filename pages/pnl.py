"""Profit and loss: by day, from gross to net, by who earned it, and against the index."""

from __future__ import annotations

import streamlit as st

from core.desk.pnl_by import By
from core.errors import BadInput
from core.views.pnl import (
    ALL,
    HEADS,
    MONTH,
    OTHER,
    PERIODS,
    account_choices,
    pnl_signature,
    pnl_view,
    stretch_of,
)
from ui.frame import page
from ui.parts import Column, cells, draw, note, panel, rule, table
from ui.performance import performance_block
from ui.pnl_charts import draw_heat_map, draw_waterfall

desk = page("P&L", redraw_on=pnl_signature)
names = account_choices(desk)
asked = st.query_params.get("account", "")
with st.container(key="pnl-filters", horizontal=True, vertical_alignment="bottom"):
    account = st.segmented_control("Account", names, required=True, key="pnl_account",
                                   default=asked if asked in names else ALL) or ALL  # fmt: skip
    period = st.segmented_control("Period", PERIODS, default=MONTH, required=True,
                                  key="pnl_period") or MONTH  # fmt: skip
    first, last = stretch_of(desk, account, period)
    if period == OTHER:
        first = st.date_input(
            "From, day / month / year", first, key="pnl_from", format="DD/MM/YYYY"
        )
        last = st.date_input("To, day / month / year", last, key="pnl_to", format="DD/MM/YYYY")
by = By(st.session_state.get("pnl_by") or By.SYMBOL)
try:
    view = pnl_view(desk, account=account, first=first, last=last, by=by)
except BadInput as wrong:
    draw(rule(f"{wrong}.", tone="warn"))
    st.stop()
draw(panel(view.title, cells(view.figures, compact=True), note=view.note))
if view.empty:
    draw(note(view.empty))
    st.stop()
with st.container(key="split-pnl"):
    left, right = st.columns([1.5, 1], gap="medium")
with left:
    draw(panel("Each session, net of charges", note="the last twelve months"))
    draw_heat_map(view.heat, key="pnl_heat")
with right:
    draw(panel("From gross to net", note=view.note))
    draw_waterfall(view.steps, key="pnl_steps")
with st.container(key="pnl-by-line", horizontal=True, vertical_alignment="bottom"):
    st.segmented_control("Who earned it", list(By), default=By.SYMBOL, required=True,
                         key="pnl_by", format_func=HEADS.__getitem__)  # fmt: skip
    st.download_button("Download .csv", view.sheet, view.file, "text/csv", key="pnl_csv",
                       on_click="ignore")  # fmt: skip
columns = (Column(view.head, "label", wraps=True), Column("Realised", "realised", number=True),
           Column("Unrealised", "unrealised", number=True),
           Column("Dividends", "dividends", number=True, optional=True),
           Column("Charges", "charges", number=True, spare=True),
           Column("Net", "net", number=True))  # fmt: skip
draw(panel("Net P&L by " + view.head.lower(), table(columns, view.rows, tall=True,
           empty="Nothing was earned or paid in this stretch."), note=view.rows_note))  # fmt: skip
performance_block(desk, "" if account == ALL else account, first=first, last=last)
