"""Closing prices by share and day, for valuing what the books hold; plain values, no arrays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from core.domain.money import Money
from core.domain.succession import members
from core.store import successions
from core.store.sql import parts
from core.store.tables_market import bars

Closes = dict[date, Money]


def between(tx: Session, isins: Iterable[str], start: date, end: date) -> dict[str, Closes]:
    """Raw closes of each share by session, both days included, oldest first.

    A share that a split gave a new ISIN has its closes under every one of its ISINs. A share
    without a close there is left out.
    """
    links = successions.links(tx)
    chains = {isin: frozenset(members([isin], links)) for isin in set(isins)}
    wanted = sorted(frozenset().union(*chains.values())) if chains else []
    first, last = int(f"{start:%Y%m%d}"), int(f"{end:%Y%m%d}")
    rows: list[tuple[str, int, float]] = []
    b = bars.c
    for lot in parts(wanted):
        found = select(b.isin, b.session, b.close).where(b.isin.in_(lot), b.close.is_not(None))
        inside = found.where(b.session >= first, b.session <= last).order_by(b.session)
        rows += [(str(isin), int(day), float(close)) for isin, day, close in tx.execute(inside)]
    by_isin: dict[str, Closes] = {}
    for isin, number, close in rows:
        on = date(number // 10_000, number // 100 % 100, number % 100)
        by_isin.setdefault(isin, {})[on] = Money(round(close * 100))
    merged = {
        isin: dict(
            sorted((day, paid) for one in chain for day, paid in by_isin.get(one, {}).items())
        )
        for isin, chain in chains.items()
    }
    return {isin: found for isin, found in merged.items() if found}
