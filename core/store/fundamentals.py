"""Companies' figures as dated snapshots: what a source said, and when it said it.

A snapshot is never changed; a read as of a moment sees only what had been fetched by then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from core.store.sql import insert_all_new
from core.store.tables_company import fundamentals

F = fundamentals.c
NOW = "now"  # the period of a figure that stands at the moment it was fetched


@dataclass(frozen=True, slots=True)
class Figure:
    """One number; `unit` is a currency such as INR, `fraction`, `times` or `shares`.

    `period` is the last day of a quarter in ISO form, or `now`. Money is in whole units of the
    currency, per share where the metric says so.
    """

    metric: str
    value: float
    unit: str
    period: str = NOW


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one source said of one company at one moment."""

    isin: str
    source: str
    fetched_at: datetime
    figures: tuple[Figure, ...]

    def value(self, metric: str) -> Figure | None:
        """A figure that stands now, None where the source gave none."""
        found = (one for one in self.figures if (one.metric, one.period) == (metric, NOW))
        return next(found, None)

    def periods(self) -> tuple[str, ...]:
        """The quarters there are figures of, newest first."""
        return tuple(sorted({one.period for one in self.figures} - {NOW}, reverse=True))

    def of_period(self, metric: str, period: str) -> Figure | None:
        """A quarter's figure, None where the source gave none."""
        found = (one for one in self.figures if (one.metric, one.period) == (metric, period))
        return next(found, None)


def put(tx: Session, snapshot: Snapshot) -> int:
    """Keep a snapshot; says how many figures were new, 0 for one that is kept already."""
    same = select(func.count()).where(
        F.isin == snapshot.isin,
        F.fetched_at == snapshot.fetched_at,
        F.source == snapshot.source,
    )
    before = tx.execute(same).scalar() or 0
    rows = [
        {
            "isin": snapshot.isin,
            "fetched_at": snapshot.fetched_at,
            "source": snapshot.source,
            "period": one.period,
            "metric": one.metric,
            "value": one.value,
            "unit": one.unit,
        }
        for one in snapshot.figures
    ]
    insert_all_new(tx, fundamentals, rows)
    return int((tx.execute(same).scalar() or 0) - before)


def newest(tx: Session, isins: Iterable[str], *, as_of: datetime) -> Snapshot | None:
    """The youngest snapshot that had been fetched by `as_of`, None where there was none.

    Args:
        isins: every ISIN the company's share has had; the snapshot may stand under an older one.
    """
    of = F.isin.in_(tuple(isins))
    found = select(F.isin, F.fetched_at, F.source).where(of, F.fetched_at <= as_of)
    key = tx.execute(found.order_by(F.fetched_at.desc(), F.source).limit(1)).first()
    if key is None:
        return None
    isin, fetched_at, source = key
    rows = tx.execute(
        select(F.metric, F.value, F.unit, F.period)
        .where(F.isin == isin, F.fetched_at == fetched_at, F.source == source)
        .order_by(F.period, F.metric)
    )
    figures = tuple(Figure(metric, value, unit, period) for metric, value, unit, period in rows)
    return Snapshot(isin, source, fetched_at, figures)


def first_after(tx: Session, isins: Iterable[str], *, after: datetime) -> datetime | None:
    """When the oldest snapshot younger than a moment was fetched; None without one."""
    of = F.isin.in_(tuple(isins))
    found: datetime | None = tx.execute(
        select(F.fetched_at).where(of, F.fetched_at > after).order_by(F.fetched_at).limit(1)
    ).scalar()
    return found
