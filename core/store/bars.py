"""Daily bars, in and out as arrays: one statement a panel, no row objects.

Prices are raw. What divides them into later share terms stands in `factors`, and reading fills
`Panel.factor` from there as of a day; a panel's own factor is not written. A cell without a bar
has no row; a bar with a part missing keeps NULL there. Bars under an ISIN that a split replaced
read as the same share's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlmodel import Session

from core.domain.action import ActionStatus, Factor
from core.domain.succession import members, newest
from core.errors import NotFound
from core.panel import FIELDS, Floats, Panel, counts, factor_grid
from core.store import array_versions, bulk, factors, successions
from core.store.sql import dialect
from core.store.tables_market import bars, instruments

HIDDEN_BEYOND = 1.3  # a waiting divisor of this size or its inverse; smaller steps stay in sight
# a missing part reads as -1, which no price or volume is, because NULL fits in no array
READ = (
    "SELECT session, "
    + ", ".join(f"coalesce({name}, -1.0)" for name in FIELDS)
    + " FROM bars{where} ORDER BY isin, session"
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one instrument's bars came from: how many, from when to when, by which sources."""

    isin: str
    rows: int
    first: date
    last: date
    sources: tuple[str, ...]


def put_panel(
    tx: Session,
    panel: Panel,
    source: str,
    *,
    last: Floats | None = None,
    where: NDArray[np.bool_] | None = None,
    fresh: bool = False,
) -> int:
    """Write every bar of a panel, replacing those that are there; says how many rows.

    Args:
        last: the last trades, where the source has them beside the official close.
        where: only these cells.
        fresh: none of the bars is in the store yet.
    """
    there = np.zeros((len(panel.sessions), len(panel.isins)), dtype=bool)
    for name in FIELDS:
        there |= ~np.isnan(getattr(panel, name))
    if where is not None:
        there &= where
    across, down = np.nonzero(there.T)  # in the order of the key
    columns: dict[str, bulk.Column] = {
        "isin": np.array(panel.isins, dtype=np.object_)[across],
        "session": np.array([_number(day) for day in panel.sessions], dtype=np.int64)[down],
        **{name: getattr(panel, name)[down, across] for name in FIELDS},
        "source": source,
    }
    if last is not None:
        columns["last"] = last[down, across]
    rows = bulk.put_columns(tx, bars, columns, fresh=fresh)
    if rows:
        array_versions.grow(tx)
    return rows


def read_panel(
    tx: Session,
    isins: Sequence[str] | None = None,
    *,
    start: date | None = None,
    end: date | None = None,
    as_of: date | None = None,
) -> Panel:
    """Bars as arrays, sessions down and instruments across; a missing bar is NaN.

    Args:
        isins: which instruments, in this order; None means all, by ISIN. A replaced ISIN reads
            the whole series of its share.
        start, end: first and last session, both included; None means no bound.
        as_of: the day whose share terms `factor` leads to, and after which no session is read
            and nothing is known; None means `end`, or the last session there is. Prices before
            a large step that still waits for a person are left out (NaN).

    Raises:
        NotFound: an ISIN that has no bar at all in the sessions asked for.
    """
    last = min((day for day in (end, as_of) if day is not None), default=None)
    links = successions.links(tx)
    chain_of = None if isins is None else members(isins, links)
    known = [
        replace(one, isin=newest(one.isin, links))
        for one in factors.all_factors(tx, isins=chain_of)
    ]
    panel = _in_terms(_read(tx, isins, links, start=start, end=last), known, as_of=as_of or end)
    if isins is None:
        return panel
    return replace(panel.only([newest(isin, links) for isin in isins]), isins=tuple(isins))


def read_raw(
    tx: Session,
    isins: Sequence[str] | None = None,
    *,
    start: date | None = None,
    end: date | None = None,
) -> Panel:
    """Bars as they were traded, nothing left out, factors all 1, by today's ISIN.

    Raises:
        NotFound: an ISIN that has no bar at all in the sessions asked for.
    """
    return _read(tx, isins, successions.links(tx), start=start, end=end)


def sessions(tx: Session, isins: Sequence[str] | None = None) -> tuple[date, ...]:
    """Every session that has a bar, of any share or of some, oldest first."""
    found = select(bars.c.session).distinct().order_by(bars.c.session)
    if isins is not None:
        found = found.where(bars.c.isin.in_(members(isins, successions.links(tx))))
    return tuple(_day(number) for number in tx.execute(found).scalars())


def any_stored(tx: Session) -> bool:
    """Whether there is a bar at all; far cheaper than to list the sessions."""
    return tx.execute(select(bars.c.session).limit(1)).first() is not None


def with_bars(tx: Session, isins: Sequence[str], *, until: date) -> set[str]:
    """Which of these shares have a bar by a day, older ISINs included."""
    links = successions.links(tx)
    first = select(bars.c.isin).where(bars.c.isin.in_(members(isins, links)))
    found = tx.execute(first.where(bars.c.session <= _number(until)).distinct()).scalars()
    have = {newest(isin, links) for isin in found}
    return {isin for isin in isins if newest(isin, links) in have}


def most_sessions(tx: Session) -> int:
    """How many bars the share with the most has; much quicker to ask than every session."""
    each = select(func.count().label("n")).select_from(bars).group_by(bars.c.isin).subquery()
    return int(tx.execute(select(func.max(each.c.n))).scalar() or 0)


def last_session(tx: Session) -> date | None:
    """The newest session that has a bar, or None; one look at the end of each share's bars."""
    b, i = bars.c, instruments.c
    newest = select(func.max(b.session)).where(b.isin == i.isin).correlate(instruments)
    found = tx.execute(select(func.max(newest.scalar_subquery()))).scalar()
    return None if found is None else _day(found)


def provenance(tx: Session, isin: str) -> Provenance:
    """Where one share's bars came from, older ISINs included; raises NotFound without any."""
    of = bars.c.isin.in_(members([isin], successions.links(tx)))
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


def _read(
    tx: Session,
    isins: Sequence[str] | None,
    links: Mapping[str, str],
    *,
    start: date | None,
    end: date | None,
) -> Panel:
    """Bars of whole chains of ISINs, by the newest of each."""
    where, values = _where(tx, None if isins is None else members(isins, links), start, end)
    counted = f"SELECT isin, count(*) FROM bars{where} GROUP BY isin ORDER BY isin"
    connection = tx.connection()
    found = [(str(isin), int(n)) for isin, n in connection.exec_driver_sql(counted, values)]
    asked = {newest(isin, links) for isin in isins or ()}
    missing = asked - {newest(isin, links) for isin, _ in found}
    if missing:
        raise NotFound(f"no bars for {', '.join(sorted(missing)[:5])} in the sessions asked for")
    # a driver's own cursor: row objects would double the time, and so would numbers as text
    binary = {} if dialect(tx) == "sqlite" else {"binary": True}
    cursor = connection.connection.cursor(**binary)
    try:
        cursor.execute(READ.format(where=where), values)
        return _panel(found, cast(Iterable[Any], cursor), links)
    finally:
        cursor.close()


def _panel(
    sizes: Sequence[tuple[str, int]], rows: Iterable[Any], links: Mapping[str, str]
) -> Panel:
    """Rows of (session, five parts), ordered by ISIN, put in their cells, factors all 1."""
    width = 1 + len(FIELDS)
    size = sum(rows_of for _, rows_of in sizes)
    cells = np.fromiter(chain.from_iterable(rows), np.float64, count=size * width)
    table = cells.reshape(size, width)
    table[table < 0] = np.nan
    days, down = np.unique(table[:, 0].astype(np.int64), return_inverse=True)
    isins = tuple(sorted({newest(isin, links) for isin, _ in sizes}))
    place = {isin: column for column, isin in enumerate(isins)}
    columns = [place[newest(isin, links)] for isin, _ in sizes]
    across = np.repeat(np.array(columns, dtype=np.intp), [n for _, n in sizes])
    order: slice | NDArray[np.intp] = slice(None)
    if len(isins) < len(sizes):  # on a day with both ISINs the newer one is laid last
        own = np.array([isin not in links for isin, _ in sizes])
        order = np.argsort(np.repeat(own, [n for _, n in sizes]), kind="stable")
    shape = (len(days), len(isins))
    return Panel(
        sessions=tuple(_day(int(day)) for day in days),
        isins=isins,
        factor=np.ones(shape),
        **{
            name: _grid(table[order, at + 1], down[order], across[order], shape)
            for at, name in enumerate(FIELDS)
        },
    )


def _grid(
    values: Floats, down: NDArray[np.intp], across: NDArray[np.intp], shape: tuple[int, int]
) -> Floats:
    grid = np.full(shape, np.nan)
    grid[down, across] = values
    return grid


def _in_terms(panel: Panel, known: Sequence[Factor], *, as_of: date | None) -> Panel:
    """The panel with its factors as of a day, and without what a waiting step makes unusable."""
    if not panel.sessions or not known:
        return panel
    day = as_of or panel.sessions[-1]
    columns = {isin: column for column, isin in enumerate(panel.isins)}
    for one in known:
        large = max(one.divisor, 1.0 / one.divisor) >= HIDDEN_BEYOND
        if large and one.isin in columns and counts(one, day, ActionStatus.INFERRED):
            before = sum(1 for session in panel.sessions if session < one.ex_date)
            for name in FIELDS:
                getattr(panel, name)[:before, columns[one.isin]] = np.nan
    return replace(panel, factor=factor_grid(panel.sessions, columns, known, as_of=day))


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


@lru_cache(maxsize=20_000)  # every session of eighty years; a read asks for the same ones
def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)
