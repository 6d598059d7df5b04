"""Alembic's way in: compare and upgrade inside the transaction that the caller holds."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlmodel.sql.sqltypes import AutoString

from core.store.columns import UTCDateTime
from core.store.tables import METADATA


def wanted(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Leave the full-text tables of SQLite out of every comparison."""
    return not (kind == "table" and name is not None and name.startswith("instruments_fts"))


def rendered(kind: str, thing: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types so that a new revision can import them."""
    if kind == "type" and isinstance(thing, UTCDateTime):
        return "columns.UTCDateTime(timezone=True)"
    if kind == "type" and isinstance(thing, AutoString):
        return "sa.String()"
    return False


def run(connection: Connection) -> None:
    """Run the revisions that are due."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
        include_object=wanted,
        render_item=rendered,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    from core.store.engine import connect

    with connect(context.get_x_argument(as_dictionary=True)["url"]).begin() as opened:
        run(opened)
