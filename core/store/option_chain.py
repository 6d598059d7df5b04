"""Snapshots of options and futures of one underlying, in and out as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from core.errors import NotFound
from core.panel import Floats
from core.store import bulk
from core.store.index_bars import day_numbers
from core.store.tables_prices import option_chain as table

VALUES = (
    "last",
    "settle",
    "bid",
    "ask",
    "implied_vol",
    "open_interest",
    "change_in_oi",
    "volume",
    "underlying_price",
)
NUMBERS = f"expiry, strike, {', '.join(VALUES)}"


@dataclass(frozen=True, slots=True)
class Chain:
    """One snapshot by expiry and strike; `kind` is CE, PE or FUT, values as VALUES names them.

    `implied_vol` is per year in percent as the exchange says it; a missing value is NaN.
    """

    underlying: str
    taken_at: datetime
    kind: tuple[str, ...]
    expiry: tuple[date, ...]
    strike: Floats
    values: Mapping[str, Floats]


def put(
    tx: Session,
    underlying: Sequence[str],
    taken_at: datetime,
    kinds: Sequence[str],
    expiry: NDArray[np.datetime64],
    strike: Floats,
    values: Mapping[str, Floats],
    source: str,
) -> int:
    """Write a snapshot's contracts, replacing the same snapshot; says how many changed."""
    at = int(taken_at.timestamp())
    blank = np.full(len(kinds), np.nan)
    named = {name: values.get(name, blank) for name in VALUES}
    mine = np.column_stack([day_numbers(expiry), strike, *named.values()])
    keys = list(zip(underlying, kinds, strict=True))
    held = _held(tx, at)
    new = np.array(
        [
            not _same(held.get((*key, row[0], row[1])), row)
            for key, row in zip(keys, mine, strict=True)
        ],
        dtype=bool,
    )
    columns: dict[str, bulk.Column] = {
        "underlying": np.array(underlying, dtype=np.str_)[new],
        "taken_at": at,
        "expiry": day_numbers(expiry)[new],
        "strike": strike[new],
        "kind": np.array(kinds, dtype=np.str_)[new],
        **{name: one[new] for name, one in named.items()},
        "source": source,
    }
    return bulk.put_columns(tx, table, columns, fresh=not held)


def read(tx: Session, underlying: str, *, at: datetime | None = None) -> Chain:
    """The last snapshot of an underlying, or the last one by a moment; raises NotFound."""
    until = 2**62 if at is None else int(at.timestamp())
    _, taken = bulk.read_columns(
        tx,
        "SELECT max(taken_at) FROM option_chain WHERE underlying = :name AND taken_at <= :until",
        {"name": underlying, "until": until},
    )
    if not len(taken) or np.isnan(taken[0, 0]):
        raise NotFound(f"{underlying} has no option chain; import one of NSE's snapshots")
    when = int(taken[0, 0])
    texts, numbers = bulk.read_columns(
        tx,
        f"SELECT kind, {NUMBERS} FROM option_chain WHERE underlying = :name "
        "AND taken_at = :taken ORDER BY expiry, strike, kind",
        {"name": underlying, "taken": when},
        texts=1,
    )
    return Chain(
        underlying,
        datetime.fromtimestamp(when, UTC),
        tuple(texts[0]),
        tuple(_day(int(one)) for one in numbers[:, 0].tolist()),
        numbers[:, 1].copy(),
        {name: numbers[:, 2 + place].copy() for place, name in enumerate(VALUES)},
    )


def taken(tx: Session, start: datetime, end: datetime) -> list[tuple[str, datetime]]:
    """Underlying and moment of the snapshots with `start < moment <= end`, oldest first."""
    texts, numbers = bulk.read_columns(
        tx,
        "SELECT DISTINCT underlying, taken_at FROM option_chain WHERE taken_at > :start "
        "AND taken_at <= :end ORDER BY taken_at, underlying",
        {"start": int(start.timestamp()), "end": int(end.timestamp())},
        texts=1,
    )
    moments = [datetime.fromtimestamp(int(one), UTC) for one in numbers.ravel().tolist()]
    return list(zip(texts[0], moments, strict=True))


def _held(tx: Session, at: int) -> dict[tuple[str, str, float, float], Floats]:
    texts, numbers = bulk.read_columns(
        tx,
        f"SELECT underlying, kind, {NUMBERS} FROM option_chain WHERE taken_at = :at",
        {"at": at},
        texts=2,
    )
    return {
        (name, kind, float(row[0]), float(row[1])): row
        for name, kind, row in zip(texts[0], texts[1], numbers, strict=True)
    }


def _same(held: Floats | None, mine: Floats) -> bool:
    return held is not None and bool(np.array_equal(held, mine, equal_nan=True))


def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)
