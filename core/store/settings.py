"""Small choices a person made, by key; values are JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session

from core.domain.audit import canonical
from core.store.moment import keep, keeps, kept
from core.store.sql import parts, upsert
from core.store.tables_desk import settings

VALUE = "setting"


def get(tx: Session, key: str, default: Any = None) -> Any:
    """The value of a key, or `default` when it was never put."""
    read = select(settings.c.value).where(settings.c.key == key)
    found = kept(tx, VALUE, key, lambda: tx.execute(read).scalar())
    return default if found is None else json.loads(found)


def read_ahead(tx: Session, keys: Sequence[str]) -> None:
    """Read the values of many keys together, where the transaction only reads."""
    found: dict[str, str | None] = dict.fromkeys(keys)
    if keeps(tx):
        for lot in parts(list(found)):
            rows = tx.execute(select(settings).where(settings.c.key.in_(lot)))
            found |= {row.key: row.value for row in rows}
        keep(tx, VALUE, found)


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
    put_all(tx, {key: value})


def put_all(tx: Session, values: Mapping[str, Any]) -> None:
    """Keep many values of plain JSON."""
    upsert(tx, settings, [{"key": key, "value": canonical(one)} for key, one in values.items()])
