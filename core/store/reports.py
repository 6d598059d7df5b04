"""Written reports, one of each kind a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session

from core.store.sql import flat, upsert
from core.store.tables_desk import reports

R = reports.c


@dataclass(frozen=True, slots=True)
class Report:
    """One report in Markdown, about one session, written at a market time."""

    kind: str
    day: date
    market_at: datetime
    markdown: str


def put(tx: Session, kind: str, day: date, market_at: datetime, markdown: str) -> None:
    """Keep a report; one written again for the same day replaces the first."""
    report = Report(kind=kind, day=day, market_at=market_at, markdown=markdown)
    upsert(tx, reports, [flat(report)])


def latest(tx: Session, kind: str) -> Report | None:
    """The report of the latest day of a kind, or None."""
    found = select(reports).where(R.kind == kind).order_by(R.day.desc()).limit(1)
    row = tx.execute(found).mappings().one_or_none()
    return None if row is None else Report(**row)


def all_reports(tx: Session) -> list[Report]:
    """Every report, the latest day first."""
    found = select(reports).order_by(R.day.desc(), R.kind)
    return [Report(**row) for row in tx.execute(found).mappings()]
