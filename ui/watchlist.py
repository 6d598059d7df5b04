"""The watchlist: which list, its rows in a grid, its editor and its export."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.desk.watchlist import save_watchlist
from core.views.markets import EVERYTHING, WatchlistView
from ui.backtest_form import symbols_in
from ui.frame import PERSON, act
from ui.grid import GridColumn, grid
from ui.parts import draw, note, panel
from ui.tables import as_frame, csv_button

NARROW = (
    GridColumn("symbol", "Symbol", width=112),
    GridColumn("change", "Chg %", "change", width=72),
    GridColumn("ltp", "LTP ₹", "price", width=84),
)
WIDE = (
    GridColumn("symbol", "Symbol", width=112, pinned=True),
    GridColumn("ltp", "LTP ₹", "price", width=84),
    GridColumn("move", "Chg ₹", "pnl", width=80),
    GridColumn("change", "Chg %", "change", width=76),
    GridColumn("mark", "Here", width=112),
    GridColumn("open", "Open ₹", "price", width=84, optional=True),
    GridColumn("high", "High ₹", "price", width=84),
    GridColumn("low", "Low ₹", "price", width=84),
    GridColumn("prev_close", "Prev close ₹", "price", width=92, optional=True),
    GridColumn("volume", "Volume, shares", "whole", width=112),
    GridColumn("sector", "Sector", width=150, optional=True),
    GridColumn("size", "Size", width=64, optional=True),
    GridColumn("at", "Price at", "right", width=76),
)


def watchlist_part(desk: Desk, view: WatchlistView, *, wide: bool) -> str:
    """Draw the list and return the ISIN of a row just chosen, empty when none is."""
    draw(panel(view.name, note=view.note))
    chosen = ""
    if view.rows:
        columns = WIDE if wide else NARROW
        chosen = grid(as_frame(view.rows, columns, "isin"), columns, key=f"watch_{wide}",
                      id_field="isin", rows_max=22 if wide else 16)  # fmt: skip
    else:
        draw(note(view.empty))
    with st.container(horizontal=True):
        csv_button("Export CSV", view.rows, file="watchlist.csv", key="watch_csv")
        with st.popover("Edit list"):
            _editor(desk, view)
    return chosen


def _editor(desk: Desk, view: WatchlistView) -> None:
    with st.form(f"watchlist_{view.name}", border=False):
        new = view.name == EVERYTHING
        st.text_input("Name", "" if new else view.name, key=f"list_name_{view.name}")
        st.text_area("Symbols, in order", view.symbols, key=f"list_symbols_{view.name}")
        st.form_submit_button("Save list", on_click=act, args=(_save, desk, view.name))


def _save(desk: Desk, shown: str) -> None:
    symbols = symbols_in(st.session_state[f"list_symbols_{shown}"])
    kept = save_watchlist(desk, st.session_state[f"list_name_{shown}"], symbols, by=PERSON)
    st.session_state["watchlist"] = kept.name
