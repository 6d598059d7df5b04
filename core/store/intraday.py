"""Bars inside the day of a share or an index, in and out as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session

from core.errors import NotFound
from core.panel import FIELDS, IntradayBars
from core.store import bulk
from core.store.tables_prices import intraday_bars as table

FIRST, END = 0, 2**62
READ = (
    f"SELECT start, {', '.join(FIELDS)} FROM intraday_bars WHERE isin = :key "
    "AND minutes = :minutes AND start >= :first AND start < :end ORDER BY start"
)


@dataclass(frozen=True, slots=True)
class Series:
    """One stored series: whose, how long its bars are, how many, and from when to when."""

    key: str
    minutes: int
    rows: int
    first: datetime
    last: datetime


def put(tx: Session, bars: IntradayBars, source: str) -> int:
    """Write bars that are new or differ; says how many. The bar imported last stands."""
    new = np.ones(len(bars), dtype=bool)
    if len(bars):
        span = {"first": int(bars.start[0]), "end": int(bars.start[-1]) + 1}
        _, held = bulk.read_columns(tx, READ, {"key": bars.key, "minutes": bars.minutes, **span})
        if len(held):
            place = np.minimum(np.searchsorted(held[:, 0], bars.start), len(held) - 1)
            mine = np.column_stack([bars.start, *(getattr(bars, name) for name in FIELDS)])
            new = ~np.isclose(mine, held[place], rtol=0, atol=1e-9, equal_nan=True).all(axis=1)
    fresh = bars.where(new)
    columns: dict[str, bulk.Column] = {
        "isin": fresh.key,
        "minutes": fresh.minutes,
        "start": fresh.start,
        **{name: getattr(fresh, name) for name in FIELDS},
        "source": source,
    }
    return bulk.put_columns(tx, table, columns, fresh=False)


def read(
    tx: Session,
    key: str,
    minutes: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> IntradayBars:
    """Bars that begin from `since` on and before `until`.

    Raises:
        NotFound: there is none.
    """
    first = FIRST if since is None else int(since.timestamp())
    end = END if until is None else int(until.timestamp())
    asked = {"key": key, "minutes": minutes, "first": first, "end": end}
    _, numbers = bulk.read_columns(tx, READ, asked)
    if not len(numbers):
        raise NotFound(f"{key} has no {minutes}-minute bars there; import a file of them")
    parts = {name: numbers[:, 1 + place].copy() for place, name in enumerate(FIELDS)}
    return IntradayBars(key, minutes, numbers[:, 0].astype(np.int64), **parts)


def newest(tx: Session, key: str, minutes: Sequence[int]) -> dict[int, datetime]:
    """When the newest bar of each length begins, for the lengths that are stored."""
    c = table.c
    found: dict[int, datetime] = {}
    for length in minutes:  # one look at the key's end each, whatever the number of bars
        held = select(func.max(c.start)).where(c.isin == key, c.minutes == length)
        if (start := tx.execute(held).scalar()) is not None:
            found[length] = _moment(start)
    return found


def series(tx: Session, key: str | None = None) -> list[Series]:
    """What is stored, by key and length of bar."""
    c = table.c
    found = select(c.isin, c.minutes, func.count(), func.min(c.start), func.max(c.start))
    if key is not None:
        found = found.where(c.isin == key)
    rows = tx.execute(found.group_by(c.isin, c.minutes).order_by(c.isin, c.minutes))
    return [
        Series(isin, minutes, rows_of, _moment(first), _moment(last))
        for isin, minutes, rows_of, first, last in rows
    ]


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
