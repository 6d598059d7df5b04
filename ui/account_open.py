"""The form that opens an account: a name, a login and an aim."""

from __future__ import annotations

import streamlit as st

from core.desk.account import open_account
from core.desk.desk import Desk
from core.domain.mandate import Objective
from core.mandates.defaults import default_mandate
from core.views.accounts import login_names
from ui.frame import PERSON, act, say


def open_form(desk: Desk) -> None:
    """Name, login and aim; the aim's usual rules are signed and may be changed after."""
    logins = dict(login_names(desk))
    with st.form("open_account", border=False):
        st.text_input("Name", key="new_account_name", width=320)
        st.selectbox("Login", list(logins), format_func=logins.__getitem__,
                     key="new_account_login", width=320)  # fmt: skip
        st.selectbox("Aim", list(Objective), key="new_account_aim", width=320)
        st.form_submit_button("Open account", on_click=act, args=(_open, desk))


def _open(desk: Desk) -> None:
    aim = Objective(st.session_state["new_account_aim"])
    rules = default_mandate("new", aim, signed_at=desk.clock.now())
    made = open_account(
        desk,
        st.session_state["new_account_name"],
        login_id=st.session_state["new_account_login"],
        rules=rules,
        by=PERSON,
    )
    say(f"{made.name} is open under the usual rules for {aim}; add money to it.", tone="ok")
