"""What a trade costs at three brokers, item by item, with the source of every rate."""

from __future__ import annotations

from datetime import date

import streamlit as st

from core.domain.money import ZERO
from core.domain.words import day
from core.errors import BadInput
from core.views.charges import (
    EXCHANGES,
    PRODUCTS,
    ROUNDING,
    SECURITIES,
    Asked,
    charges_view,
    first_asked,
    groups_of,
)
from ui.amount import amount_box, amount_or_none
from ui.frame import page
from ui.parts import Column, draw, note, panel, rule, table
from ui.tables import csv_button

COSTS = (Column("", "item", wraps=True), Column("Zerodha", "zerodha", number=True),
         Column("Upstox", "upstox", number=True),
         Column("Fyers", "fyers", number=True))  # fmt: skip
RATES = (Column("Item", "item"), Column("Rate", "rate", number=True),
         Column("Since", "since", optional=True),
         Column("Source", "source", wraps=True))  # fmt: skip

PRICES = {"buy": "Bought at ₹, 0 for none", "sell": "Sold at ₹, 0 for none"}

desk = page("Charges")
first = first_asked(desk)
with st.container(key="split-charges"):
    left, right = st.columns([1, 2.2], gap="medium")
with left:
    draw(panel("A trade"))
with left, st.container(horizontal=True, key="charges-asked"):
    product = st.radio("Product", list(PRODUCTS), key="ch_product", horizontal=True, width=290,
                       format_func=PRODUCTS.__getitem__)  # fmt: skip
    exchange = st.radio("Exchange", EXCHANGES, key="ch_exchange", horizontal=True, width=140)
    group = ""
    if groups_of(exchange):
        group = st.selectbox("Group", groups_of(exchange), key="ch_group", width=120)
    security = st.selectbox("What", list(SECURITIES), key="ch_security", width=230,
                            format_func=SECURITIES.__getitem__)  # fmt: skip
    qty = st.number_input("Shares", 1, 10_000_000, first.qty, 1, key="ch_qty", width=150)
    for side, words in PRICES.items():
        with st.container(width=190):
            amount_box(words, key=f"ch_{side}", value=getattr(first, side))
    on = st.date_input("On", first.on, key="ch_on", min_value=date(2005, 1, 1),
                       max_value=date(2099, 12, 31), width=150)  # fmt: skip
try:
    buy, sell = (amount_or_none(f"ch_{side}", name=words) for side, words in PRICES.items())
except BadInput as no:
    with right:
        draw(panel("What it costs"), rule(f"{no}.", lead="Not worked out:"))
    st.stop()
view = charges_view(Asked(product, exchange, group, security, int(qty), buy or ZERO, sell or ZERO,
                          on))  # fmt: skip
with right:
    if view.wrong:
        draw(panel("What it costs"), rule(view.wrong, lead="Not worked out:"))
        st.stop()
    draw(panel("What it costs", table(COSTS, view.rows), note(ROUNDING), note=view.headline))
    csv_button("Download .csv", view.lines, file="munim-charges.csv", key="charges_csv")
    draw(panel("Where each rate is from", table(RATES, view.rates), note=f"on {day(on)}"))
