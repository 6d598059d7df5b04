"""Contract notes: one generated from the books, and a broker's note or tradebook beside them."""

from __future__ import annotations

import streamlit as st

from core.views.notes import (
    READS,
    TAKES,
    compare_view,
    import_rows,
    last_traded,
    note_logins,
    note_view,
)
from ui.frame import page
from ui.parts import Column, draw, lines, note, panel, rule, table
from ui.statement import given_statement, import_list, take_in_button
from ui.tables import csv_button

ITEMS = (Column("Charge", "item"), Column("Books, to the paisa", "booked", number=True),
         Column("Note of the books", "generated", number=True))  # fmt: skip
COMPARED = (Column("Charge", "item"), Column("Books", "booked", number=True, optional=True),
            Column("Note of the books", "generated", number=True),
            Column("Broker", "stated", number=True),
            Column("Broker less note", "off", number=True))  # fmt: skip
TRADES = (Column("Share", "symbol"), Column("Account", "account", optional=True),
          Column("Product", "product"), Column("Shares", "qty", number=True),
          Column("Price", "price", number=True), Column("Value", "value", number=True, spare=True),
          Column("Trade", "trade", optional=True, wraps=True))  # fmt: skip
PAIRS = (Column("Day", "on"), Column("Share", "symbol"), Column("Finding", "finding"),
         Column("Broker", "broker", number=True), Column("Books", "books", number=True),
         Column("Worth to you", "off", number=True),
         Column("Trade", "trade", optional=True, wraps=True))  # fmt: skip

desk = page("Contract notes")
named = note_logins(desk)
if not named:
    draw(note("No login is there yet. The first start makes one for paper money."))
    st.stop()
with st.container(key="notes-asked", horizontal=True, vertical_alignment="bottom"):
    login = st.selectbox("Login", list(named), format_func=named.__getitem__, key="note_login",
                         width=260)  # fmt: skip
    on = st.date_input("Day", last_traded(desk, login), key=f"note_day_{login}", width=160)
with st.container(key="split-notes"):
    left, right = st.columns([1, 1], gap="medium")
with left:
    view = note_view(desk, login, on)
    if view.wrong:
        draw(panel(view.title, note(view.wrong)))
    else:
        draw(panel(view.title, table(ITEMS, view.items),
                   *([note(view.beside)] if view.beside else []), note=view.note))  # fmt: skip
        draw(panel("Its trades", table(TRADES, view.trades, tall=True)))
with right:
    draw(panel("A broker's file beside the books", note(READS)))
    given = given_statement()
    if given is not None:
        found = compare_view(desk, login, given)
        if found.wrong:
            draw(rule(found.wrong, lead="Not compared:"))
        else:
            draw(rule(found.verdict, tone="ok" if found.is_booked or found.agrees else "warn",
                      lead=found.lead))  # fmt: skip
            draw(panel(found.title, table(PAIRS, found.pairs, tall=True), lines(found.left_out)))
            if found.items:
                draw(panel("Charges", table(COMPARED, found.items)))
            draw(note(TAKES))
            take_in_button(desk, login, given, is_booked=found.is_booked)
            csv_button("Download lines .csv", found.lines, file="munim-compare.csv",
                       key="pairs_csv")  # fmt: skip
    rows = import_rows(desk)
    if rows:
        draw(panel("Taken in", note=str(len(rows))))
        import_list(desk, rows)
