"""A vendor's adjusted daily series, kept to compare our own adjusting with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlmodel import Session

from core.panel import FIELDS, Floats
from core.store import bulk
from core.store.index_bars import day_numbers
from core.store.tables_prices import adjusted_bars as table


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One symbol's adjusted closes in today's share terms, oldest first."""

    symbol: str
    sessions: tuple[date, ...]
    close: Floats


def put(
    tx: Session,
    symbols: NDArray[np.str_],
    days: NDArray[np.datetime64],
    values: list[Floats],
    source: str,
) -> int:
    """Write bars of a file whose name is not stored with as many rows; says how many."""
    held = tx.execute(
        select(func.count()).select_from(table).where(table.c.source == source)
    ).scalar_one()
    if held == len(symbols):
        return 0
    columns: dict[str, bulk.Column] = {
        "symbol": symbols,
        "session": day_numbers(days),
        **{field: values[place] for place, field in enumerate(FIELDS)},
        "source": source,
    }
    return bulk.put_columns(tx, table, columns, fresh=False)


def read(tx: Session, symbol: str) -> Adjusted:
    """A symbol's series; no sessions at all when none was imported."""
    _, found = bulk.read_columns(
        tx,
        "SELECT session, close FROM adjusted_bars WHERE symbol = :symbol ORDER BY session",
        {"symbol": symbol},
    )
    found = found if len(found) else np.empty((0, 2))
    days = found[:, 0].astype(np.int64).tolist()
    return Adjusted(
        symbol,
        tuple(date(day // 10_000, day // 100 % 100, day % 100) for day in days),
        found[:, 1].copy(),
    )
