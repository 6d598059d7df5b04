"""The last known price of each instrument; one row that each tick replaces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Row, select
from sqlmodel import Session

from core.domain.money import Money
from core.domain.quote import Quote
from core.errors import NotFound
from core.store.moment import keep, keeps, kept
from core.store.sql import driver_times, money, parts, upsert_rows
from core.store.tables_market import instruments, quotes

LAST = "last price"


def put(tx: Session, ticks: Sequence[Quote]) -> None:
    """Replace the last price of each instrument given; a whole market's comes each second."""
    moment = driver_times(tx)
    rows = [
        (
            q.isin,
            q.ltp.paise,
            q.bid.paise,
            q.ask.paise,
            q.bid_qty,
            q.ask_qty,
            q.open.paise,
            q.high.paise,
            q.low.paise,
            q.prev_close.paise,
            q.volume,
            moment(q.at),
            moment(q.received_at),
            q.source,
            None if q.month_close is None else q.month_close.paise,
        )
        for q in ticks
    ]
    upsert_rows(tx, quotes, rows)


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
    return kept(tx, LAST, isin, lambda: of(tx, [isin]).get(isin))


def read_ahead(tx: Session, isins: Iterable[str]) -> None:
    """Read the last prices of many before each is asked for, where the transaction only reads."""
    if keeps(tx):
        asked = set(isins)
        keep(tx, LAST, dict.fromkeys(asked) | of(tx, asked))


def freshest_liquid(tx: Session) -> Quote | None:
    """The last price received of a share with derivatives, which trades every second."""
    joined = select(quotes).join(instruments, instruments.c.isin == quotes.c.isin)
    found = joined.where(instruments.c.has_derivatives)
    newest = found.order_by(quotes.c.received_at.desc(), quotes.c.isin).limit(1)
    row = tx.execute(newest).first()
    return None if row is None else _value(row)


def newest(tx: Session) -> Quote | None:
    """The last price of the instrument that traded last, or None before the first price."""
    row = tx.execute(select(quotes).order_by(quotes.c.at.desc(), quotes.c.isin).limit(1)).first()
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
