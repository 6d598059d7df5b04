"""Tax of a financial year: gains by head, set-off step by step, lots sold and held, dividends."""

from __future__ import annotations

import streamlit as st

from core.views.tax import (
    NOT_ADVICE,
    SURCHARGES,
    tax_logins,
    tax_signature,
    tax_view,
    tax_years,
)
from ui.frame import page
from ui.parts import cells, draw, lines, note, panel, rule, table
from ui.tables import csv_button
from ui.tax_tables import ADVANCE, BUCKETS, LINES, LOTS, PAID, SCHEDULE, SOLD, STEPS

desk = page("Tax", redraw_on=tax_signature)
years, named = tax_years(desk), tax_logins(desk)
with st.container(key="tax-asked", horizontal=True, vertical_alignment="bottom"):
    year = st.selectbox("Financial year", list(years), format_func=years.__getitem__,
                        key="tax_year", width=140)  # fmt: skip
    chosen = st.multiselect(
        "Demat accounts of one person, all when empty",
        list(named),
        format_func=named.__getitem__,
        key="tax_logins",
        width=320,
    )
    surcharge = st.selectbox("Surcharge, %", SURCHARGES, key="tax_surcharge", width=110)
    slab = st.number_input("Your slab, %", 0.0, 45.0, None, 5.0, key="tax_slab", width=130)
view = tax_view(desk, year, logins=chosen, surcharge=surcharge, slab=slab)
if view.wrong:
    draw(panel(view.title), rule(view.wrong, lead="Not worked out:"))
    st.stop()
draw(panel(view.title, cells(view.figures), *(rule(one, tone="warn") for one in view.warnings),
           note(NOT_ADVICE), note=view.law))  # fmt: skip
with st.container(key="split-tax"):
    left, right = st.columns([1.5, 1], gap="medium")
with left:
    draw(
        panel(
            "Set-off, step by step",
            table(
                STEPS,
                view.steps,
                empty="Nothing was sold in this year, so there is nothing to set off.",
            ),
        )
    )
with right:
    draw(panel("Tax", table(LINES, view.lines, empty="No gain is taxed.")))
    draw(panel("Advance tax", table(ADVANCE, view.advance, empty="No instalment is due."),
               note(view.advance_note)))  # fmt: skip
    for title, losses in (("Losses brought", view.brought), ("Losses carried on", view.carried)):
        if losses:
            draw(panel(title, lines(losses)))
    draw(panel("Accounts beside the demat account", table(BUCKETS, view.buckets), note(view.why)))
draw(panel("Sold lots", table(SOLD, view.sold, empty="No lot was sold in this year.", tall=True)))
with st.container(key="tax-files", horizontal=True):
    for label, rows, part, heads in (
        ("Download sold lots .csv", view.sold_lines, "sold", None),
        ("Download schedule 112A .csv", view.schedule_112a, "112A", SCHEDULE),
        ("Download open lots .csv", view.lot_lines, "open", None),
    ):
        csv_button(label, rows, file=f"munim-tax-{view.title}-{part}.csv", key=f"tax_csv_{part}",
                   heads=heads)  # fmt: skip
draw(panel("Open lots", table(LOTS, view.lots, empty="No share is held.", tall=True),
           note(view.lots_note)))  # fmt: skip
draw(panel("Dividends", table(PAID, view.dividends, empty="No dividend went ex in this year."),
           note=view.dividends_note))  # fmt: skip
