"""Asking for prices and figures from the network, and how the worker gets on with it."""

from __future__ import annotations

from datetime import date

import streamlit as st

from core.desk.desk import Desk
from core.desk.fetch_wish import FetchWish, ask_fetch
from core.desk.jobs import call_off_job
from core.views.fetch import BY_SYMBOL, FIGURES, KINDS, fetch_form
from core.views.job import job_view
from core.views.providers import providers_view
from ui.backtest_form import symbols_in
from ui.frame import PERSON, act, can_write
from ui.job import job_panel
from ui.parts import Column, draw, note, panel, table

PROVIDERS = (Column("Provider", "label"), Column("", "set_up"), Column("Wire", "wire", wraps=True),
             Column("Breaker", "breaker", wraps=True), Column("Answered", "last_success"),
             Column("24 h used", "used", number=True))  # fmt: skip
NEVER = "Nothing was asked for yet."


def fetch_part(desk: Desk) -> None:
    """The providers as they stand, a form to fetch with, and the newest fetch."""
    rows = providers_view(desk.home)
    draw(panel("Providers", table(PROVIDERS, rows), note=f"{len(rows)}"))
    form = fetch_form(desk)
    draw(panel("Fetch prices", *([note(form.refused)] if form.refused else [])))
    if form.refused:
        return
    with st.form("fetch", border=False):
        st.selectbox("Whose", list(form.whose), key="fetch_whose")
        st.text_input("Symbols", key="fetch_symbols", placeholder="RELIANCE, TCS")
        with st.container(horizontal=True):
            st.selectbox("What", list(KINDS), key="fetch_what")
            st.date_input("From", None, key="fetch_start")
            st.date_input("To", None, key="fetch_end")
        st.form_submit_button("Fetch prices", type="primary", disabled=not can_write(desk),
                              on_click=act, args=(_ask, desk))  # fmt: skip
    fetch_progress(desk)


def fetch_progress(desk: Desk) -> None:
    """The newest fetch, its progress or result, and a button that stops it."""
    job_panel(desk, "fetch", title="Newest fetch", never=NEVER)
    view = job_view(desk, "fetch")
    if view is not None and view.going:
        st.button("Cancel the fetch", key="fetch_cancel", on_click=act,
                  args=(call_off_job, desk, view.id), kwargs={"by": PERSON})  # fmt: skip


def fetch_one(desk: Desk, symbol: str) -> None:
    """A button for one share's daily bars, with the newest fetch under it."""
    with st.container(key="fetch_one"):
        wish = FetchWish(symbols=(symbol,))
        fetch_button(desk, wish, label=f"Fetch prices of {symbol}", key="fetch_symbol")


def fetch_button(desk: Desk, wish: FetchWish, *, label: str, key: str) -> None:
    """Ask for a wish; disabled while a fetch goes on, and where nothing may be fetched."""
    view, refused = job_view(desk, "fetch"), fetch_form(desk).refused
    st.button(label, key=key, on_click=act, args=(ask_fetch, desk, wish), kwargs={"by": PERSON},
              disabled=bool(refused) or (view is not None and view.going)
              or not can_write(desk))  # fmt: skip
    if refused:
        draw(note(refused))
    elif view is not None:
        fetch_progress(desk)


def _ask(desk: Desk) -> None:
    """Ask for what the form says."""
    given, form = st.session_state, fetch_form(desk)
    scope, name = form.whose.get(given["fetch_whose"], form.whose[BY_SYMBOL])
    wish = FetchWish(
        scope=scope,
        name=name,
        symbols=symbols_in(given["fetch_symbols"]) if not name else (),
        start=_day(given["fetch_start"]),
        end=_day(given["fetch_end"]),
        minutes=KINDS[given["fetch_what"]],
        figures=given["fetch_what"] == FIGURES,
    )
    ask_fetch(desk, wish, by=PERSON)


def _day(chosen: date | None) -> str:
    return chosen.isoformat() if chosen else ""
