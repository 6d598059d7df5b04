"""The optimizer's form: shares, method and caps, and the asking."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.desk.optimize import SESSIONS_MAX, SESSIONS_MIN, Wish, ask_optimize
from core.views.optimizer import METHODS, OptimizerForm
from ui.backtest_form import symbols_in
from ui.frame import PERSON, act


def optimizer_fields(desk: Desk, form: OptimizerForm, account_id: str) -> None:
    """Draw the form; caps start at what the account's mandate allows."""
    with st.form(f"optimizer_{account_id}", border=False):
        st.selectbox("Method", list(METHODS), format_func=METHODS.__getitem__, key="op_method")
        st.text_area("Symbols, 2 to 60", form.symbols, key=f"op_symbols_{account_id}", height=100)
        for label, key, value in (
            ("One share at most, % of equity", "weight", form.weight_max),
            ("One sector at most, % of equity", "sector", form.sector_max),
            ("Invested, % of equity", "invested", form.invested),
        ):
            st.number_input(label, 0.0, 100.0, round(100 * value, 2), 1.0,
                            key=f"op_{key}_{account_id}")  # fmt: skip
        st.number_input("Past sessions", SESSIONS_MIN, SESSIONS_MAX, 250, 10, key="op_sessions")
        st.form_submit_button("Find weights", type="primary", on_click=_ask,
                              args=(desk, account_id))  # fmt: skip


def _ask(desk: Desk, account_id: str) -> None:
    state = st.session_state
    wish = Wish(
        account_id=account_id,
        method=state["op_method"],
        symbols=symbols_in(state[f"op_symbols_{account_id}"]),
        weight_max=round(state[f"op_weight_{account_id}"] / 100, 6),
        sector_max=round(state[f"op_sector_{account_id}"] / 100, 6),
        invested=round(state[f"op_invested_{account_id}"] / 100, 6),
        sessions=int(state["op_sessions"]),
    )
    act(ask_optimize, desk, wish, by=PERSON)
