"""Full-text search over instruments on SQLite, shaped as sqlite-utils makes and finds it."""

from __future__ import annotations

from alembic import op

COLUMNS = '"symbol", "name", "isin"'


def symbol_search() -> None:
    """Make the FTS5 table and the triggers that keep it in step with `instruments`."""
    op.execute(
        f'CREATE VIRTUAL TABLE "instruments_fts" USING FTS5 ({COLUMNS}, content="instruments")'
    )
    new, old = _values("new"), _values("old")
    add = f'INSERT INTO "instruments_fts" (rowid, {COLUMNS}) VALUES (new.rowid, {new});'
    take = (
        f'INSERT INTO "instruments_fts" ("instruments_fts", rowid, {COLUMNS}) '
        f"VALUES ('delete', old.rowid, {old});"
    )
    _trigger("ai", "INSERT", add)
    _trigger("ad", "DELETE", take)
    _trigger("au", "UPDATE", take + " " + add)


def _trigger(suffix: str, verb: str, statements: str) -> None:
    op.execute(
        f'CREATE TRIGGER "instruments_{suffix}" AFTER {verb} ON "instruments" '
        f"BEGIN {statements} END"
    )


def _values(row: str) -> str:
    return ", ".join(f"{row}.{column.strip()}" for column in COLUMNS.split(","))
