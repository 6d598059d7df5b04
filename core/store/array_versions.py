"""A number for each kind of stored array that grows with every change, so caches know theirs."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session

from core.store.sql import upsert
from core.store.tables_prices import array_versions as table

PANEL = "panel"  # bars, factors and successions: everything a panel is read from


def version(tx: Session, what: str = PANEL) -> int:
    """The version of a kind of array; 0 before it was ever written."""
    found = tx.execute(select(table.c.version).where(table.c.what == what)).scalar()
    return 0 if found is None else int(found)


def grow(tx: Session, what: str = PANEL) -> None:
    """Say, in the transaction that writes, that arrays of a kind changed."""
    upsert(tx, table, [{"what": what, "version": version(tx, what) + 1}])
