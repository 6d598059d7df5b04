"""Named lists of instruments a person follows."""

from __future__ import annotations

import json

from sqlalchemy import delete, select
from sqlmodel import Session

from core.domain.watch import Watchlist
from core.errors import NotFound
from core.store.sql import changed, near, upsert
from core.store.tables_desk import watchlists

W = watchlists.c


def put(tx: Session, watchlist: Watchlist) -> None:
    """Add a list, or replace the one of that name."""
    upsert(tx, watchlists, [{"name": watchlist.name, "isins": json.dumps(watchlist.isins)}])


def all_watchlists(tx: Session) -> list[Watchlist]:
    """Every list, by name."""
    rows = tx.execute(select(watchlists).order_by(W.name))
    return [Watchlist(name=row.name, isins=tuple(json.loads(row.isins))) for row in rows]


def by_name(tx: Session, name: str) -> Watchlist:
    """One list; raises NotFound naming near ones."""
    found = {watchlist.name: watchlist for watchlist in all_watchlists(tx)}
    if name not in found:
        raise NotFound(f"no watchlist is named {name}; {near(name, found)}")
    return found[name]


def drop(tx: Session, name: str) -> None:
    """Take a list away; raises NotFound."""
    if changed(tx, delete(watchlists).where(W.name == name)) != 1:
        by_name(tx, name)
