"""What the P&L page is asked for: login, account and days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from core.desk.desk import Desk
from core.views.pnl import ALL, MONTH, OTHER, PERIODS, choices, stretch_of
from ui.pnl_charts import clicked_day

HEAT = "pnl_heat"


@dataclass(frozen=True, slots=True)
class Asked:
    """All or one of the logins and accounts, from a day to a day."""

    login: str
    account: str
    first: date
    last: date


def filters(desk: Desk) -> Asked:
    """The row of choices above the page; an address may name the account."""
    state = st.session_state
    logins = choices(desk)[1]
    _keep("pnl_login", logins, ALL)
    names = choices(desk, state["pnl_login"])[0]
    _keep("pnl_account", names, st.query_params.get("account", ALL))
    _keep("pnl_period", PERIODS, MONTH)
    with st.container(key="pnl-filters", horizontal=True, vertical_alignment="bottom"):
        if len(logins) > 1:
            st.segmented_control("Login", logins, required=True, key="pnl_login")
        login = state.get("pnl_login", ALL)
        account = st.segmented_control("Account", names, required=True, key="pnl_account") or ALL
        period = st.segmented_control("Period", PERIODS, required=True, key="pnl_period") or MONTH
        first, last = stretch_of(desk, account, period, login=login)
        if period == OTHER:
            first, last = _day("pnl_from", "From", first), _day("pnl_to", "To", last)
    return Asked(login, account, first, last)


def show_day() -> None:
    """The page asked for the day that was clicked in the calendar."""
    day = clicked_day(HEAT)
    if day is not None:
        st.session_state.update(pnl_period=OTHER, pnl_from=day, pnl_to=day)


def _keep(key: str, known: tuple[str, ...], usual: str) -> None:
    """What was chosen last, while it can be chosen; else the usual one, else the first."""
    if st.session_state.get(key) not in known:
        st.session_state[key] = usual if usual in known else known[0]


def _day(key: str, label: str, usual: date) -> date:
    st.session_state.setdefault(key, usual)
    return st.date_input(f"{label}, day / month / year", key=key, format="DD/MM/YYYY")
