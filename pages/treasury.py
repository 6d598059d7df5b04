"""Money of logins and accounts in rupees, what has not settled, and transfers step by step."""

from __future__ import annotations

import streamlit as st

from core.domain.clock import ist_day
from core.views.treasury import treasury_signature, treasury_view
from ui.frame import page
from ui.parts import Column, cells, draw, note, panel, table
from ui.tables import csv_button
from ui.treasury import (
    books_part,
    entries_button,
    keep_form,
    propose_form,
    suggestion_part,
    transfer_part,
)

MONEY = (Column("", "name", wraps=True), Column("Broker says", "broker", number=True),
         Column("Free", "free", number=True), Column("Reserved", "reserved", number=True),
         Column("Not settled", "staged", number=True, optional=True),
         Column("Withdrawable", "withdrawable", number=True, optional=True),
         Column("Deployable", "deployable", number=True), Column("On its way", "clearing",
         number=True))  # fmt: skip
STAGED = (Column("Account", "account"), Column("Share", "share"),
          Column("Shares", "qty", number=True), Column("Money", "amount", number=True),
          Column("Spendable today", "spendable", number=True), Column("Traded", "traded"),
          Column("Settles", "settles"), Column("", "why", wraps=True, spare=True))  # fmt: skip
ENDED = (Column("When", "when"), Column("From and to", "route", wraps=True),
         Column("Asked", "amount", number=True), Column("Arrived", "arrived", number=True),
         Column("", "status"), Column("", "why", wraps=True, spare=True))  # fmt: skip

desk = page("Treasury", redraw_on=treasury_signature)
view = treasury_view(desk)
if not view.accounts:
    draw(note("No account is open yet. The first start opens three paper accounts."))
    st.stop()
money = tuple(one for one in MONEY if one.field != "broker" or not view.untold)
draw(panel("Treasury", cells(view.figures), table(money, view.rows), note(view.untold),
           note=view.note))  # fmt: skip
with st.container(key="split-treasury"):
    left, right = st.columns([1.5, 1], gap="medium")
with left:
    for number, row in enumerate(view.waiting):
        transfer_part(desk, row, is_first=not number)
    if not view.waiting:
        draw(panel("Transfers", note("No transfer waits. Propose one at the side.")))
    draw(panel("Not settled yet", table(STAGED, view.staged, empty="Everything has settled."),
               *(note(rule) for rule in view.sale_rules), note="T+1 by the calendar"),
         panel("Transfers that are over", table(ENDED, view.ended, empty="None yet."),
               note=str(len(view.ended))))  # fmt: skip
    books_part(desk, view)
with right:
    draw(panel("Propose a transfer"))
    propose_form(desk, view)
    draw(panel("Suggested"))
    suggestion_part(desk, view)
    with st.expander("What an account keeps before it gives"):
        keep_form(desk, view)
    day = ist_day(desk.clock.now())
    with st.container(key="treasury_files", horizontal=True):
        csv_button("Money CSV", view.file, file=f"treasury-{day}.csv", key="treasury_csv")
        entries_button(desk, str(day))
