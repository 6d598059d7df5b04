"""Why each account did or did not take a candidate of the last scan."""

from __future__ import annotations

import streamlit as st

from core.views.allocation import allocation_signature, allocation_view
from ui.allocation import account_block
from ui.frame import page
from ui.job import ask_button, job_panel
from ui.parts import cells, draw, key_values, note, panel

desk = page("Allocation", redraw_on=allocation_signature)
view = allocation_view(desk)
with st.container(key="split-allocation"):
    left, right = st.columns([3, 1.1], gap="medium")
with left:
    draw(panel("Last scan, account by account", note(view.empty), note=view.note))
    for number, block in enumerate(view.accounts):
        account_block(block, opened=number == 0)
with right:
    if view.figures:
        draw(panel("Last scan", cells(view.figures)),
             panel("No signal", key_values(view.refused), note="shares"))  # fmt: skip
    ask_button(desk, "scan", "Scan now", key="scan")
    job_panel(desk, "scan", title="Scan", never="No scan was asked for yet.")
