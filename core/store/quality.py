"""Scores of stored bars, in and out as arrays, with what was found and what a person accepted.

Only cells below a whole score have a row; `checked` says how far the others may be read as
whole. A finding stays with its row; an acceptance stands apart and outlives a new check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, select
from sqlmodel import Session

from core.domain.action import ActionStatus
from core.domain.quality import WHOLE, Finding, FlawKind, score
from core.store import array_versions, settings
from core.store.codec import from_json, to_json
from core.store.sql import upsert
from core.store.tables_actions import actions, factors
from core.store.tables_market import bars
from core.store.tables_quality import quality

Q = quality.c
UNTIL = "quality:checked"
ACCEPTED = "quality:accepted:"


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of one cell, as one JSON value."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """How far the stored bars were checked, and what they and their factors were then."""

    until: date
    version: int
    seen: tuple[float, ...]


def checked(tx: Session) -> Checked | None:
    """The last check; None when there never was one."""
    found = settings.get(tx, UNTIL)
    if found is None:
        return None
    return Checked(_day(found["until"]), found["version"], tuple(found["seen"]))


def is_current(tx: Session, last: Checked) -> bool:
    """Whether no bar, factor or succession changed since; one row is read."""
    return array_versions.version(tx) == last.version


def only_grew(tx: Session, last: Checked) -> bool:
    """Whether what was checked is still what is stored, so that only newer sessions are new."""
    return _seen(tx, last.until) == last.seen


def _seen(tx: Session, until: date) -> tuple[float, ...]:
    """Counts and rounded sums of bars up to a session and of factors, and how much was refused."""
    b = bars.c
    of_bars = select(func.count(), func.sum(b.close), func.sum(b.high - b.low)).where(
        b.session <= _number(until)
    )
    f = factors.c
    of_factors = select(func.count(), func.sum(f.divisor)).where(
        f.status == ActionStatus.CONFIRMED.value
    )
    refused = select(func.count()).where(actions.c.status == ActionStatus.REFUSED.value)
    numbers = (*tx.execute(of_bars).one(), *tx.execute(of_factors).one(), tx.scalar(refused))
    return tuple(round(float(one or 0.0), 1) for one in numbers)


def put(
    tx: Session, findings: Sequence[Finding], *, first: date | None, until: date
) -> tuple[Finding, ...]:
    """Replace what was found from `first` on (None is everything); returns it with acceptances."""
    gone = delete(quality)
    tx.execute(gone if first is None else gone.where(Q.session >= _number(first)))
    accepted = acceptances(tx)
    kept = tuple(
        replace(one, accepted_by=accepted.get((one.isin, one.session, one.kind), ""))
        for one in findings
        if first is None or one.session >= first
    )
    _write(tx, kept)
    told = {
        "until": _number(until),
        "version": array_versions.version(tx),
        "seen": _seen(tx, until),
    }
    settings.put(tx, UNTIL, told)
    return kept


def accept(tx: Session, finding: Finding, *, by: str) -> None:
    """Keep that a person lets a bar stand, and give its cell the score without the finding."""
    settings.put(tx, _key(finding), by)
    cell = (Q.isin == finding.isin) & (Q.session == _number(finding.session))
    found = tx.execute(select(Q.findings).where(cell)).scalar_one()
    _write(
        tx,
        [
            replace(one, accepted_by=by) if one.kind is finding.kind else one
            for one in from_json(Found, found).findings
        ],
    )


def findings(
    tx: Session, *, isins: Sequence[str] | None = None, since: date | None = None
) -> list[Finding]:
    """What was found of some shares or all, by session and ISIN, accepted ones included."""
    rows = select(Q.findings).order_by(Q.session, Q.isin)
    if isins is not None:
        rows = rows.where(Q.isin.in_(list(isins)))
    if since is not None:
        rows = rows.where(Q.session >= _number(since))
    return [one for text in tx.execute(rows).scalars() for one in from_json(Found, text).findings]


def scores(tx: Session, isins: Sequence[str], sessions: Sequence[date]) -> NDArray[np.int64]:
    """Scores of shape (n_sessions, n_isins); a cell without a finding is whole."""
    grid = np.full((len(sessions), len(isins)), WHOLE, dtype=np.int64)
    if not sessions:
        return grid
    rows = {_number(session): row for row, session in enumerate(sessions)}
    columns = {isin: column for column, isin in enumerate(isins)}
    span = Q.session.between(min(rows), max(rows))
    for isin, session, points in tx.execute(select(Q.isin, Q.session, Q.score).where(span)):
        if isin in columns and session in rows:
            grid[rows[session], columns[isin]] = points
    return grid


def worst(tx: Session, *, since: date, isin: str | None = None) -> dict[str, tuple[int, str]]:
    """By ISIN the lowest score since a session and its sentence, the newest where several are."""
    rows = select(Q.isin, Q.score, Q.findings).where(Q.session >= _number(since), Q.score < WHOLE)
    if isin is not None:
        rows = rows.where(Q.isin == isin)
    lowest: dict[str, tuple[int, str]] = {}
    for name, points, text in tx.execute(rows.order_by(Q.session)):
        if name not in lowest or points <= lowest[name][0]:
            open_ = [one for one in from_json(Found, text).findings if not one.accepted_by]
            lowest[name] = (points, open_[0].sentence if open_ else "")
    return lowest


def acceptances(tx: Session) -> Mapping[tuple[str, date, FlawKind], str]:
    """Who accepted what, by ISIN, session and kind."""
    found = {}
    for key, by in settings.starting(tx, ACCEPTED).items():
        isin, day, kind = key.removeprefix(ACCEPTED).split(":")
        found[isin, date.fromisoformat(day), FlawKind(kind)] = str(by)
    return found


def _write(tx: Session, found: Sequence[Finding]) -> None:
    cells: dict[tuple[str, date], list[Finding]] = {}
    for one in found:
        cells.setdefault((one.isin, one.session), []).append(one)
    rows = [
        {
            "isin": isin,
            "session": _number(session),
            "score": score(of_cell),
            "findings": to_json(Found(tuple(of_cell))),
        }
        for (isin, session), of_cell in cells.items()
    ]
    upsert(tx, quality, rows)


def _key(finding: Finding) -> str:
    return f"{ACCEPTED}{finding.isin}:{finding.session.isoformat()}:{finding.kind.value}"


def _number(session: date) -> int:
    return session.year * 10_000 + session.month * 100 + session.day


def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)
