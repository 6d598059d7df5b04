"""What can be traded or looked at, and finding it by a few letters.

A symbol is not a key: after a split the new ISIN carries the old symbol, and the newer row wins.
A share outside every traded universe has a row in `outside_shares` beside its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, delete, or_, select, text
from sqlmodel import Session

from core.domain.instrument import CapClass, Instrument, Series, Surveillance
from core.errors import NotFound
from core.store.moment import kept
from core.store.sql import dialect, flat, insert_all_new, near, parts, upsert_by
from core.store.tables_company import outside_shares
from core.store.tables_market import instruments

BY_ISIN = "instrument by isin"
# bm25 weights: a symbol that matches counts more than a word of the name
MATCHES = text(
    "SELECT rowid FROM instruments_fts WHERE instruments_fts MATCH :query "
    "ORDER BY bm25(instruments_fts, 10.0, 4.0, 1.0), rowid LIMIT :limit"
)


def put(tx: Session, listed: Sequence[Instrument]) -> None:
    """Add instruments, or replace those whose ISIN is known."""
    rows = [flat(instrument) for instrument in listed]
    for row in rows:
        del row["is_traded"]
    upsert_by(tx, instruments, rows, keys=("isin",))
    for traded in (True, False):
        mark_traded(tx, [one.isin for one in listed if one.is_traded is traded], traded=traded)


def mark_traded(tx: Session, isins: Sequence[str], *, traded: bool) -> None:
    """Let shares be traded, or only looked at."""
    if traded and isins:
        known = set(tx.execute(select(outside_shares.c.isin)).scalars())
        if inside := sorted(known & set(isins)):
            tx.execute(delete(outside_shares).where(outside_shares.c.isin.in_(inside)))
    elif isins:
        insert_all_new(tx, outside_shares, [{"isin": isin} for isin in isins])


def all_instruments(tx: Session) -> list[Instrument]:
    """Every instrument, by symbol."""
    rows = tx.execute(_listed().order_by(instruments.c.symbol, instruments.c.id))
    return [_value(row) for row in rows.mappings()]


def of(tx: Session, isins: Iterable[str]) -> dict[str, Instrument]:
    """Those of these ISINs that are known."""
    found: dict[str, Instrument] = {}
    for lot in parts(sorted(set(isins))):
        rows = tx.execute(_listed().where(instruments.c.isin.in_(lot))).mappings()
        found |= {row["isin"]: _value(row) for row in rows}
    return found


def by_isin(tx: Session, isin: str) -> Instrument:
    """The instrument with an ISIN; raises NotFound."""
    found = kept(tx, BY_ISIN, isin, lambda: of(tx, [isin]).get(isin))
    if found is None:
        known = tx.execute(select(instruments.c.isin)).scalars()
        raise NotFound(f"no instrument has the ISIN {isin}; {near(isin, known)}")
    return found


def by_symbol(tx: Session, symbol: str) -> Instrument:
    """The newest instrument with a symbol, in any case; raises NotFound naming near ones."""
    found = _listed().where(instruments.c.symbol == symbol.strip().upper())
    row = tx.execute(found.order_by(instruments.c.id.desc())).mappings().first()
    if row is None:
        known = tx.execute(select(instruments.c.symbol)).scalars()
        raise NotFound(f"no instrument has the symbol {symbol}; {near(symbol, known)}")
    return _value(row)


def search(tx: Session, words: str, limit: int = 20) -> list[Instrument]:
    """Instruments whose symbol, name or ISIN begins with every word typed, best first."""
    typed = re.findall(r"[a-z0-9]+", words.lower())
    if not typed:
        return []
    if dialect(tx) == "sqlite":
        query = " ".join(f'"{word}"*' for word in typed)
        ids = list(tx.execute(MATCHES, {"query": query, "limit": limit}).scalars())
        rows = tx.execute(_listed().where(instruments.c.id.in_(ids))).mappings()
        found = {row["id"]: _value(row) for row in rows}
        return [found[id] for id in ids]
    statement = _listed().order_by(instruments.c.symbol).limit(limit)
    for word in typed:
        statement = statement.where(_begins(word))
    exact = [_value(row) for row in tx.execute(statement).mappings()]
    return sorted(exact, key=lambda one: not one.symbol.lower().startswith(typed[0]))


def _listed() -> Select[Any]:
    """Every instrument with the ISIN under which it is outside, NULL where it is traded."""
    outside = outside_shares.c.isin
    joined = instruments.outerjoin(outside_shares, outside == instruments.c.isin)
    return select(instruments, outside.label("outside")).select_from(joined)


def _begins(word: str) -> Any:
    """PostgreSQL: a symbol, an ISIN or any word of a name that begins so."""
    columns = (instruments.c.symbol, instruments.c.isin, instruments.c.name)
    return or_(
        *(column.ilike(f"{word}%") for column in columns),
        *(column.op("~*")(rf"\m{word}") for column in columns),
    )


def _value(row: RowMapping) -> Instrument:
    return Instrument(
        isin=row["isin"],
        symbol=row["symbol"],
        name=row["name"],
        sector=row["sector"],
        cap_class=CapClass(row["cap_class"]),
        exchange=row["exchange"],
        series=Series(row["series"]),
        band_pct=row["band_pct"],
        has_derivatives=row["has_derivatives"],
        surveillance=Surveillance(row["surveillance"]),
        is_traded=row["outside"] is None,
    )
