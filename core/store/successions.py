"""Which ISIN followed which, so that a share's bars read as one series."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session

from core.domain.succession import Succession, newest
from core.store import array_versions
from core.store.sql import flat, upsert
from core.store.tables_actions import successions


def put(tx: Session, found: Sequence[Succession]) -> None:
    """Add changes, or replace the one of the same old ISIN; raises BadInput for a circle."""
    together = links(tx) | {one.isin: one.successor for one in found}
    for one in found:
        newest(one.isin, together)
    stored = set(all_successions(tx))
    new = [one for one in found if one not in stored]
    if new:
        upsert(tx, successions, [flat(one) for one in new])
        array_versions.grow(tx)


def all_successions(tx: Session) -> list[Succession]:
    """Every change, oldest first."""
    rows = tx.execute(select(successions).order_by(successions.c.since, successions.c.isin))
    return [Succession(row.isin, row.successor, row.since, row.source) for row in rows]


def links(tx: Session) -> dict[str, str]:
    """Old ISIN to the one that followed it."""
    rows = tx.execute(select(successions.c.isin, successions.c.successor))
    return {row.isin: row.successor for row in rows}
