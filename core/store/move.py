"""Move a SQLite store into an empty PostgreSQL database, in one transaction of each.

The old store is locked while it is read and is left as it was; the new one stands whole or not at
all. Rows are counted and compared by a sum of their hashes, and both chains end in one head.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, Table, func, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlmodel import Session

from core.domain.audit import Anchor
from core.domain.clock import Clock, ist_day
from core.domain.words import ist_time, qty
from core.errors import BadInput, BadSetting, NotFound, Refused, Tampered
from core.store import audit, migrate
from core.store.engine import connect, store_url
from core.store.moved import note_moved, refuse_moved
from core.store.sound import why_unsound
from core.store.tables import METADATA
from core.store.tables_desk import leases

BATCH = 2_000  # rows held at a time
HASHES = 2**61 - 1  # sums of row hashes stay below it


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: rows by table, and the head that both chains had."""

    rows: dict[str, int]
    head: Anchor
    place: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of a table and the sum of their hashes, in whatever order they come."""

    rows: int
    hashes: int


def move(source: str, target: str, *, clock: Clock, by: str, anchor: Anchor | None) -> Moved:
    """Copy every row of a stopped SQLite store into an empty PostgreSQL database.

    Args:
        source: the URL of the store that is left; its worker must have stopped.
        target: the URL of a database without a table.
        clock: tells when, and by its monotonic seconds whether the lease is still held.
        by: who moves it, for the record of the new store.
        anchor: the head noted outside the store, which its record must still hold.

    Raises:
        BadSetting: a URL that names no such pair of stores, or a server that cannot be reached.
        NotFound: there is no store to move.
        Refused: a worker holds the lease, or the target has tables.
        Tampered: the old store fails its check, or the new one does not hold the same rows.
    """
    here, there = places(source, target)
    if why := why_unsound(source):
        raise Tampered(f"the store fails its check ({why}); restore it as docs/restore.md says")
    old, new = connect(source), connect(target)
    try:
        migrate.upgrade(old)
        with old.begin() as reads, _reached(new, there) as writes:  # one lock on each store
            _refuse_running(reads, monotonic=clock.monotonic())
            refuse_moved(here)  # somebody may have been quicker
            with _session(reads) as tx:
                head = audit.verify(tx, anchor=anchor).head
            moved = _copied(reads, writes, place=_shown(there))
            _check_head(writes, head)
            with _session(writes) as tx:
                body = {"from": "sqlite", "to": "postgresql", "rows": sum(moved.values())}
                audit.append(
                    tx, at=clock.now(), actor=by, verb="move store", subject="store", body=body
                )
                tx.commit()
            writes.commit()
            _leave(here, there, at=clock.now())
    finally:
        old.dispose()
        new.dispose()
    return Moved(rows=moved, head=head, place=_shown(there))


def places(source: str, target: str) -> tuple[URL, URL]:
    """Both URLs, of a SQLite file that is there and of PostgreSQL; raises BadSetting, NotFound."""
    here, there = store_url(source), store_url(target)
    if here.get_backend_name() != "sqlite":
        raise BadSetting("this store is PostgreSQL already; pg_dump and pg_restore move that")
    if there.get_backend_name() == "sqlite":
        raise BadSetting("a store moves to PostgreSQL; use postgresql://USER@HOST/NAME")
    if not Path(str(here.database)).is_file():
        raise NotFound(f"{here.database} is not there, so there is no store to move")
    refuse_moved(here)
    return here, there


def _shown(place: URL) -> str:
    return place.render_as_string(hide_password=True)


@contextmanager
def _reached(engine: Engine, place: URL) -> Iterator[Connection]:
    """A transaction on the new store; it is the caller's to commit."""
    try:
        connection = engine.connect()
    except OperationalError as wrong:
        why = str(wrong.orig).splitlines()[0]
        raise BadSetting(f"{_shown(place)} cannot be reached ({why}); nothing was moved") from None
    with connection:
        yield connection


def _session(connection: Connection) -> Session:
    """A session inside a transaction that is not its own to end."""
    return Session(connection, join_transaction_mode="create_savepoint")


def _leave(here: URL, there: URL, *, at: datetime) -> None:
    """Note beside the old store where it went; nothing of the new one is undone."""
    said = f"this store was moved to {_shown(there)} on {ist_day(at)} at {ist_time(at)}"
    try:
        note_moved(str(here.database), said)
    except OSError as full:
        raise Refused(
            f"{said}, and no note of that could be put beside the old one ({full.strerror}); set "
            "DATABASE_URL to the new one before Munim starts again"
        ) from None


def _refuse_running(reads: Connection, *, monotonic: float) -> None:
    """Raise Refused while a worker renews its lease."""
    for lease in reads.execute(select(leases)):
        age = monotonic - lease.renewed
        if lease.holder and 0 <= age < lease.seconds:
            raise Refused(
                f"{lease.holder} renewed its lease {age:.1f} s ago of {lease.seconds:.0f} s; stop "
                "Munim, wait that long and move the store then"
            )


def _copied(reads: Connection, writes: Connection, *, place: str) -> dict[str, int]:
    """Make the tables, copy each and compare it; the transaction is not committed."""
    migrate.lock(writes)
    if there_already := inspect(writes).get_table_names():
        raise Refused(
            f"{place} has {len(there_already)} tables, {sorted(there_already)[0]} the first; move "
            "into a database that is empty, for nothing in it may be overwritten"
        )
    migrate.make_tables(writes)
    moved: dict[str, int] = {}
    for table in METADATA.sorted_tables:
        try:
            gave = _copy(reads, writes, table)
        except (psycopg.Error, DatabaseError) as wrong:
            why = str(getattr(wrong, "orig", wrong)).splitlines()[0]
            raise BadInput(f"{table.name} cannot be moved ({why}); nothing was moved") from None
        has = _count(writes, table)
        if has != gave:
            raise Tampered(
                f"{table.name}: {qty(gave.rows)} rows were read and {qty(has.rows)} arrived"
                f"{', not all of them the same' if has.rows == gave.rows else ''}; "
                "nothing was moved"
            )
        _continue_numbers(writes, table)
        moved[table.name] = gave.rows
    return moved


def _copy(reads: Connection, writes: Connection, table: Table) -> Counted:
    """Every row by PostgreSQL's COPY, as the values that Munim would read of it."""
    names = [column.name for column in table.columns]
    quoted = ", ".join(f'"{name}"' for name in names)
    rows = hashes = 0
    cursor: Any = writes.connection.cursor()
    with cursor, cursor.copy(f'COPY "{table.name}" ({quoted}) FROM STDIN') as copy:
        for row in _rows(reads, table):
            copy.write_row(row)
            rows, hashes = rows + 1, (hashes + hash(row)) % HASHES
    return Counted(rows, hashes)


def _count(connection: Connection, table: Table) -> Counted:
    rows = hashes = 0
    for row in _rows(connection, table):
        rows, hashes = rows + 1, (hashes + hash(row)) % HASHES
    return Counted(rows, hashes)


def _rows(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    found = connection.execute(select(table), execution_options={"yield_per": BATCH})
    for row in found:
        yield tuple(row)


def _continue_numbers(writes: Connection, table: Table) -> None:
    """Let a numbered table go on after its last row."""
    column = table.autoincrement_column
    if column is None:
        return
    named = {"table": f'"{table.name}"', "column": column.name}
    counter = writes.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), named).scalar()
    if counter is None:
        return
    last = writes.execute(select(func.max(column))).scalar()
    writes.execute(select(func.setval(counter, last or 1, last is not None)))


def _check_head(writes: Connection, head: Anchor) -> None:
    """Walk the new store's chain; raises Tampered unless it ends as the old one's does."""
    with _session(writes) as tx:
        arrived = audit.verify(tx).head
    if arrived != head:
        raise Tampered(
            f"the record ended at entry {head.seq} and at entry {arrived.seq} after the move; "
            "nothing was moved"
        )
