"""Lists the person follows: make, rename, reorder, read from text, delete and bring back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Literal

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.watch import Watchlist
from core.errors import BadInput, NotFound
from core.store import audit, drafts, instruments, watchlists

Move = Literal["up", "down", "top", "out"]
DELETED = "watchlist:deleted"
HEADS = ("symbol", "tradingsymbol", "trading symbol", "isin", "isin code", "instrument")
SYMBOLS_MAX = 1_000
NAME_MAX = 60


def save_watchlist(desk: Desk, name: str, symbols: Sequence[str], *, by: str) -> Watchlist:
    """Store a list in the order given; an unknown symbol or ISIN refuses the whole list."""
    if not name.strip():
        raise BadInput("a watchlist needs a name")
    if len(name.strip()) > NAME_MAX:
        raise BadInput(f"a name of {len(name.strip())} letters is too long; use up to {NAME_MAX}")
    with desk.store.write() as tx:
        isins = [_isin(tx, symbol.strip().upper()) for symbol in symbols]
        kept = Watchlist(name=name.strip(), isins=tuple(dict.fromkeys(isins)))
        watchlists.put(tx, kept)
        _note(tx, desk, kept, verb="watchlist", by=by)
    return kept


def rename_watchlist(desk: Desk, old: str, new: str, *, by: str) -> Watchlist:
    """Give a list another name; raises BadInput where that is another list's."""
    wanted = new.strip()
    if not wanted:
        raise BadInput("a watchlist needs a name")
    with desk.store.write() as tx:
        found = watchlists.by_name(tx, old)
        if wanted == old:
            return found
        if wanted in {one.name for one in watchlists.all_watchlists(tx)}:
            raise BadInput(f"a list called {wanted} is there already; choose another name")
        kept = Watchlist(wanted, found.isins)
        watchlists.drop(tx, old)
        watchlists.put(tx, kept)
        _note(tx, desk, kept, verb="watchlist renamed", by=by, was=old)
    return kept


def move_in_watchlist(desk: Desk, name: str, isin: str, move: Move, *, by: str) -> Watchlist:
    """Move one share of a list a place up or down, to the top, or out of it."""
    with desk.store.write() as tx:
        found = watchlists.by_name(tx, name)
        if isin not in found.isins:
            raise NotFound(f"{isin} is not in {name}; choose one of its {len(found.isins)} shares")
        rest = [one for one in found.isins if one != isin]
        at = found.isins.index(isin)
        if move != "out":
            step = {"up": at - 1, "down": at + 1, "top": 0}[move]
            rest.insert(min(max(step, 0), len(rest)), isin)
        kept = Watchlist(name, tuple(rest))
        watchlists.put(tx, kept)
        _note(tx, desk, kept, verb="watchlist", by=by)
    return kept


def add_to_watchlist(desk: Desk, name: str, symbol: str, *, by: str) -> Watchlist:
    """Put one share at the end of a list, unless it is there."""
    with desk.store.write() as tx:
        found = watchlists.by_name(tx, name)
        isin = _isin(tx, symbol.strip().upper())
        kept = Watchlist(name, tuple(dict.fromkeys((*found.isins, isin))))
        watchlists.put(tx, kept)
        _note(tx, desk, kept, verb="watchlist", by=by)
    return kept


def drop_watchlist(desk: Desk, name: str, *, by: str) -> Watchlist:
    """Delete a list and keep it for `bring_back_watchlist`; raises NotFound."""
    with desk.store.write() as tx:
        gone = watchlists.by_name(tx, name)
        watchlists.drop(tx, name)
        drafts.save(tx, DELETED, {"name": gone.name, "isins": list(gone.isins)})
        _note(tx, desk, gone, verb="watchlist deleted", by=by)
    return gone


def deleted_watchlist(desk: Desk) -> str:
    """The name of the list deleted last that can still be brought back; empty when none can."""
    with desk.store.read() as tx:
        kept = drafts.load(tx, DELETED)
    return "" if kept is None else str(kept["name"])


def bring_back_watchlist(desk: Desk, *, by: str) -> Watchlist:
    """Undo the last deletion.

    Raises:
        NotFound: none was deleted, or it is back already.
        BadInput: another list took its name meanwhile.
    """
    with desk.store.write() as tx:
        kept = drafts.load(tx, DELETED)
        if kept is None:
            raise NotFound("no deleted watchlist is kept; make it again")
        back = Watchlist(str(kept["name"]), tuple(kept["isins"]))
        if back.name in {one.name for one in watchlists.all_watchlists(tx)}:
            raise BadInput(f"a list called {back.name} is there already; rename that one first")
        watchlists.put(tx, back)
        drafts.drop(tx, DELETED)
        _note(tx, desk, back, verb="watchlist brought back", by=by)
    return back


def symbols_in_text(text: str) -> list[str]:
    """Symbols or ISINs of pasted text or a CSV file, in order, each once.

    A CSV file needs a column called Symbol, Tradingsymbol, Instrument or ISIN; plain text has
    symbols with commas, blanks or lines between, with or without `NSE:` before them.

    Raises:
        BadInput: there is none, or more than a thousand.
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    rows = list(csv.reader(io.StringIO("\n".join(lines))))
    heads = [cell.strip().lower() for cell in rows[0]] if rows else []
    named = [heads.index(head) for head in HEADS if head in heads]
    if named:
        words = [row[named[0]] for row in rows[1:] if len(row) > named[0]]
    else:
        words = re.split(r"[\s,;]+", "\n".join(lines))
    found = list(dict.fromkeys(filter(None, (_plain(word) for word in words))))
    if not found:
        raise BadInput("there is no symbol in that; give symbols, or a CSV with a Symbol column")
    if len(found) > SYMBOLS_MAX:
        raise BadInput(f"{len(found)} symbols are too many for a list; take up to {SYMBOLS_MAX}")
    return found


def _plain(word: str) -> str:
    bare = word.strip().strip("\"'").upper()
    return re.sub(r"^(NSE|BSE):|[-.](EQ|BE|BZ|NS|NSE)$", "", bare)


def _isin(tx: Session, word: str) -> str:
    """The ISIN of a symbol, or of an ISIN; raises NotFound naming near ones."""
    if len(word) == 12 and word.startswith("IN"):
        return instruments.by_isin(tx, word).isin
    return instruments.by_symbol(tx, word).isin


def _note(tx: Session, desk: Desk, one: Watchlist, *, verb: str, by: str, was: str = "") -> None:
    body: dict[str, object] = {"isins": list(one.isins), **({"was": was} if was else {})}
    audit.append(tx, at=desk.clock.now(), actor=by, verb=verb, subject=one.name, body=body)
