"""Many rows in and out of a table as columns of arrays, on both databases.

A value that is NaN goes in as NULL and comes out as NaN. SQLite takes many rows a statement,
PostgreSQL a binary COPY; row objects would take most of the time of an import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Float, Integer, Table
from sqlmodel import Session

from core.store.sql import dialect

Column = NDArray[Any] | Sequence[str] | str | int
ROWS_A_STATEMENT = 100  # measured: more gain nothing, and SQLite takes at most 32,766 marks
SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"


def put_columns(tx: Session, table: Table, columns: Mapping[str, Column], *, fresh: bool) -> int:
    """Write rows given as columns of one length, replacing those of the same key.

    Args:
        columns: an array, a list of texts, or one value for every row, by column name.
        fresh: none of the keys is there yet, so nothing has to be looked for.

    Returns:
        How many rows.
    """
    size = next(len(one) for one in columns.values() if not isinstance(one, str | int))
    if size and dialect(tx) == "sqlite":
        _values(tx, table, columns, size)
    elif size:
        _copy(tx, table, columns, size, fresh=fresh)
    return size


def read_columns(
    tx: Session, statement: str, values: Mapping[str, Any], *, texts: int = 0
) -> tuple[list[list[str]], NDArray[np.float64]]:
    """Rows of a SELECT as lists of its leading text columns, and the numbers as one array.

    Args:
        statement: plain SQL with `:name` marks; `texts` columns of text come first.
    """
    rows = tx.connection().exec_driver_sql(*_marked(tx, statement, values)).fetchall()
    if not rows:
        return [[] for _ in range(texts)], np.empty((0, 0))
    across = list(zip(*rows, strict=True))
    numbers = [np.array(one, dtype=np.float64) for one in across[texts:]]
    return [list(one) for one in across[:texts]], np.column_stack(numbers)


def _marked(tx: Session, statement: str, values: Mapping[str, Any]) -> tuple[str, Any]:
    """The statement with its driver's marks."""
    if dialect(tx) == "sqlite":
        return statement, dict(values)
    for name in values:
        statement = statement.replace(f":{name}", f"%({name})s")
    return statement, dict(values)


def _upsert(table: Table, names: Sequence[str], values: str) -> str:
    keys = [column.name for column in table.primary_key]
    rest = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) {values} "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {rest}"
    )


def _values(tx: Session, table: Table, columns: Mapping[str, Column], size: int) -> None:
    """SQLite: many rows in each INSERT; NaN is bound as NULL by the driver."""
    lists = [_list(column, size) for column in columns.values()]
    cursor: Any = tx.connection().connection.cursor()
    flat = chain.from_iterable(zip(*lists, strict=True))
    marks = f"({', '.join('?' * len(lists))})"
    batch = min(ROWS_A_STATEMENT, size)
    whole = _upsert(table, list(columns), "VALUES " + ", ".join([marks] * batch))
    left = size
    while left > 0:
        rows = min(batch, left)
        if rows < batch:
            whole = _upsert(table, list(columns), "VALUES " + ", ".join([marks] * rows))
        cursor.execute(whole, list(islice(flat, rows * len(lists))))
        left -= rows
    cursor.close()


def _list(column: Column, size: int) -> list[Any]:
    if isinstance(column, str | int):
        return [column] * size
    return cast(list[Any], column.tolist()) if isinstance(column, np.ndarray) else list(column)


def _copy(
    tx: Session, table: Table, columns: Mapping[str, Column], size: int, *, fresh: bool
) -> None:
    """PostgreSQL: binary COPY, straight in when fresh, else through a table of this transaction."""
    connection = tx.connection()
    names = ", ".join(columns)
    into = table.name
    if not fresh:
        into = f"put_{table.name}"
        connection.exec_driver_sql(
            f"CREATE TEMP TABLE IF NOT EXISTS {into} (LIKE {table.name}) ON COMMIT DROP"
        )
        connection.exec_driver_sql(f"DELETE FROM {into}")
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {into} ({names}) FROM STDIN (FORMAT binary)") as copy:
        copy.write(SIGNATURE)
        for part in _packed(table, columns, size):
            copy.write(part)
        copy.write(TRAILER)
    for name, column in columns.items():
        if isinstance(column, np.ndarray) and column.dtype.kind == "f" and np.isnan(column).any():
            connection.exec_driver_sql(f"UPDATE {into} SET {name} = NULL WHERE {name} = 'NaN'")
    if not fresh:
        connection.exec_driver_sql(
            _upsert(table, list(columns), f"SELECT {names} FROM {into} WHERE true")
        )


def _packed(table: Table, columns: Mapping[str, Column], size: int) -> Iterator[bytes]:
    """Rows in COPY's binary form, those whose texts are equally long at a time."""
    cells = {name: _cells(table, name, column, size) for name, column in columns.items()}
    widths = np.zeros(size, dtype=np.int64)
    for one in cells.values():
        if one.dtype.kind == "S":  # the widths of all texts together as one number
            widths = widths * 4096 + np.char.str_len(one)
    for width in np.unique(widths):
        rows = np.flatnonzero(widths == width)
        yield _records({name: one[rows] for name, one in cells.items()})


def _records(cells: Mapping[str, NDArray[Any]]) -> bytes:
    fields: list[tuple[str, str]] = [("count", ">i2")]
    kept: dict[str, NDArray[Any]] = {}
    for name, one in cells.items():
        width = int(np.char.str_len(one).max()) if one.dtype.kind == "S" else one.dtype.itemsize
        form = f"S{max(width, 1)}" if one.dtype.kind == "S" else one.dtype.str
        if width == 0:
            fields.append((f"{name} size", ">i4"))
            continue
        fields += [(f"{name} size", ">i4"), (name, form)]
        kept[name] = one
    made = np.zeros(len(next(iter(cells.values()))), dtype=np.dtype(fields))
    made["count"] = len(cells)
    for name, one in kept.items():
        made[f"{name} size"] = made.dtype[name].itemsize
        made[name] = one
    return made.tobytes()


def _bytes(texts: Any) -> NDArray[Any]:
    """Texts as bytes in UTF-8, an array of one width."""
    found = np.asarray(texts, dtype=np.str_)
    try:
        return found.astype(np.bytes_)  # ten times quicker, where every text is ASCII
    except UnicodeEncodeError:
        return np.char.encode(found, "utf-8")


def _cells(table: Table, name: str, column: Column, size: int) -> NDArray[Any]:
    """A column in the byte order and width its type has on the wire."""
    kind = table.c[name].type
    if isinstance(kind, Float):
        form = ">f8"
    elif isinstance(kind, BigInteger):
        form = ">i8"
    elif isinstance(kind, Integer):
        form = ">i4"
    else:
        packed = _bytes([column] if isinstance(column, str) else column)
        return np.broadcast_to(packed, (size,)) if isinstance(column, str) else packed
    if isinstance(column, str | int):
        return np.full(size, column, dtype=form)
    return np.asarray(column).astype(form)
