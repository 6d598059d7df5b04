"""What is remembered about vendors over restarts: breakers, last answers, turns taken.

One small SQLite file in the desk's home. It is a cache and a record of the network, not the
books: losing it costs requests, never a fact the store holds.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from core.errors import SourceFailed

FILE: Final = "providers.db"
KEPT_FOR: Final = timedelta(days=30)
WAIT: Final = 5.0  # seconds for another process that writes
TABLES: Final = """
CREATE TABLE IF NOT EXISTS vendors (
    name TEXT PRIMARY KEY, state TEXT NOT NULL, failures INTEGER NOT NULL,
    successes INTEGER NOT NULL, opened_at REAL, not_before REAL, last_success_at REAL,
    last_failure_at REAL, last_failure TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    vendor TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL, payload TEXT NOT NULL,
    PRIMARY KEY (vendor, key));
CREATE TABLE IF NOT EXISTS turns (key TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS turns_of_key ON turns (key, at);
"""


@dataclass(frozen=True, slots=True)
class VendorState:
    """A vendor's breaker as pybreaker names it, and when it last answered or failed."""

    name: str
    state: str = "closed"
    failures: int = 0
    successes: int = 0
    opened_at: datetime | None = None
    not_before: datetime | None = None  # the vendor asked not to be asked until then
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_failure: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A cached answer: plain JSON, and when it was given."""

    payload: Any
    at: datetime


class Memory:
    """Reads and writes the file; it comes into being at the first write."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._base: sqlite3.Connection | None = None
        self._lock = threading.RLock()

    def vendor(self, name: str) -> VendorState:
        """What is known of a vendor; a closed breaker when it was never asked."""
        return self.vendors().get(name, VendorState(name))

    def vendors(self) -> dict[str, VendorState]:
        """Every vendor that was ever asked, by name."""
        if not self.path.exists():
            return {}
        with self._open() as base:
            return {row[0]: _vendor(row) for row in base.execute("SELECT * FROM vendors")}

    def change(self, name: str, **parts: Any) -> VendorState:
        """Change some parts of a vendor's state and return the whole."""
        with self._writing() as base:
            row = base.execute("SELECT * FROM vendors WHERE name = ?", (name,)).fetchone()
            state = replace(_vendor(row) if row else VendorState(name), **parts)
            values = [_plain(getattr(state, part)) for part in VendorState.__slots__]
            marks = ", ".join("?" * len(values))
            base.execute(f"INSERT OR REPLACE INTO vendors VALUES ({marks})", values)
        return state

    def answer(self, vendor: str, key: str) -> Kept | None:
        """The last good answer to a question, whatever its age."""
        if not self.path.exists():
            return None
        asked = "SELECT payload, at FROM answers WHERE vendor = ? AND key = ?"
        with self._open() as base:
            row = base.execute(asked, (vendor, key)).fetchone()
        return None if row is None else Kept(json.loads(row[0]), _time(row[1]))

    def newest_answer_at(self) -> dict[str, datetime]:
        """When each vendor's newest cached answer was given."""
        if not self.path.exists():
            return {}
        with self._open() as base:
            rows = base.execute("SELECT vendor, max(at) FROM answers GROUP BY vendor").fetchall()
        return {vendor: _time(at) for vendor, at in rows}

    def keep(self, vendor: str, key: str, payload: Any, *, at: datetime) -> None:
        """Keep a good answer, and drop those too old to be of use to anyone."""
        with self._writing() as base:
            row = (vendor, key, at.timestamp(), json.dumps(payload))
            base.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", row)
            base.execute("DELETE FROM answers WHERE at < ?", ((at - KEPT_FOR).timestamp(),))

    def take_turns(
        self, key: str, *, at: float, seconds: float, allowed: int, wanted: int = 1
    ) -> bool:
        """Count `wanted` more requests unless the last `seconds` would hold over `allowed`.

        Older turns of the key are dropped, and so are those of a clock that ran far ahead.
        """
        outside = "DELETE FROM turns WHERE key = ? AND (at <= ? OR at > ?)"
        with self._writing() as base:
            base.execute(outside, (key, at - seconds, at + seconds))
            taken = base.execute("SELECT count(*) FROM turns WHERE key = ?", (key,)).fetchone()[0]
            if taken + wanted > allowed:
                return False
            base.executemany("INSERT INTO turns VALUES (?, ?)", [(key, at)] * wanted)
        return True

    def turns(self, key: str, *, at: float, seconds: float) -> list[float]:
        """When each request of the last `seconds` was counted, epoch seconds, oldest first."""
        if not self.path.exists():
            return []
        asked = "SELECT at FROM turns WHERE key = ? AND at > ? AND at <= ? ORDER BY at"
        with self._open() as base:
            rows = base.execute(asked, (key, at - seconds, at + seconds)).fetchall()
        return [row[0] for row in rows]

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as base:
            base.execute("BEGIN IMMEDIATE")
            try:
                yield base
            except BaseException:
                base.execute("ROLLBACK")
                raise
            base.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The one connection, a thread at a time; other processes share only the file."""
        with self._lock:
            try:
                if self._base is None:
                    self._base = _connected(self.path)
                yield self._base
            except sqlite3.Error as error:
                raise SourceFailed(
                    f"the record of providers {FILE} cannot be used ({error}); "
                    "remove the file to start it afresh"
                ) from None


def _connected(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, timeout=WAIT, isolation_level=None, check_same_thread=False)
    base.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + TABLES)
    return base


def _vendor(row: Sequence[Any]) -> VendorState:
    name, state, failures, successes, *times, words = row
    opened, not_before, success, failure = (None if at is None else _time(at) for at in times)
    return VendorState(
        name=name,
        state=state,
        failures=failures,
        successes=successes,
        opened_at=opened,
        not_before=not_before,
        last_success_at=success,
        last_failure_at=failure,
        last_failure=words,
    )


def _plain(value: Any) -> Any:
    return value.timestamp() if isinstance(value, datetime) else value


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
