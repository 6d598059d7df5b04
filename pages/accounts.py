"""Accounts and their mandates: figures, rules by version, and money promised and moved."""

from __future__ import annotations

import streamlit as st

from core.views.accounts import account_names, account_view
from ui.account_forms import mandate_form, money_form, plan_form
from ui.frame import page
from ui.parts import Column, cells, draw, note, panel, table

RULES = (Column("Rule", "rule"), Column("Value", "value", number=True, wraps=True),
         Column("Of equity now", "worth", number=True),
         Column("Before", "before", number=True, wraps=True, spare=True))  # fmt: skip
VERSIONS = (Column("Version", "version"), Column("Signed, IST", "signed"),
            Column("Changed", "changed", wraps=True))  # fmt: skip
PAYMENTS = (Column("No.", "number", number=True), Column("Due", "due"),
            Column("Amount", "amount", number=True), Column("", "status"))  # fmt: skip
MOVES = (Column("When, IST", "at"), Column("Amount", "amount", number=True),
         Column("Reference", "words", wraps=True))  # fmt: skip

ATR = "ATR, average true range: how far the share usually moves in a day."

desk = page("Accounts", redraw_on=lambda on: int(on.clock.monotonic() // 30))
names = dict(account_names(desk))
if not names:
    draw(note("No account is open yet. The first start opens three paper accounts."))
    st.stop()
asked = st.query_params.get("account", "")
chosen = st.segmented_control("Account", list(names), format_func=names.__getitem__, required=True,
                              default=asked if asked in names else next(iter(names)),
                              key="account")  # fmt: skip
view = account_view(desk, chosen or next(iter(names)))
draw(panel(view.name, cells(view.figures), note=f"{view.about} · {view.figures_note}"))
with st.container(key="split-accounts"):
    left, right = st.columns([1.7, 1], gap="medium")
with left:
    draw(panel("Mandate", table(RULES, view.rules), note(ATR), note=view.rules_note))
    with st.expander(f"Change the mandate: sign version {view.mandate.version + 1}"):
        mandate_form(desk, view)
    draw(panel("Versions", table(VERSIONS, view.versions), note=str(len(view.versions))))
with right:
    draw(panel("Money in and out", table(MOVES, view.moves, empty="No money has moved yet."),
               note=f"free {view.free}"))  # fmt: skip
    money_form(desk, view)
    draw(panel("Funding plan", note(view.plan_words)))
    if view.instalments:
        draw(table(PAYMENTS, view.instalments))
    with st.expander("Change the funding plan"):
        plan_form(desk, view)
    st.page_link("pages/intake.py", label="Talk the mandate through instead",
                 query_params={"account": view.id})  # fmt: skip
