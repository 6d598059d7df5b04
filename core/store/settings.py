"""Small choices a person made, by key; values are JSON."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session

from core.domain.audit import canonical
from core.store.sql import upsert
from core.store.tables_desk import settings


def get(tx: Session, key: str, default: Any = None) -> Any:
    """The value of a key, or `default` when it was never put."""
    found = tx.execute(select(settings.c.value).where(settings.c.key == key)).scalar()
    return default if found is None else json.loads(found)


def starting(tx: Session, prefix: str) -> dict[str, Any]:
    """Every value whose key starts with `prefix`, by key."""
    named = settings.c.key.startswith(prefix, autoescape=True)
    found = tx.execute(select(settings.c.key, settings.c.value).where(named))
    return {key: json.loads(value) for key, value in found}


def drop(tx: Session, key: str) -> None:
    """Forget a key; nothing happens when it was never put."""
    tx.execute(delete(settings).where(settings.c.key == key))


def put(tx: Session, key: str, value: Any) -> None:
    """Keep a value of plain JSON."""
    upsert(tx, settings, [{"key": key, "value": canonical(value)}])
