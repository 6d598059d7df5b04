"""Ctrl+K: find a share, any listed instrument or a page by typing; arrows move, Enter opens.

The box holds the pages and every share the desk follows, so that the browser narrows them as one
types. What is not among them is looked up in the brokers' instrument masters.
"""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.errors import NotFound
from core.store import instruments
from core.views.search import SearchRow, find
from ui.focus import focus_first_field
from ui.markup import plain
from ui.menu import MENU, Entry, exists
from ui.parts import Column, draw, note, panel, table

MARKETS = next(entry for entry in MENU if entry.name == "markets")
LISTED_MAX = 12
LISTED = (Column("Symbol", "symbol"), Column("Name", "name", wraps=True),
          Column("Kind", "kind", spare=True), Column("Listed by", "brokers", spare=True),
          Column("Tick ₹", "tick", number=True))  # fmt: skip


@st.dialog("Search")
def search_dialog(desk: Desk) -> None:
    """A box over shares and pages; what is chosen opens, what is typed beside them is looked up."""
    pages = {entry.title: entry for entry in MENU if exists(entry)}
    with desk.store.read() as tx:
        followed = instruments.all_instruments(tx)
    shares = {f"{one.symbol} · {one.name}": one.isin for one in followed}
    exact = {one.symbol.lower(): one.isin for one in followed}
    titles = {title.lower(): entry for title, entry in pages.items()}
    typed = st.selectbox("Symbol, company, ISIN or page", [*shares, *pages], None,
                         key="search_text", placeholder="RELIANCE, tata, risk",
                         accept_new_options=True)  # fmt: skip
    plainly = (typed or "").strip()
    if isin := shares.get(plainly) or exact.get(plainly.lower()):
        _open(MARKETS, isin=isin)
    elif entry := titles.get(plainly.lower()):
        _open(entry)
    elif plainly:
        _look_up(desk, plainly)
    focus_first_field()


def _open(entry: Entry, **query: str) -> None:
    st.switch_page(entry.path, query_params=query)


def _look_up(desk: Desk, typed: str) -> None:
    """Shares the desk follows by ISIN or part of a name, then everything the brokers list."""
    with desk.store.read() as tx:
        followed = instruments.search(tx, typed, limit=LISTED_MAX)
    if len(followed) == 1:
        _open(MARKETS, isin=followed[0].isin)
    for share in followed:
        st.page_link(MARKETS.path, label=plain(f"{share.symbol} · {share.name}"),
                     query_params={"isin": share.isin})  # fmt: skip
    try:
        found = find(desk, typed, limit=LISTED_MAX)
    except NotFound:
        if not followed:
            draw(note(f"Nothing is called {typed} among the shares followed, and no broker's "
                      "instrument list is loaded to look further."))  # fmt: skip
        return
    listed: tuple[SearchRow, ...] = tuple(row for row in found.rows if not row.followed)
    if listed:
        draw(panel("Listed, without prices here", table(LISTED, listed), note=f"{len(listed)}"))
    elif not followed:
        draw(note(found.note))
