"""The watchlist: its rows beside a chart or as a grid, its editor, its undo and its export."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.desk.desk import Desk
from core.desk.watchlist import (
    Move,
    add_to_watchlist,
    bring_back_watchlist,
    deleted_watchlist,
    drop_watchlist,
    move_in_watchlist,
    rename_watchlist,
    save_watchlist,
    symbols_in_text,
)
from core.errors import BadInput
from core.views.markets import WatchlistView, lists_with, watchlist_view
from ui.frame import PERSON, act
from ui.grid import GridColumn, grid
from ui.markup import plain
from ui.open_share import open_share
from ui.parts import draw, note, panel
from ui.share_list import share_list
from ui.tables import as_csv, as_frame

WIDE = (
    GridColumn("symbol", "Symbol", width=112, pinned=True),
    GridColumn("ltp", "LTP ₹", "price", width=84),
    GridColumn("move", "Chg ₹", "pnl", width=80),
    GridColumn("change", "Chg %", "change", width=76),
    GridColumn("mark", "Here", width=112),
    GridColumn("tags", "Mind", width=112),
    GridColumn("open", "Open ₹", "price", width=84, optional=True),
    GridColumn("high", "High ₹", "price", width=84),
    GridColumn("low", "Low ₹", "price", width=84),
    GridColumn("prev_close", "Prev close ₹", "price", width=92, optional=True),
    GridColumn("volume", "Volume, shares", "whole", width=112),
    GridColumn("sector", "Sector", width=150, optional=True),
    GridColumn("size", "Size", width=64, optional=True),
    GridColumn("at", "Price at", "right", width=96),
)
MOVES: tuple[tuple[str, Move], ...] = (
    ("▲", "up"),
    ("▼", "down"),
    ("Top", "top"),
    ("Remove", "out"),
)
BYTES_MAX = 200_000  # of a CSV of symbols
LIST, DELETED, CHOSEN = "watchlist", "watchlist_deleted", "chosen_row"


@st.fragment(run_every="2s")
def ticking_list(desk: Desk, name: str, *, chosen: str) -> None:
    """The list's rows beside a chart, drawn again alone as prices move."""
    view = watchlist_view(desk, name=name)
    draw(panel(view.name, note=view.note), *([] if view.rows else [note(view.empty)]))
    if view.rows:
        symbol = next((row.symbol for row in view.rows if row.isin == chosen), "")
        if opened := share_list(view.rows, chosen=symbol, key="shares"):
            open_share(opened)
            st.rerun()


def wide_list(desk: Desk, view: WatchlistView) -> None:
    """The list as a grid of all its columns; a chosen row opens."""
    draw(panel(view.name, note=view.note), *([] if view.rows else [note(view.empty)]))
    if view.rows:
        chosen = grid(as_frame(view.rows, WIDE, "isin"), WIDE, key="watch_wide",
                      rows_max=22)  # fmt: skip
        if chosen and chosen != st.session_state.get(CHOSEN):
            open_share(chosen)
        st.session_state[CHOSEN] = chosen


def list_actions(desk: Desk, view: WatchlistView) -> None:
    """New list, edit and export."""
    with st.container(key="list_actions", horizontal=True, width="content"):
        # what is in them is sent when they open, not with every drawing of the page
        new = st.popover("New list", key="new_list", on_change="rerun")
        if new.open:
            with new:
                _form(desk, "", "")
        if view.is_own:
            edit = st.popover("Edit list", key="edit_list", on_change="rerun")
            if edit.open:
                with edit:
                    _edit(desk, view)
        st.download_button("Export CSV", partial(as_csv, view.rows), "watchlist.csv", "text/csv",
                           key="watch_csv", disabled=not view.rows,
                           on_click="ignore")  # fmt: skip


def lists_of_share(desk: Desk, isin: str, symbol: str) -> None:
    """A box with a tick for each of the person's lists that has the share."""
    box = st.popover("Lists", key="lists_box", on_change="rerun")
    if box.open:
        with box:
            found = lists_with(desk, isin)
            if not found:
                draw(note("There is no list of your own yet; New list makes one."))
            for name, has in found.items():
                st.checkbox(plain(name), has, key=f"in_{name}_{isin}", on_change=act,
                            args=(_put, desk, name, isin, symbol))  # fmt: skip


def _put(desk: Desk, name: str, isin: str, symbol: str) -> None:
    if st.session_state[f"in_{name}_{isin}"]:
        add_to_watchlist(desk, name, symbol, by=PERSON)
    else:
        move_in_watchlist(desk, name, isin, "out", by=PERSON)


def _edit(desk: Desk, view: WatchlistView) -> None:
    _form(desk, view.name, view.symbols)
    _moves(desk, view)
    st.button("Delete list", key="delete_list", on_click=act,
              args=(_delete, desk, view.name))  # fmt: skip


def _form(desk: Desk, name: str, symbols: str) -> None:
    """A list's name and symbols; a CSV file given with it comes after what is typed."""
    with st.form(f"watchlist_{name}", border=False):
        st.text_input("Name", name, key=f"list_name_{name}")
        st.text_area("Symbols in order, or paste a CSV", symbols, key=f"list_symbols_{name}")
        st.file_uploader(
            "CSV with a Symbol or ISIN column", ["csv", "txt"], key=f"list_file_{name}"
        )
        label = "Save list" if name else "Make list"
        st.form_submit_button(label, on_click=act, args=(_save, desk, name))


def _save(desk: Desk, shown: str) -> None:
    given = st.session_state
    texts = [given[f"list_symbols_{shown}"]]
    file = given.get(f"list_file_{shown}")
    if file is not None:
        if file.size > BYTES_MAX:
            raise BadInput(f"{file.name} has {file.size} bytes; a list has at most {BYTES_MAX}")
        texts.append(file.getvalue().decode("utf-8", errors="replace"))
    symbols = [word for text in texts if text.strip() for word in symbols_in_text(text)]
    wanted = given[f"list_name_{shown}"]
    kept = save_watchlist(desk, shown or wanted, symbols, by=PERSON)
    if shown:
        kept = rename_watchlist(desk, shown, wanted, by=PERSON)
    given[LIST] = kept.name


def _moves(desk: Desk, view: WatchlistView) -> None:
    """Move the open share within the list."""
    isin = st.session_state.get("isin", "")
    here = next((row.symbol for row in view.rows if row.isin == isin), "")
    if not here:
        draw(note("Choose a row to move it within the list."))
        return
    draw(note(f"{here} in this list"))
    with st.container(horizontal=True):
        for label, move in MOVES:
            st.button(label, key=f"move_{move}", on_click=act,
                      args=(move_in_watchlist, desk, view.name, isin, move),
                      kwargs={"by": PERSON})  # fmt: skip


def _delete(desk: Desk, name: str) -> None:
    st.session_state[DELETED] = drop_watchlist(desk, name, by=PERSON).name
    st.session_state["edit_list"] = False
    st.session_state.pop(LIST, None)


def undo_part(desk: Desk) -> None:
    """After a deletion, one sentence and one button, until the next page or list."""
    gone = st.session_state.get(DELETED, "")
    if gone and deleted_watchlist(desk) == gone:
        with st.container(key="list_undo", horizontal=True, vertical_alignment="center"):
            draw(note(f"{gone} is deleted."))
            st.button("Undo", key="undo_list", type="tertiary", on_click=act,
                      args=(_bring_back, desk))  # fmt: skip


def _bring_back(desk: Desk) -> None:
    st.session_state[LIST] = bring_back_watchlist(desk, by=PERSON).name
    st.session_state.pop(DELETED, None)
