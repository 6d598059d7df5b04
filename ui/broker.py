"""The Broker page's parts: a login's live panel and its buttons, seats of accounts, the forms."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.desk.desk import Desk
from core.desk.logins import (
    add_login,
    ask_to_log_in,
    ask_to_log_out,
    move_account,
    new_login,
    remove_login,
)
from core.views.brokers import BrokersView, BrokerView, Seat, brokers_view
from ui import session
from ui.frame import PERSON, act, can_write, say
from ui.markup import fill, plain
from ui.parts import Column, cell, cells, draw, key_values, note, panel, rule, table

USES = (Column("Requests", "kind"), Column("In 1 s", "second", number=True),
        Column("In a minute", "minute", number=True), Column("Today", "day", number=True),
        Column("Nearest limit", "meter", optional=True))  # fmt: skip
CHECKS = (Column("", "ok", width="20px"), Column("Call", "name"),
          Column("Why", "sentence", wraps=True))  # fmt: skip
CAN = (Column("What it holds", "name"), Column("", "value", wraps=True),
       Column("Read in", "source", wraps=True, spare=True))  # fmt: skip
DIFFERENCES = (Column("Instrument", "instrument"), Column("Books", "books", number=True),
               Column("Broker", "broker", number=True), Column("Differs", "differs", number=True),
               Column("At the last price", "worth", number=True),
               Column("Since", "since", spare=True))  # fmt: skip
CASH = (Column("Cash", "line"), Column("Books", "books", number=True),
        Column("Broker", "broker", number=True), Column("Differs", "differs", number=True),
        Column("", "why", wraps=True, spare=True))  # fmt: skip
VERIFIED = ("✓: an answer recorded at the broker itself passes through this adapter, every field "
            "checked. ✕: only its documents or its client's code say what it answers; real money "
            "waits for the ✓.")  # fmt: skip
SEATS = (Column("Account", "account"), Column("Trades through", "login"))


def login_part(desk: Desk, login_id: str) -> None:
    """One login: the ticking panel, its buttons, and the tables that rarely change."""
    _ticking(desk, login_id)
    view = _view(desk, login_id)
    if view is None:
        return
    _buttons(desk, view)
    with st.expander(f"{plain(view.label)}: verified calls, what it can hold, doctor rows"):
        draw(
            panel("Calls read from a real answer",
                  table(CHECKS, view.calls, empty="Known after the first login."),
                  note(VERIFIED if view.calls else ""),
                  note=view.calls_note),
            panel("What this broker can hold", table(CAN, view.can), note="refused at the card"),
            panel("Doctor, real money", table(CHECKS, view.doctor,
                  empty="The worker looks each half minute."), note=view.doctor_note),
        )  # fmt: skip


@st.fragment(run_every="1s")
def _ticking(desk: Desk, login_id: str) -> None:
    view = _view(desk, login_id)
    if view is None:
        return
    said = [rule(view.alarm)] if view.alarm else []
    tags = fill('<p class="m-note">{tags} {said}</p>', tags=cell(view.status), said=view.sentence)
    draw(panel(view.label, tags, *said, cells(view.figures), note=view.note))
    with st.container(key=f"split-broker-{login_id}"):
        left, right = st.columns([1, 1.25], gap="medium")
    with left:
        draw(panel("Limits used", table(USES, view.uses, empty="Counted while a session is open."),
                   note=view.uses_note))  # fmt: skip
    with right:
        draw(panel("Broker against books", key_values([("Accounts here", view.accounts)]),
                   table(DIFFERENCES, view.differences) if view.differences else note(view.agrees),
                   note=view.differs_note),
             panel("Cash, line by line", table(CASH, view.cash), note=view.cash_note))  # fmt: skip


def _buttons(desk: Desk, view: BrokerView) -> None:
    if view.asked:
        draw(rule(view.asked, tone="warn"))
    with st.container(key=f"login_{view.id}", horizontal=True, vertical_alignment="center"):
        if view.link:
            st.link_button("Log in at the broker", view.link, type="primary")
        elif view.can_log_in:
            busy = view.asking or not can_write(desk)
            st.button("Log in", key=f"log_in_{view.id}", type="primary", on_click=act,
                      args=(_log_in, desk, view), disabled=busy)  # fmt: skip
        if view.can_log_out:
            st.button("Log out", key=f"log_out_{view.id}", on_click=act,
                      args=(_log_out, desk, view), disabled=not can_write(desk))  # fmt: skip
        else:
            st.button("Remove", key=f"remove_{view.id}", type="tertiary", on_click=act,
                      args=(_remove, desk, view))  # fmt: skip


def practice(view: BrokersView) -> None:
    """The page without a login: what this market trades through, and how to practise."""
    code = [fill("<p><code>{line}</code></p>", line=line) for line in view.practise]
    after = note("Then log in here with any password, and move an account to it. A sandbox plays "
                 "the desk's own market and moves no money.") if code else note("")  # fmt: skip
    draw(panel("No broker login yet", note(view.about), *code, after))


def seats_part(seats: Sequence[Seat]) -> None:
    """Which account trades through which login."""
    draw(panel("Accounts and their logins", table(SEATS, seats, empty="No account is open yet."),
               note="an account moves only when flat"))  # fmt: skip


def move_form(desk: Desk, view: BrokersView) -> None:
    """Move a flat account to another login."""
    if not view.logins or not view.seats:
        return
    names = {seat.account_id: seat.account for seat in view.seats}
    with st.form("move_account", border=False):
        sides = st.columns(2)
        with sides[0]:
            st.selectbox("Account", list(names), format_func=names.__getitem__, key="move_who")
        with sides[1]:
            st.selectbox("Trades through", list(view.names), key="move_to",
                         format_func=view.names.__getitem__)  # fmt: skip
        st.form_submit_button("Move it", on_click=act, args=(_move, desk, view))


def add_form(desk: Desk) -> None:
    """A new login; keys are never typed here."""
    with st.expander("Add a login"), st.form("add_login", border=False):
        st.selectbox("Broker", ["zerodha", "upstox"], key="add_broker")
        for name, words, shown in (
            ("id", "Short name", "zerodha-asha"),
            ("user", "User id that must log in", "AB1234"),
            ("label", "What to call it", "Zerodha Asha"),
            ("address", "Sandbox address; empty for the broker's own", "http://127.0.0.1:8770"),
            ("control", "Sandbox control address; empty for the next port", ""),
        ):
            st.text_input(words, key=f"add_{name}", placeholder=shown)
        st.form_submit_button("Add login", on_click=act, args=(_add, desk))
    draw(note("Keys stand in the environment or the keyring, never here: MUNIM_KITE_API_KEY and "
              "MUNIM_KITE_API_SECRET. A sandbox has a key of its own."))  # fmt: skip


def _view(desk: Desk, login_id: str) -> BrokerView | None:
    return next((one for one in brokers_view(desk).logins if one.id == login_id), None)


def _log_in(desk: Desk, view: BrokerView) -> None:
    cookie = session.session_cookie(desk.settings.port)
    ask_to_log_in(desk, view.id, session=cookie, by=PERSON)


def _log_out(desk: Desk, view: BrokerView) -> None:
    ask_to_log_out(desk, view.id, by=PERSON)
    say(f"{view.label}: the worker logs out; stops at the broker go on resting.", tone="warn")


def _remove(desk: Desk, view: BrokerView) -> None:
    remove_login(desk, view.id, by=PERSON)
    say(f"{view.label} is removed.", tone="ok")


def _move(desk: Desk, view: BrokersView) -> None:
    who, to = st.session_state["move_who"], st.session_state["move_to"]
    moved = move_account(desk, who, to, by=PERSON)
    say(f"{moved.name} trades through {view.names[to]} from now on.", tone="ok")


def _add(desk: Desk) -> None:
    typed = {name: st.session_state[f"add_{name}"] for name in
             ("id", "broker", "user", "label", "address", "control")}  # fmt: skip
    login = add_login(desk, new_login(**typed), by=PERSON)
    say(f"{login.label} is added as {login.mode}.", tone="ok")
