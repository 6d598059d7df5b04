"""Look into a SQLite store from outside, and rebuild its symbol search, by sqlite-utils.

The library loads pandas where it is installed, so it is loaded only when one of these is
called; the worker never calls them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class TableSize:
    """One table: its rows and its columns."""

    name: str
    rows: int
    columns: tuple[str, ...]


def tables(path: Path) -> list[TableSize]:
    """Every table of a store with its rows and columns, by name; raises NotFound."""
    database = _open(path)
    try:
        return [
            TableSize(
                name=name, rows=database[name].count, columns=tuple(database[name].columns_dict)
            )
            for name in sorted(database.table_names())
            if not name.startswith(("instruments_fts", "sqlite_"))
        ]
    finally:
        database.close()


def first_rows(path: Path, table: str, limit: int = 20) -> list[dict[str, Any]]:
    """The first rows of one table as they are stored; raises NotFound."""
    database = _open(path)
    try:
        if table not in database.table_names():
            raise NotFound(f"the store has no table {table}")
        return list(database[table].rows_where(limit=limit))
    finally:
        database.close()


def rebuild_search(path: Path) -> int:
    """Build the symbol search anew from the instruments; says how many it covers."""
    database = _open(path)
    try:
        database["instruments"].rebuild_fts()
        return int(database["instruments"].count)
    finally:
        database.close()


def _open(path: Path) -> Any:
    import sqlite_utils

    if not path.is_file():
        raise NotFound(f"{path} is not there; start the desk once to make its store")
    return sqlite_utils.Database(path)
