"""Ctrl+K: find a share or a page by typing."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.domain.instrument import Instrument
from core.store import instruments
from ui.focus import focus_first_field
from ui.markup import plain
from ui.menu import MENU, exists
from ui.parts import draw, note

SHARES_MAX = 8
MARKETS = "markets"


@st.dialog("Search")
def search_dialog(desk: Desk) -> None:
    """A box for a symbol, a company, an ISIN or a page; links under it."""
    text = st.text_input(
        "Symbol, company, ISIN or page", key="search_text", placeholder="RELIANCE, tata, risk"
    ).strip()
    pages = [entry for entry in MENU if exists(entry) and text.lower() in entry.title.lower()]
    for entry in pages[:6]:
        st.page_link(entry.path, label=entry.title)
    found = _shares(desk, text) if text else []
    for share in found:
        label = plain(f"{share.symbol} · {share.name} · {share.sector}")
        target = next(entry for entry in MENU if entry.name == MARKETS)
        if exists(target):
            st.page_link(target.path, label=label, query_params={"isin": share.isin})
        else:
            st.write(label)
    if text and not found and not pages:
        draw(note(f"Nothing is called {text}. Try part of a symbol or of a company's name."))
    focus_first_field()


def _shares(desk: Desk, text: str) -> list[Instrument]:
    with desk.store.read() as tx:
        return instruments.search(tx, text, limit=SHARES_MAX)
