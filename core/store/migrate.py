"""Bring a store's tables to what this Munim knows, by Alembic, in one transaction.

`HEAD` repeats the newest revision so that opening an up-to-date store need not load Alembic.
"""

from __future__ import annotations

import sys

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DatabaseError

from core.errors import BadSetting

HEAD = "0012"
KNOWN = tuple(f"{number:04}" for number in range(1, int(HEAD) + 1))
SCRIPTS = "core.store:migrations"
MIGRATION_LOCK = 7_236_001  # any number; every Munim takes the same advisory lock


def migrate(url: str) -> None:
    """Upgrade the store at a database URL to the newest tables, creating it when new.

    Raises:
        BadSetting: the store was written by a newer Munim, or the URL cannot be used.
        StoreUnusable: its file or server cannot be read.
    """
    from core.store.engine import connect, unusable, why_unusable

    engine = connect(url)
    try:
        upgrade(engine)
    except DatabaseError as wrong:
        if not (why := why_unusable(wrong)):
            raise
        raise unusable(engine.url, why) from wrong
    finally:
        engine.dispose()


def upgrade(engine: Engine) -> None:
    """Upgrade an open engine's store; does nothing when it is up to date."""
    with engine.connect() as connection:
        at = revision(connection)
    if at == HEAD:
        return
    with engine.begin() as connection:
        lock(connection)
        at = revision(connection)
        if at is not None and at not in KNOWN:
            raise BadSetting(
                f"the store {engine.url.render_as_string(hide_password=True)} has tables of "
                f"revision {at} and this Munim knows up to {HEAD}; update Munim or use "
                "another store"
            )
        if at != HEAD:
            make_tables(connection)


def lock(connection: Connection) -> None:
    """Keep every other Munim from migrating this store until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})


def revision(connection: Connection) -> str | None:
    """The revision a store is at, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def make_tables(connection: Connection) -> None:
    """Bring an open transaction's store to the newest tables, whatever it has."""
    from alembic import command  # loaded only when there is something to migrate
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def main() -> None:
    """`python -m core.store.migrate URL`: upgrade one store."""
    if len(sys.argv) != 2:
        raise SystemExit("say which store: python -m core.store.migrate sqlite:///path/to/munim.db")
    migrate(sys.argv[1])


if __name__ == "__main__":
    main()
