"""Weights for an account's shares, the frontier they come from, and the trades to get there."""

from __future__ import annotations

import streamlit as st

from core.views.job import job_signature
from core.views.optimizer import ASSUMES, optimizer_form, optimizer_view
from ui.frame import page
from ui.frontier_chart import frontier_chart
from ui.job import job_panel
from ui.optimizer_form import optimizer_fields
from ui.parts import Column, cells, draw, key_values, note, panel, table

WEIGHTS = (Column("Share", "symbol"), Column("Sector", "sector", optional=True, wraps=True),
           Column("Now", "before", number=True), Column("Then", "after", number=True),
           Column("", "bar", width="72px"))  # fmt: skip
STEPS = (Column("", "side"), Column("Share", "symbol"), Column("Qty", "qty", number=True),
         Column("At ₹", "price", number=True), Column("Worth", "notional", number=True),
         Column("Charges", "charges", number=True, optional=True),
         Column("Weight", "weights", number=True))  # fmt: skip

desk = page("Optimizer", redraw_on=lambda on: job_signature(on, "optimize"))
form = optimizer_form(desk, account_id=st.session_state.get("op_account", ""))
view = optimizer_view(desk)
with st.container(key="split-optimizer"):
    left, right = st.columns([1, 3], gap="medium")
with left:
    draw(panel("Find weights", *([note(form.not_ready)] if form.not_ready else [])))
    if form.accounts:
        names = dict(form.accounts)
        account_id = st.selectbox("Account", list(names), format_func=names.__getitem__,
                                  key="op_account")  # fmt: skip
        optimizer_fields(desk, form, account_id)
    job_panel(desk, "optimize", title="Progress", never="Nothing was asked for yet.")
with right:
    if view is None:
        draw(panel("Weights"),
             note("No answer yet. Choose shares and caps; it takes a few seconds."))  # fmt: skip
    else:
        draw(panel(view.title, cells(view.figures), note(ASSUMES), note=view.note))
        with st.container(key="split-weights"):
            near, far = st.columns([1, 1.2], gap="medium")
        with near:
            draw(panel("Weights", table(WEIGHTS, view.weights), note=view.weights_note))
        with far:
            draw(panel("Frontier", note="past, per year"))
            frontier_chart(view.frontier, view.shares, view.chosen, name=view.chosen_name,
                           key="frontier")  # fmt: skip
            draw(
                panel("Trades to get there", note=view.steps_note),
                table(STEPS, view.steps, empty="None: the account stands there already."),
            )
        if view.left_out:
            draw(panel("Left out", key_values(view.left_out), note=str(len(view.left_out))))
