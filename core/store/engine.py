"""One store: an engine, the market it is stamped with, and its two kinds of transaction.

`read` sees one consistent moment and cannot write. `write` takes the write lock before its
first statement on SQLite, so that it can never fail halfway on a lock.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlmodel import Session
from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

from core.domain.account import Market
from core.domain.clock import Clock, WallClock
from core.errors import BadSetting, StoreBusy, StoreUnusable, WrongMarket
from core.store import migrate
from core.store.moment import KEPT
from core.store.moved import refuse_moved
from core.store.sql import insert_new
from core.store.tables_desk import stamps

BUSY_SECONDS = 10
LOCK_TRIES = 3  # so that a write waits half a minute before it gives up
READING = {"munim_reading": True}
STORE_ERRORS = (DatabaseError, sqlite3.DatabaseError, OSError)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@dataclass(frozen=True, slots=True)
class Store:
    """An open store; `market` is what it was stamped with when it was made."""

    engine: Engine = field(repr=False)
    url: str = field(repr=False)
    market: Market

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one moment of the store and changes nothing."""
        with Session(reading(self.engine), info={KEPT: {}}) as tx:
            yield tx
            tx.rollback()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that commits when the block ends and rolls back when it raises.

        Raises:
            StoreBusy: another writer held the lock all through the wait; nothing was written.
            BadSetting: the store was moved away meanwhile; nothing was written.
        """
        with Session(self.engine) as tx:
            _begin(tx, self.engine.url)
            refuse_moved(self.engine.url)  # after the lock, which a move holds to its end
            yield tx
            try:
                tx.commit()
            except OperationalError as wrong:
                raise _busy_or(wrong, self.engine.url) from wrong

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def open_store(
    url: str,
    market: Market,
    *,
    seed: int = 42,
    scratch: bool = False,
    clock: Clock | None = None,
) -> Store:
    """Open the store at a database URL, migrating and stamping it when it is new.

    Args:
        url: `sqlite:///path` or `postgresql+psycopg://...`.
        market: the market to stamp a new store with, or that an old one must carry.
        seed: kept in the stamp of a new store; the simulated market grows from it.
        scratch: gives durability away for speed; for replay and tests only.
        clock: dates the stamp of a new store.

    Raises:
        WrongMarket: the store is stamped for another market.
        BadSetting: the URL names no supported store, one that was moved away, or one that a
            newer Munim wrote.
        StoreUnusable: its file or server cannot be read.
    """
    refuse_moved(store_url(url))
    engine = connect(url, scratch=scratch)
    try:
        migrate.upgrade(engine)
        _stamp_or_refuse(engine, market, seed=seed, clock=clock or WallClock())
    except BaseException as wrong:
        engine.dispose()
        if isinstance(wrong, DatabaseError) and (why := why_unusable(wrong)):
            raise unusable(engine.url, why) from wrong
        raise
    return Store(engine=engine, url=url, market=market)


def connect(url: str, *, scratch: bool = False) -> Engine:
    """An engine with Munim's connection settings; raises BadSetting for an unusable URL."""
    place = store_url(url)
    if place.get_backend_name() == "sqlite":
        engine = create_engine(
            place, pool_size=8, max_overflow=32, connect_args={"timeout": BUSY_SECONDS}
        )
        event.listen(engine, "connect", _sqlite_settings("OFF" if scratch else "FULL"))
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    options = f"-c lock_timeout={BUSY_SECONDS * 1000} -c timezone=UTC"
    if scratch:
        options += " -c synchronous_commit=off"
    return create_engine(
        place, pool_size=8, max_overflow=32, pool_pre_ping=True, connect_args={"options": options}
    )


def reading(engine: Engine) -> Engine:
    """The same engine for transactions that only read."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**READING)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def store_url(url: str) -> URL:
    """The URL as SQLAlchemy reads it, with the driver filled in; raises BadSetting."""
    try:
        place = make_url(url)
    except ArgumentError:
        raise BadSetting(
            "the database URL cannot be read; use sqlite:///path or postgresql://user@host/name"
        ) from None
    if place.get_backend_name() == "sqlite":
        if not place.database or place.database == ":memory:":
            raise BadSetting("a SQLite store needs a file; use sqlite:///path/to/munim.db")
        return place
    if place.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return place.set(drivername="postgresql+psycopg")
    raise BadSetting(f"{place.drivername} is no store Munim knows; use sqlite or postgresql")


def _sqlite_settings(synchronous: str) -> Any:
    def settings(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours to say
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        _write_ahead(cursor)
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA recursive_triggers=ON")  # so REPLACE cannot slip past a trigger
        cursor.close()

    return settings


@retry(
    retry=retry_if_exception(lambda wrong: "locked" in str(wrong)),
    stop=stop_after_delay(BUSY_SECONDS),
    wait=wait_random(0.01, 0.05),
    reraise=True,
)
def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Keep a log beside the file; of several that open a new one at once all but one wait.

    SQLite does not wait by itself here: it says at once that the file is locked.
    """
    cursor.execute("PRAGMA journal_mode=WAL")


def _sqlite_begin(connection: Connection) -> None:
    only_reads = bool(connection.get_execution_options().get("munim_reading"))
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if only_reads else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _begin(tx: Session, url: URL) -> None:
    """Take the write lock now, waiting again when another writer has it."""
    for left in reversed(range(LOCK_TRIES)):
        try:
            tx.connection()
            return
        except OperationalError as wrong:
            tx.rollback()
            if not left or not _is_lock(wrong):
                raise _busy_or(wrong, url) from wrong


def why_unusable(wrong: Exception) -> str:
    """What keeps the store or its disk from being used; empty for a lock or a row's own fault."""
    if isinstance(wrong, OSError):
        return str(wrong.strerror) if wrong.errno in NO_ROOM else ""
    cause = wrong.orig if isinstance(wrong, DatabaseError) else wrong
    whole = (DatabaseError, OperationalError, sqlite3.DatabaseError, sqlite3.OperationalError)
    if type(wrong) not in whole or "locked" in str(cause) or "busy" in str(cause):
        return ""
    return str(cause).splitlines()[0]


def unusable(place: URL, why: str) -> StoreUnusable:
    """What is said of a store that cannot be read."""
    way = "look at the server" if place.get_backend_name() != "sqlite" else "see docs/restore.md"
    shown = place.render_as_string(hide_password=True)
    return StoreUnusable(f"the store {shown} cannot be used ({why}); {way}")


def _is_lock(wrong: OperationalError) -> bool:
    text = str(wrong.orig).lower()
    return "locked" in text or "busy" in text or "lock timeout" in text


def _busy_or(wrong: OperationalError, url: URL) -> Exception:
    if not _is_lock(wrong):
        return wrong
    return StoreBusy(
        f"another writer held the store {url.render_as_string(hide_password=True)} for over "
        f"{BUSY_SECONDS * LOCK_TRIES} s; nothing was written, try again"
    )


def _stamp_or_refuse(engine: Engine, market: Market, *, seed: int, clock: Clock) -> None:
    with Session(reading(engine)) as tx:
        stamped = tx.execute(select(stamps.c.market)).scalar_one_or_none()
    if stamped is None:
        stamped = _stamp(engine, market, seed=seed, clock=clock)
    if stamped != market:
        raise WrongMarket(
            f"the store {engine.url.render_as_string(hide_password=True)} is stamped {stamped} "
            f"and cannot be opened for {market}; use its own market or another store"
        )


def _stamp(engine: Engine, market: Market, *, seed: int, clock: Clock) -> str:
    """Stamp a new store, or find what another process stamped it with meanwhile."""
    row = {"id": 1, "market": market.value, "seed": seed, "created_at": clock.now()}
    with Session(engine) as tx:
        insert_new(tx, stamps, row)
        stamped = tx.execute(select(stamps.c.market)).scalar_one()
        tx.commit()
    return str(stamped)
