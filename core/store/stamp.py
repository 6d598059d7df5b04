"""What a store was made for; it is written once, when the store is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from core.domain.account import Market
from core.store.tables_desk import stamps


@dataclass(frozen=True, slots=True)
class Stamp:
    """The market a store belongs to and the seed its simulated market grows from."""

    market: Market
    seed: int
    created_at: datetime


def stamp(tx: Session) -> Stamp:
    """The stamp of an open store."""
    row = tx.execute(select(stamps)).one()
    return Stamp(market=Market(row.market), seed=row.seed, created_at=row.created_at)
