"""Forms a person has begun to fill, by key, so that a closed tab loses nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session

from core.domain.audit import canonical
from core.store.sql import upsert
from core.store.tables_desk import drafts


def save(tx: Session, key: str, draft: Mapping[str, Any]) -> None:
    """Keep a draft of plain JSON, replacing the one under that key."""
    upsert(tx, drafts, [{"key": key, "body": canonical(dict(draft))}])


def load(tx: Session, key: str) -> dict[str, Any] | None:
    """The draft under a key, or None."""
    found = tx.execute(select(drafts.c.body).where(drafts.c.key == key)).scalar()
    return None if found is None else dict(json.loads(found))


def keys(tx: Session, beginning: str) -> list[str]:
    """Keys of the drafts that begin with these letters, in order."""
    found = tx.execute(select(drafts.c.key).order_by(drafts.c.key)).scalars()
    return [str(key) for key in found if str(key).startswith(beginning)]


def drop(tx: Session, key: str) -> None:
    """Forget a draft; one that is gone already is fine."""
    tx.execute(delete(drafts).where(drafts.c.key == key))
