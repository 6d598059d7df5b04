"""Which source each stored daily bar came from."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from core.domain.succession import members
from core.store import successions
from core.store.tables_market import bars


def sources(tx: Session, isin: str) -> dict[date, str]:
    """A share's sessions with the source of each, earlier and later ISINs included."""
    chain = members([isin], successions.links(tx))
    found = select(bars.c.session, bars.c.source).where(bars.c.isin.in_(chain))
    return {_day(session): source for session, source in tx.execute(found)}


def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)
