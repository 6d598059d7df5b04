"""Whose session this page belongs to: the key that signs what its person approves."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.desk.sign import Signer, web_signer
from ui.auth import cookie_name


def session_cookie(port: int) -> str:
    """The session in this browser's cookie, which no script of the page can read."""
    return str(st.context.cookies.get(cookie_name(port), ""))


def page_signer(desk: Desk) -> Signer:
    """The key of this session; raises ApprovalRefused when it has ended."""
    return web_signer(desk.home, session_cookie(desk.settings.port))
