"""The paper broker's own file: an append-only journal of exchange events and the market clock.

Events are JSON rows by class name; the database refuses to change or delete one. A journal
belongs to one login and is never the desk's store.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

from core.domain.money import Money
from core.errors import BadInput, Tampered
from core.exchange.values import ExchangeEvent

KINDS: dict[str, type[Any]] = {cls.__name__: cls for cls in get_args(ExchangeEvent)}

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS clock (one INTEGER PRIMARY KEY CHECK (one = 1), at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS owner (one INTEGER PRIMARY KEY CHECK (one = 1), login TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS journal_keeps_rows BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER IF NOT EXISTS journal_loses_none BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""


class Journal:
    """One open journal file; the caller serialises access.

    Raises BadInput when the file cannot be opened or belongs to another login.
    """

    def __init__(self, path: Path | str, *, login_id: str) -> None:
        self.path = path
        try:
            # isolation_level None: transactions are begun and committed in plain sight
            self._db = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=10.0
            )
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(SCHEMA)
            self._db.execute("INSERT OR IGNORE INTO owner VALUES (1, ?)", (login_id,))
            owner = self._db.execute("SELECT login FROM owner").fetchone()[0]
        except sqlite3.Error as error:
            raise BadInput(
                f"journal {path} cannot be opened ({error}); check the folder"
            ) from error
        if owner != login_id:
            self._db.close()
            raise BadInput(
                f"journal {path} belongs to login {owner} and cannot serve {login_id}; "
                "give each login a file of its own"
            )

    def append(self, events: Iterable[ExchangeEvent]) -> None:
        """Commit events together, in order; sqlite3.Error means none of them stands."""
        rows = [(type(event).__name__, json.dumps(_plain(event))) for event in events]
        if not rows:
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("INSERT INTO journal (kind, body) VALUES (?, ?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def events(self) -> Iterator[ExchangeEvent]:
        """Every event, oldest first; Tampered names a row that cannot be read."""
        for seq, kind, body in self._db.execute("SELECT seq, kind, body FROM journal ORDER BY seq"):
            try:
                yield _value(KINDS[kind], json.loads(body))
            except (KeyError, TypeError, ValueError) as error:
                raise Tampered(
                    f"journal {self.path} row {seq} ({kind}) cannot be read: {error}; "
                    "restore the file from a backup"
                ) from error

    def save_clock(self, at: datetime) -> None:
        """Keep the market's time, replacing what was kept."""
        self._db.execute("INSERT OR REPLACE INTO clock VALUES (1, ?)", (at.isoformat(),))

    def saved_clock(self) -> datetime | None:
        """The market's time when it was last kept."""
        row = self._db.execute("SELECT at FROM clock").fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _plain(value: Any) -> Any:
    """A value as JSON can hold it; money as integer paise."""
    if isinstance(value, Money):
        return value.paise
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    return value.isoformat() if isinstance(value, date) else value


@cache
def _types(cls: type[Any]) -> dict[str, type[Any]]:
    """Field types of a dataclass, with `X | None` read as X."""
    return {name: _without_none(hint) for name, hint in get_type_hints(cls).items()}


def _without_none(hint: Any) -> type[Any]:
    options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    found: type[Any] = next(option for option in options if option is not type(None))
    return found


def _value(cls: type[Any], plain: Any) -> Any:
    """The inverse of `_plain` for one type; an absent field raises TypeError."""
    if plain is None:
        return None
    if cls is Money:
        return Money(plain)
    if is_dataclass(cls):
        return cls(**{name: _value(_types(cls)[name], part) for name, part in plain.items()})
    if issubclass(cls, (datetime, date)):
        return cls.fromisoformat(plain)
    return cls(plain) if issubclass(cls, StrEnum) else plain
