"""The panel on Positions for short sales that the exchange bought in: price, charges and why."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.desk.closed_out import book_close_out, booked_words
from core.desk.desk import Desk
from core.domain.money import Money
from core.views.closed_out import ShortToBook, closed_out_view
from ui.frame import PERSON, act, can_write, say
from ui.markup import plain
from ui.parts import draw, panel, rule

NOTE = "owed until you book what it cost"
FROM_NOTE = "contract note"


def closed_out(desk: Desk) -> None:
    """What waits, each with its own form."""
    for one in closed_out_view(desk):
        draw(panel(one.label, rule(one.sentence, tone="warn"), note=NOTE))
        _form(desk, one)


def _form(desk: Desk, one: ShortToBook) -> None:
    key = one.plan_id
    with st.form(f"closed_out_{key}", border=False):
        with st.container(horizontal=True):
            st.number_input("Price, ₹ a share", min_value=0.0, value=None, step=0.05,
                            format="%.2f", key=f"bought_in_at_{key}", width=170)  # fmt: skip
            st.number_input("Charges and penalty, ₹ in all", min_value=0.0, value=0.0, step=1.0,
                            format="%.2f", key=f"bought_in_cost_{key}", width=210)  # fmt: skip
            st.text_input("What you looked at", value=FROM_NOTE, key=f"bought_in_why_{key}",
                          width=280)  # fmt: skip
        st.form_submit_button(plain(one.button), key=f"bought_in_{key}", on_click=act,
                              args=(_book, desk, key), disabled=not can_write(desk))  # fmt: skip


def _book(desk: Desk, plan_id: str) -> None:
    price = _rupees(f"bought_in_at_{plan_id}")
    cost = _rupees(f"bought_in_cost_{plan_id}")
    why = str(st.session_state[f"bought_in_why_{plan_id}"])
    order = book_close_out(desk, plan_id, price, charges=cost, because=why, by=PERSON)
    say(booked_words(order, price, cost), tone="ok")


def _rupees(key: str) -> Money:
    """What stands in a box; nothing counts as ₹0.00, which the desk refuses for a price."""
    return Money.rupees(Decimal(str(st.session_state[key] or 0)))
