"""Profit and loss: by day, from gross to net, by who earned it, and against the index."""

from __future__ import annotations

import streamlit as st

from core.desk.pnl_by import By
from core.errors import BadInput
from core.views.pnl import HEADS, pnl_signature, pnl_view, told
from ui.frame import page
from ui.parts import Column, cells, draw, note, panel, rule, table
from ui.performance import performance_block
from ui.pnl_charts import draw_heat_map, draw_waterfall
from ui.pnl_filters import HEAT, filters, show_day

AMOUNTS = (Column("Realised", "realised", number=True),
           Column("Unrealised", "unrealised", number=True),
           Column("Dividends", "dividends", number=True, optional=True),
           Column("Charges", "charges", number=True, spare=True),
           Column("Net", "net", number=True))  # fmt: skip
ENTRIES = (Column("Time", "time"), Column("Account", "account"), Column("What", "what", wraps=True),
           *(one for one in AMOUNTS if one.field != "unrealised"))  # fmt: skip

desk = page("P&L", redraw_on=pnl_signature)
asked = filters(desk)
by = By(st.session_state.get("pnl_by") or By.SYMBOL)
try:
    view = pnl_view(desk, account=asked.account, login=asked.login, first=asked.first,
                    last=asked.last, by=by)  # fmt: skip
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
    draw(panel("Each session, net of charges", note="the last twelve months · click a day"))
    draw_heat_map(view.heat, key=HEAT, on_day=show_day)
with right:
    draw(panel("From gross to net", note=view.note))
    draw_waterfall(view.steps, key="pnl_steps")
if view.entries:
    draw(panel("What was booked", table(ENTRIES, view.entries), note=view.note))
with st.container(key="pnl-by-line", horizontal=True, vertical_alignment="bottom"):
    st.segmented_control("Who earned it", list(By), default=By.SYMBOL, required=True,
                         key="pnl_by", format_func=HEADS.__getitem__)  # fmt: skip
    st.download_button("Download .csv", view.sheet, view.file, "text/csv", key="pnl_csv",
                       on_click="ignore")  # fmt: skip
    st.download_button("Sessions .csv", view.days_sheet, view.days_file, "text/csv",
                       key="pnl_days_csv", on_click="ignore")  # fmt: skip
columns = (Column(view.head, "label", wraps=True), *AMOUNTS)
draw(panel("Net P&L by " + view.head.lower(), table(columns, view.rows, tall=True,
           empty="Nothing was earned or paid in this stretch."), note=view.rows_note))  # fmt: skip
performance_block(desk, told(asked.account), login=told(asked.login), first=asked.first,
                  last=asked.last)  # fmt: skip
