"""The last known price of each instrument; one row that each tick replaces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Row, select
from sqlmodel import Session

from core.domain.money import Money
from core.domain.quote import Quote
from core.errors import NotFound
from core.store.sql import flat, money, parts, upsert
from core.store.tables_market import quotes


def put(tx: Session, ticks: Sequence[Quote]) -> None:
    """Replace the last price of each instrument given."""
    upsert(tx, quotes, [flat(quote) for quote in ticks])


def all_quotes(tx: Session) -> dict[str, Quote]:
    """The last price of every instrument that has one, by ISIN."""
    return {row.isin: _value(row) for row in tx.execute(select(quotes))}


def of(tx: Session, isins: Iterable[str]) -> dict[str, Quote]:
    """The last price of each of these that has one, by ISIN."""
    found: dict[str, Quote] = {}
    for lot in parts(sorted(set(isins))):
        rows = tx.execute(select(quotes).where(quotes.c.isin.in_(lot)))
        found |= {row.isin: _value(row) for row in rows}
    return found


def by_isin(tx: Session, isin: str) -> Quote:
    """The last price of one instrument; raises NotFound when it never had one."""
    found = last(tx, isin)
    if found is None:
        raise NotFound(f"{isin} has no price yet; wait for the feed")
    return found


def last(tx: Session, isin: str) -> Quote | None:
    """The last price of one instrument, or None when it never had one."""
    row = tx.execute(select(quotes).where(quotes.c.isin == isin)).one_or_none()
    return None if row is None else _value(row)


def _value(row: Row[tuple[object, ...]]) -> Quote:
    return Quote(
        isin=row.isin,
        ltp=Money(row.ltp),
        bid=Money(row.bid),
        ask=Money(row.ask),
        bid_qty=row.bid_qty,
        ask_qty=row.ask_qty,
        open=Money(row.open),
        high=Money(row.high),
        low=Money(row.low),
        prev_close=Money(row.prev_close),
        volume=row.volume,
        at=row.at,
        received_at=row.received_at,
        source=row.source,
        month_close=money(row.month_close),
    )
