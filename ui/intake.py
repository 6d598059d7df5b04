"""The buttons of the Intake page: answers, a new account, save, and start again."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.desk.talk import answer, begin, money_to_come, sign_talk, start_again
from core.views.accounts import login_names
from core.views.intake import IntakeView, Reply
from ui.frame import PERSON, act, say
from ui.markup import plain

BEGUN = "intake_begun"


def say_typed(desk: Desk, view: IntakeView) -> None:
    """Take what was typed as one turn."""
    act(_turn, desk, view, st.session_state["intake_said"])


def say_button(desk: Desk, view: IntakeView, reply: Reply) -> None:
    """One answer as a button."""
    st.button(plain(reply.label), key=f"reply_{reply.says.replace(' ', '_')}",
              type="primary" if reply.primary else "secondary",
              on_click=act, args=(_turn, desk, view, reply.says))  # fmt: skip


def sign_button(desk: Desk, view: IntakeView) -> None:
    """Save the draft as the next version; only once nothing is open and nothing disagrees."""
    st.button(plain(view.button), key="sign_talk", type="primary", disabled=not view.can_sign,
              on_click=act, args=(_sign, desk, view))  # fmt: skip


def start_over(desk: Desk, view: IntakeView) -> None:
    """Forget the draft, after a second look."""
    with st.popover("Start again", disabled=not view.started, type="tertiary"):
        st.write("The draft is forgotten; the mandate that stands is not touched.")
        st.button("Forget the draft", key="start_again", on_click=act,
                  args=(_forget, desk, view))  # fmt: skip


def begin_form(desk: Desk) -> None:
    """Begin a talk that opens a new account."""
    logins = dict(login_names(desk))
    if not logins:
        return
    box = st.popover("New account", key=f"intake_new_{st.session_state.get(BEGUN, 0)}")
    with box, st.form("intake_new", border=False):
        st.text_input("Name", key="intake_new_name", placeholder="SIP aggressive 24m")
        st.selectbox("Login", list(logins), format_func=logins.__getitem__, key="intake_new_login")
        st.form_submit_button("Begin the talk", on_click=act, args=(_begin, desk))


def _turn(desk: Desk, view: IntakeView, words: str) -> None:
    talk = answer(desk, view.account_id, words, by=PERSON, seen=len(view.turns))
    if talk.signed is not None:
        say(talk.turns[-1].text, tone="ok")
        _look_at(talk.signed.account_id)


def _sign(desk: Desk, view: IntakeView) -> None:
    signed = sign_talk(desk, view.account_id, by=PERSON, over=view.version or None,
                       seen=len(view.turns))  # fmt: skip
    told = f"{view.account}: mandate version {signed.version} is signed."
    say(f"{told} {money_to_come(desk, signed.account_id)}".strip(), tone="ok")
    _look_at(signed.account_id)


def _begin(desk: Desk) -> None:
    name, login = st.session_state["intake_new_name"], st.session_state["intake_new_login"]
    _look_at(begin(desk, name, login_id=login).account_id)
    st.session_state[BEGUN] = st.session_state.get(BEGUN, 0) + 1  # a new box, which is closed


def _forget(desk: Desk, view: IntakeView) -> None:
    start_again(desk, view.account_id)
    if view.is_new:
        st.session_state.pop("intake_account", None)


def _look_at(account_id: str) -> None:
    """Show this account's talk from now on."""
    st.session_state["intake_account"] = account_id
