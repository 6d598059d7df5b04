"""The worker's last pulse; one row that each beat replaces."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session

from core.domain.job import Heartbeat
from core.store.moment import kept
from core.store.sql import flat, upsert
from core.store.tables_desk import heartbeats


def beat(tx: Session, heartbeat: Heartbeat) -> None:
    """Replace the last pulse."""
    upsert(tx, heartbeats, [{"id": 1, **flat(heartbeat)}])


def last(tx: Session) -> Heartbeat | None:
    """The last pulse, or None when no worker ever ran."""
    return kept(tx, "heartbeat", "", lambda: _read(tx))


def _read(tx: Session) -> Heartbeat | None:
    row = tx.execute(select(heartbeats)).mappings().one_or_none()
    return None if row is None else Heartbeat(**{k: v for k, v in row.items() if k != "id"})
