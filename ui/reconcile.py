"""The panel that sets the broker against the books, with the answers only a person can give."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.desk.give import give_to_plan
from core.desk.resolve import accept_difference, say_absent, say_is
from core.domain.order import Side
from core.views.reconcile import DifferenceRow, Gift, OpenQuestion, reconcile_view
from ui.frame import PERSON, act, say
from ui.markup import plain
from ui.parts import Column, draw, note, panel, rule, table

DIFFERENCES = (
    Column("Login", "login"),
    Column("Instrument", "instrument"),
    Column("Books", "books", number=True),
    Column("Broker", "broker", number=True),
    Column("Differs", "differs", number=True),
    Column("At the last price", "worth", number=True),
    Column("Since", "since"),
)
ELSEWHERE = (
    Column("Login", "login"),
    Column("Instrument", "instrument"),
    Column("Qty", "qty", number=True),
    Column("LTP", "ltp", number=True),
    Column("Value", "value", number=True),
)
REASON = "Why: what you looked at"


def broker_and_books(desk: Desk) -> None:
    """What does not agree, what was done elsewhere, and a form for each answer."""
    _ticking(desk)
    view = reconcile_view(desk)
    for question in view.questions:
        _answer_form(desk, question)
    for row in view.differences:
        _accept_form(desk, row)
    for gift in view.gifts:
        _give_form(desk, gift)


@st.fragment(run_every="5s")
def _ticking(desk: Desk) -> None:
    view = reconcile_view(desk)
    parts = [rule(one.sentence, lead=f"{one.label}:", tone="warn") for one in view.questions]
    parts += [rule(sentence) for sentence in (*view.frozen, *view.trades)]
    if view.differences:
        parts.append(table(DIFFERENCES, view.differences))
    draw(panel("Broker against books", *(parts or [note(view.agrees)]),
               note=view.note))  # fmt: skip
    if view.elsewhere:
        draw(panel("Done elsewhere", table(ELSEWHERE, view.elsewhere),
                   note="traded past the desk; in no account's figures"))  # fmt: skip


def _answer_form(desk: Desk, question: OpenQuestion) -> None:
    key = question.order_id
    if not question.answers:
        return
    labels = {one.broker_order_id: plain(one.label) for one in question.answers}
    with st.form(f"answer_{key}", border=False):
        st.radio(plain(f"What became of {question.label}?"), list(labels), key=f"became_{key}",
                 format_func=lambda one: labels[one])  # fmt: skip
        st.text_input(REASON, key=f"why_{key}")
        st.form_submit_button("Say so", key=f"say_{key}", on_click=act,
                              args=(_answer, desk, question))  # fmt: skip


def _accept_form(desk: Desk, row: DifferenceRow) -> None:
    key = f"{row.login_id}_{row.symbol}"
    with st.form(f"accept_{key}", border=False):
        st.text_input(plain(f"{row.symbol}: why the broker's {row.broker} is right"),
                      key=f"because_{key}")  # fmt: skip
        st.form_submit_button(plain(f"Accept {row.differs} {row.symbol} as done elsewhere"),
                              key=f"take_{key}", on_click=act,
                              args=(_accept, desk, row))  # fmt: skip


def _give_form(desk: Desk, gift: Gift) -> None:
    key = f"{gift.transaction_id}_{gift.plan_id}"
    with st.form(f"give_{key}", border=False):
        st.text_input(plain(f"{gift.label} {REASON}"), key=f"given_{key}")
        st.form_submit_button("Count it as the plan's own", key=f"count_{key}", on_click=act,
                              args=(_give, desk, gift))  # fmt: skip


def _answer(desk: Desk, question: OpenQuestion) -> None:
    chosen = st.session_state[f"became_{question.order_id}"]
    because = st.session_state[f"why_{question.order_id}"]
    if chosen:
        moved = say_is(desk, question.order_id, chosen, because=because, by=PERSON)
        say(f"{question.label} is broker order {chosen}, {moved.status.lower()}.", tone="ok")
    else:
        say(say_absent(desk, question.order_id, because=because, by=PERSON), tone="ok")


def _accept(desk: Desk, row: DifferenceRow) -> None:
    because = st.session_state[f"because_{row.login_id}_{row.symbol}"]
    accept_difference(desk, row.symbol, login_id=row.login_id, because=because, by=PERSON)
    say(f"{row.symbol}: {row.differs} stand as done elsewhere at {row.login}.", tone="ok")


def _give(desk: Desk, gift: Gift) -> None:
    because = st.session_state[f"given_{gift.transaction_id}_{gift.plan_id}"]
    order = give_to_plan(desk, gift.transaction_id, gift.plan_id, because=because, by=PERSON)
    done, word = ("sold", "sale") if order.side is Side.SELL else ("bought back", "purchase")
    said = f"{order.symbol}: {order.qty} {done} elsewhere count as the plan's own {word}."
    say(said, tone="ok")
