"""Daily levels of indices and of India VIX, in and out as arrays.

A day on which an index was rebased carries the divisor of all earlier levels, so that a
rebasing is no return.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlmodel import Session

from core.errors import NotFound
from core.panel import FIELDS, Floats
from core.store import bulk
from core.store.tables_prices import index_bars as table

READ = (
    f"SELECT session, {', '.join(FIELDS)}, divisor FROM index_bars WHERE name = :name "
    "AND session >= :first AND session <= :last ORDER BY session"
)


@dataclass(frozen=True, slots=True)
class IndexBars:
    """Levels of one index as published, shape (n_sessions,), oldest first.

    `factor` divides a level into the terms of the last session; it is 1 but before a rebasing.
    """

    name: str
    sessions: tuple[date, ...]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    factor: Floats


def put(
    tx: Session,
    names: Sequence[str],
    days: NDArray[np.datetime64],
    values: Sequence[Floats],
    divisor: Floats,
    source: str,
) -> int:
    """Write levels that are new or differ; says how many.

    Args:
        names: the index of each row, by the exchange's name.
        values: open, high, low, close and volume of each row.
    """
    numbers = day_numbers(days)
    mine = np.column_stack([numbers, *values, divisor])
    new = np.ones(len(names), dtype=bool)
    named = np.array(names, dtype=np.str_)
    for name in np.unique(named):
        rows = np.flatnonzero(named == name)
        held = _read(tx, str(name), None, None)
        if len(held):
            place = np.minimum(np.searchsorted(held[:, 0], numbers[rows]), len(held) - 1)
            same = np.isclose(mine[rows], held[place], rtol=0, atol=1e-9, equal_nan=True)
            new[rows] = ~same.all(axis=1)
    columns: dict[str, bulk.Column] = {
        "name": named[new],
        "session": numbers[new],
        **{field: values[place][new] for place, field in enumerate(FIELDS)},
        "divisor": divisor[new],
        "source": source,
    }
    return bulk.put_columns(tx, table, columns, fresh=False)


def read(
    tx: Session, name: str, *, start: date | None = None, end: date | None = None
) -> IndexBars:
    """The levels of one index; raises NotFound when it has none there."""
    found = _read(tx, name, start, end)
    if not len(found):
        raise NotFound(f"{name} has no daily levels there; import a file of them")
    days = found[:, 0].astype(np.int64).tolist()
    steps = np.append(found[1:, 6], 1.0)
    return IndexBars(
        name,
        tuple(date(day // 10_000, day // 100 % 100, day % 100) for day in days),
        **{field: found[:, 1 + place].copy() for place, field in enumerate(FIELDS)},
        factor=np.cumprod(steps[::-1])[::-1].copy(),
    )


def last_two(tx: Session, name: str) -> IndexBars:
    """The newest two levels of an index, or its only one; raises NotFound without any."""
    c = table.c
    newest = select(c.session).where(c.name == name).order_by(c.session.desc()).limit(2)
    days = list(tx.execute(newest).scalars())
    first = None if not days else date(days[-1] // 10_000, days[-1] // 100 % 100, days[-1] % 100)
    return read(tx, name, start=first)


def names(tx: Session) -> dict[str, int]:
    """Every index that has levels, and how many."""
    found = select(table.c.name, func.count()).group_by(table.c.name).order_by(table.c.name)
    return {name: int(rows) for name, rows in tx.execute(found)}


def day_numbers(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Days as the integers yyyymmdd."""
    texts = np.datetime_as_string(days.astype("datetime64[D]"))
    return np.char.replace(texts, "-", "").astype(np.int64)


def _read(tx: Session, name: str, start: date | None, end: date | None) -> Floats:
    bounds = {
        "first": 0 if start is None else int(f"{start:%Y%m%d}"),
        "last": 99_999_999 if end is None else int(f"{end:%Y%m%d}"),
    }
    return bulk.read_columns(tx, READ, {"name": name, **bounds})[1]
