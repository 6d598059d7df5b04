"""Divisors that put old prices into later share terms; only CONFIRMED ones are ever applied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Row, delete, select
from sqlmodel import Session

from core.domain.action import ActionKind, ActionStatus, Factor
from core.store import array_versions
from core.store.sql import changed, flat, upsert
from core.store.tables_actions import factors

F = factors.c


def put(tx: Session, listed: Sequence[Factor]) -> None:
    """Add factors, or replace the one of the same share, ex-date and kind."""
    upsert(tx, factors, [flat(one) for one in listed])
    if listed:
        array_versions.grow(tx)


def all_factors(tx: Session, *, isins: Sequence[str] | None = None) -> list[Factor]:
    """Every factor, or those of some shares, by ISIN and ex-date."""
    found = select(factors).order_by(F.isin, F.ex_date, F.kind)
    if isins is not None:
        found = found.where(F.isin.in_(list(isins)))
    return [_value(row) for row in tx.execute(found)]


def drop(tx: Session, isin: str, ex_date: date, kind: ActionKind) -> bool:
    """Take one factor away; says whether it was there."""
    key = (F.isin == isin, F.ex_date == ex_date, F.kind == kind.value)
    array_versions.grow(tx)
    return changed(tx, delete(factors).where(*key)) == 1


def _value(row: Row[tuple[object, ...]]) -> Factor:
    return Factor(
        isin=row.isin,
        ex_date=row.ex_date,
        divisor=row.divisor,
        kind=ActionKind(row.kind),
        source=row.source,
        known_at=row.known_at,
        status=ActionStatus(row.status),
    )
