"""Every account: equity, the day, what may be put to work, limits used, and what was said last."""

from __future__ import annotations

import streamlit as st

from core.views.accounts import accounts_signature, accounts_view
from ui.account_open import open_form
from ui.account_rows import follow_rows
from ui.frame import page
from ui.parts import Column, cells, draw, note, panel, table

ROWS = (Column("Account", "account", wraps=True), Column("", "state"),
        Column("Equity", "equity", number=True), Column("Day's P&L", "day", number=True),
        Column("Deployable", "deployable", number=True),
        Column("Reserved", "reserved", number=True, optional=True),
        Column("Invested", "used", number=True, optional=True),
        Column("", "used_bar", optional=True, width="76px"),
        Column("Day's loss", "lost", number=True, optional=True),
        Column("", "lost_bar", optional=True, width="76px"),
        Column("Mandate", "rules", wraps=True, spare=True),
        Column("Last note", "note", wraps=True, spare=True))  # fmt: skip

desk = page("Accounts", redraw_on=accounts_signature)
view = accounts_view(desk)
if not view.rows:
    draw(note("No account is open yet. The first start opens three paper accounts."))
    st.stop()
draw(panel("Accounts", cells(view.figures), table(ROWS, view.rows), note=view.note))
follow_rows()
with st.expander("Open a new account"):
    open_form(desk)
