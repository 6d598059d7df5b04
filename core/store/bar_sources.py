"""Which source each stored daily bar came from, and under which ISIN it stands."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from core.domain.succession import members
from core.store import successions
from core.store.tables_market import bars


def sources(tx: Session, isin: str) -> dict[date, tuple[str, str]]:
    """Source and ISIN of each of a share's sessions, earlier and later ISINs included."""
    chain = members([isin], successions.links(tx))
    c = bars.c
    found = select(c.session, c.source, c.isin).where(c.isin.in_(chain)).order_by(c.isin != isin)
    rows = reversed(tx.execute(found).all())  # on a day with both, the ISIN asked for is last
    return {_day(session): (source, own) for session, source, own in rows}


def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)
