"""Why each account did or did not take a candidate of the last scan."""

from __future__ import annotations

import streamlit as st

from core.views.allocation import allocation_signature, allocation_view
from ui.allocation import ACCOUNTS, account_block, account_picker, why_not_share
from ui.frame import page
from ui.job import ask_button, job_panel
from ui.parts import cells, draw, key_values, note, panel, table

desk = page("Allocation", redraw_on=allocation_signature)
view = allocation_view(desk, account=st.session_state.get("allocation_account", ""))
with st.container(key="split-allocation"):
    left, right = st.columns([3, 1.1], gap="medium")
with left:
    why_not_share(desk, view.symbols)
    shown = table(ACCOUNTS, view.accounts) if view.accounts else note(view.empty)
    draw(panel("Last scan, account by account", shown, note=view.note))
    if view.shown is not None:
        account_picker(view)
        account_block(view.shown)
with right:
    if view.figures:
        draw(panel("Last scan", cells(view.figures)),
             panel("No signal", key_values(view.refused), note="shares"))  # fmt: skip
    ask_button(desk, "scan", "Scan now", key="scan")
    job_panel(desk, "scan", title="Scan", never="No scan was asked for yet.")
