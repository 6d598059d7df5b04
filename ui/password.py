"""Set or change the page's password; the old one is asked for first."""

from __future__ import annotations

import streamlit as st

from core.desk.access import check_password, set_password
from core.desk.desk import Desk
from core.errors import BadInput
from ui.frame import act, say


def password_form(desk: Desk, *, has_one: bool) -> None:
    """Old and new password; every session ends when it changes, this one too."""
    with st.form("password", border=False):
        if has_one:
            st.text_input("Password now", type="password", key="password_now")
        st.text_input("New password, 10 characters or more", type="password", key="password_new")
        st.text_input("New password again", type="password", key="password_again")
        st.form_submit_button(
            "Change password" if has_one else "Set password",
            on_click=act,
            args=(_change, desk, has_one),
        )


def _change(desk: Desk, has_one: bool) -> None:
    new = st.session_state["password_new"]
    if has_one and not check_password(desk.home, st.session_state["password_now"]):
        raise BadInput("the password now in use is another one; nothing was changed")
    if new != st.session_state["password_again"]:
        raise BadInput("the two new passwords differ; type the same one twice")
    set_password(desk.home, new)
    for key in ("password_now", "password_new", "password_again"):
        st.session_state.pop(key, None)
    say("The password is set. Every session ended: reload the page and enter with it.", tone="ok")
