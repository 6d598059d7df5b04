"""The panel on Positions for shares that went ex: before, after and the button that confirms."""

from __future__ import annotations

import streamlit as st

from core.desk.apply_action import apply_action, percent
from core.desk.desk import Desk
from core.views.ex_dates import ToConfirm, ex_dates_view
from ui.frame import PERSON, act, can_write, say
from ui.markup import plain
from ui.parts import Column, draw, panel, rule, table

CHANGES = (
    Column("Account", "account"),
    Column("", "what"),
    Column("Before", "before", number=True),
    Column("After", "after", number=True),
)
OWED = (
    Column("Account", "account"),
    Column("Instrument", "symbol"),
    Column("Ex-date", "ex_date"),
    Column("Owed, before tax", "amount", number=True),
)


def ex_dates(desk: Desk) -> None:
    """What waits for a person since its ex-date, and dividends on their way."""
    view = ex_dates_view(desk)
    for one in view.waiting:
        parts = [table(CHANGES, one.rows)] if one.rows else []
        parts += [rule(note, tone="mute") for note in one.notes]
        parts += [rule(one.why_not, tone="warn")] if one.why_not else []
        draw(panel(one.label, *parts, note="unprotected until you confirm and the stop is back"))
        _form(desk, one)
    draw(*(rule(sentence, tone="warn") for sentence in view.explained))
    draw(*(rule(sentence, tone="mute") for sentence in view.fractions))
    if view.owed:
        draw(panel("Dividends owed", table(OWED, view.owed), note="in equity from the ex-date"))


def _form(desk: Desk, one: ToConfirm) -> None:
    key = one.action_id
    with st.form(f"ex_{key}", border=False):
        if one.asks_split:
            st.text_input("Cost that stays, percent", key=f"keeps_{key}")
            st.text_input("Cost that leaves, percent", key=f"leaves_{key}")
        ready = can_write(desk) and (one.asks_split or not one.why_not)
        st.form_submit_button(plain(one.button), key=f"confirm_{key}", on_click=act,
                              args=(_confirm, desk, one), disabled=not ready)  # fmt: skip


def _confirm(desk: Desk, one: ToConfirm) -> None:
    keeps = leaves = None
    if one.asks_split:
        keeps = percent(st.session_state[f"keeps_{one.action_id}"], name="the cost that stays")
        leaves = percent(st.session_state[f"leaves_{one.action_id}"], name="the cost that leaves")
    done = apply_action(desk, one.action_id, by=PERSON, keeps=keeps, leaves=leaves)
    say(done.sentence, tone="ok")
