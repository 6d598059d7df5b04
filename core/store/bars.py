"""Daily bars, in and out as arrays: one statement a panel, no row objects.

Prices are raw; `factor` beside them divides a price into today's share terms. A cell without
a bar has no row; a bar with a part missing keeps NULL there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlmodel import Session

from core.errors import NotFound
from core.panel import FIELDS, Floats, Panel
from core.store.sql import dialect
from core.store.tables_market import bars

COLUMNS = (*FIELDS, "factor")
PUT = "INSERT INTO bars (isin, session, {names}, source) {{values}} {replacing}".format(
    names=", ".join(COLUMNS),
    replacing="ON CONFLICT (isin, session) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in (*COLUMNS, "source")),
)
# a missing part reads as -1, which no price or volume is, because NULL fits in no array
READ = (
    "SELECT session, "
    + ", ".join(f"coalesce({name}, -1.0)" for name in FIELDS)
    + ", factor FROM bars{where} ORDER BY isin, session"
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one instrument's bars came from: how many, from when to when, by which sources."""

    isin: str
    rows: int
    first: date
    last: date
    sources: tuple[str, ...]


def put_panel(tx: Session, panel: Panel, source: str) -> int:
    """Write every bar of a panel, replacing those that are there; says how many rows."""
    sessions = [_number(session) for session in panel.sessions]
    cells = np.stack([getattr(panel, name) for name in COLUMNS])
    there = ~np.isnan(cells[: len(FIELDS)]).all(axis=0)
    rows: list[tuple[Any, ...]] = []
    for column, isin in enumerate(panel.isins):
        keep = np.flatnonzero(there[:, column])
        values = cells[:, keep, column].tolist()
        kept = [sessions[row] for row in keep.tolist()]
        size = len(kept)
        rows.extend(zip([isin] * size, kept, *values, [source] * size, strict=True))
    if dialect(tx) == "postgresql":
        _copy(tx, rows)
    elif rows:
        marks = ", ".join("?" * (len(COLUMNS) + 3))
        tx.connection().exec_driver_sql(PUT.format(values=f"VALUES ({marks})"), rows)
    return len(rows)


def read_panel(
    tx: Session,
    isins: Sequence[str] | None = None,
    *,
    start: date | None = None,
    end: date | None = None,
) -> Panel:
    """Bars as arrays, sessions down and instruments across; a missing bar is NaN.

    Args:
        isins: which instruments, in this order; None means all, by ISIN.
        start, end: first and last session, both included; None means no bound.

    Raises:
        NotFound: an ISIN that has no bar at all in the sessions asked for.
    """
    where, values = _where(tx, isins, start, end)
    counted = f"SELECT isin, count(*) FROM bars{where} GROUP BY isin ORDER BY isin"
    connection = tx.connection()
    counts = [(str(isin), int(n)) for isin, n in connection.exec_driver_sql(counted, values)]
    missing = set(isins or ()) - {isin for isin, _ in counts}
    if missing:
        raise NotFound(f"no bars for {', '.join(sorted(missing)[:5])} in the sessions asked for")
    # a driver's own cursor: row objects would double the time, and so would numbers as text
    binary = {} if dialect(tx) == "sqlite" else {"binary": True}
    cursor = connection.connection.cursor(**binary)
    try:
        cursor.execute(READ.format(where=where), values)
        panel = _panel(counts, cast(Iterable[Any], cursor))
    finally:
        cursor.close()
    return panel if isins is None else panel.only(isins)


def sessions(tx: Session) -> tuple[date, ...]:
    """Every session that has a bar, oldest first."""
    found = select(bars.c.session).distinct().order_by(bars.c.session)
    return tuple(_day(number) for number in tx.execute(found).scalars())


def provenance(tx: Session, isin: str) -> Provenance:
    """Where one instrument's bars came from; raises NotFound when it has none."""
    of = bars.c.isin == isin
    span = select(func.count(), func.min(bars.c.session), func.max(bars.c.session)).where(of)
    rows, first, last = tx.execute(span).one()
    if not rows:
        raise NotFound(f"{isin} has no bars")
    named = select(bars.c.source).where(of).distinct().order_by(bars.c.source)
    return Provenance(
        isin=isin,
        rows=int(rows),
        first=_day(first),
        last=_day(last),
        sources=tuple(tx.execute(named).scalars()),
    )


def _copy(tx: Session, rows: Sequence[tuple[Any, ...]]) -> None:
    """PostgreSQL: through COPY and a table of this transaction, ten times quicker than rows."""
    connection = tx.connection()
    connection.exec_driver_sql("CREATE TEMP TABLE IF NOT EXISTS put (LIKE bars) ON COMMIT DROP")
    connection.exec_driver_sql("DELETE FROM put")
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy("COPY put FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    connection.exec_driver_sql(PUT.format(values="SELECT * FROM put WHERE true"))


def _panel(counts: Sequence[tuple[str, int]], rows: Iterable[Any]) -> Panel:
    """Rows of (session, five parts, factor), ordered by ISIN, put in their cells."""
    width = 1 + len(COLUMNS)
    size = sum(rows_of for _, rows_of in counts)
    cells = np.fromiter(chain.from_iterable(rows), np.float64, count=size * width)
    table = cells.reshape(size, width)
    table[table < 0] = np.nan
    days, down = np.unique(table[:, 0].astype(np.int64), return_inverse=True)
    across = np.repeat(np.arange(len(counts)), [n for _, n in counts])
    return Panel(
        sessions=tuple(_day(int(day)) for day in days),
        isins=tuple(isin for isin, _ in counts),
        **{
            name: _grid(table[:, place + 1], down, across, (len(days), len(counts)), name)
            for place, name in enumerate(COLUMNS)
        },
    )


def _grid(
    values: Floats,
    down: NDArray[np.intp],
    across: NDArray[np.intp],
    shape: tuple[int, int],
    name: str,
) -> Floats:
    grid = np.full(shape, 1.0 if name == "factor" else np.nan)
    grid[down, across] = values
    return grid


def _where(
    tx: Session, isins: Sequence[str] | None, start: date | None, end: date | None
) -> tuple[str, tuple[Any, ...]]:
    mark = "?" if dialect(tx) == "sqlite" else "%s"
    parts: list[str] = []
    values: list[Any] = []
    if isins is not None:
        parts.append(f"isin IN ({', '.join([mark] * len(isins)) or 'NULL'})")
        values.extend(isins)
    for bound, sign in ((start, ">="), (end, "<=")):
        if bound is not None:
            parts.append(f"session {sign} {mark}")
            values.append(_number(bound))
    return (" WHERE " + " AND ".join(parts) if parts else ""), tuple(values)


def _number(session: date) -> int:
    return session.year * 10_000 + session.month * 100 + session.day


def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)
