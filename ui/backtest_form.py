"""Reads the backtest form and asks for the run."""

from __future__ import annotations

import re

import streamlit as st

from core.desk.backtest import ask_backtest
from core.desk.desk import Desk
from ui.frame import PERSON, act


def symbols_in(text: str) -> tuple[str, ...]:
    """Symbols from a text, separated by blanks, commas or lines."""
    return tuple(word.upper() for word in re.split(r"[\s,;]+", text) if word)


def ask_trial(desk: Desk) -> None:
    """Ask for the run that the form names; a refusal is said at the top of the page."""
    act(
        ask_backtest,
        desk,
        strategy=st.session_state["bt_strategy"],
        start=st.session_state["bt_start"],
        end=st.session_state["bt_end"],
        symbols=symbols_in(st.session_state["bt_symbols"]),
        by=PERSON,
    )
