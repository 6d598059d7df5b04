"""Columns in the words revisions use, and what a database must refuse.

Revisions may lean on this file and on `core.store.columns`, and on nothing else of Munim: a
revision must make the same tables years later.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from core.store.columns import UTCDateTime


def name(column: str, **more: Any) -> sa.Column[str]:
    """A short text: an id, a symbol, a status."""
    return sa.Column(column, sa.String(), nullable=more.pop("nullable", False), **more)


def words(column: str) -> sa.Column[str]:
    """A sentence, or a value as JSON."""
    return sa.Column(column, sa.Text(), nullable=False)


def moment(column: str, *, nullable: bool = False) -> sa.Column[Any]:
    """A time, UTC."""
    return sa.Column(column, UTCDateTime(timezone=True), nullable=nullable)


def day(column: str) -> sa.Column[Any]:
    """A date."""
    return sa.Column(column, sa.Date(), nullable=False)


def whole(column: str, *, nullable: bool = False, **more: Any) -> sa.Column[int]:
    """A small whole number."""
    return sa.Column(column, sa.Integer(), nullable=nullable, **more)


def large(column: str) -> sa.Column[int]:
    """Paise, shares or a volume."""
    return sa.Column(column, sa.BigInteger(), nullable=False)


def number(column: str, *, nullable: bool = False) -> sa.Column[float]:
    """A double."""
    return sa.Column(column, sa.Float(), nullable=nullable)


def flag(column: str) -> sa.Column[bool]:
    """Yes or no."""
    return sa.Column(column, sa.Boolean(), nullable=False)


def make(table: str, *parts: Any, key: tuple[str, ...], **options: Any) -> None:
    """Create a table with its primary key."""
    primary = sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}"))
    op.create_table(table, *parts, primary, **options)


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    """A unique constraint, named as the tables name it."""
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def points(table: str, columns: tuple[str, ...], to: tuple[str, ...]) -> sa.ForeignKeyConstraint:
    """A foreign key, named as the tables name it; `to` is like `events.id`."""
    return sa.ForeignKeyConstraint(
        list(columns), list(to), name=op.f(f"fk_{table}_{'_'.join(columns)}")
    )


def index(table: str, *columns: str, called: str = "") -> None:
    """An index, named after its columns unless it is called otherwise."""
    op.create_index(op.f(called or f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def refuse_change(table: str) -> None:
    """Let the database refuse UPDATE, DELETE and, on PostgreSQL, TRUNCATE on a table."""
    sentence = f"{table} is append-only; write a correction"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{sentence}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def refuse_replace(table: str, key: str) -> None:
    """Let SQLite refuse INSERT OR REPLACE over a row, which is a hidden delete."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only; write a correction'); END"
        )
