"""What kinds of investors bought and sold, and their contracts in derivatives, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from core.panel import Floats
from core.store import bulk
from core.store.index_bars import day_numbers
from core.store.tables_prices import flows, participant_oi

AMOUNTS = (
    "buy",
    "sell",
    "net",
    "buy_contracts",
    "sell_contracts",
    "open_contracts",
    "open_value",
)
CONTRACTS = tuple(
    column.name
    for column in participant_oi.columns
    if column.name not in ("session", "measure", "client", "source")
)
CASH = "CASH"


@dataclass(frozen=True, slots=True)
class Flow:
    """One kind of investor's buying and selling in a segment, crores of rupees, oldest first."""

    who: str
    segment: str
    sessions: tuple[date, ...]
    buy: Floats
    sell: Floats
    net: Floats


@dataclass(frozen=True, slots=True)
class Positions:
    """One kind of client's contracts; `counts` holds each of CONTRACTS, shape (n_sessions,)."""

    client: str
    measure: str
    sessions: tuple[date, ...]
    counts: Mapping[str, Floats]


def put(
    tx: Session,
    days: NDArray[np.datetime64],
    who: Sequence[str],
    segment: Sequence[str],
    amounts: Mapping[str, Floats],
    source: str,
) -> int:
    """Write flows that are new or differ, NaN where a file has no such amount; says how many."""
    blank = np.full(len(who), np.nan)
    values = {name: amounts.get(name, blank) for name in AMOUNTS}
    keys = [f"{one}|{other}" for one, other in zip(who, segment, strict=True)]
    held = _held(tx, f"SELECT who, segment, session, {', '.join(AMOUNTS)} FROM flows")
    new = _new(held, keys, day_numbers(days), list(values.values()))
    columns: dict[str, bulk.Column] = {
        "session": day_numbers(days)[new],
        "who": np.array(who, dtype=np.str_)[new],
        "segment": np.array(segment, dtype=np.str_)[new],
        **{name: one[new] for name, one in values.items()},
        "source": source,
    }
    return bulk.put_columns(tx, flows, columns, fresh=False)


def read(tx: Session, who: str, segment: str = CASH, *, start: date | None = None) -> Flow:
    """An investor's flow; no sessions at all when none was imported."""
    _, found = bulk.read_columns(
        tx,
        "SELECT session, buy, sell, net FROM flows WHERE who = :who AND segment = :segment "
        "AND session >= :first ORDER BY session",
        {"who": who, "segment": segment, "first": _first(start)},
    )
    found = found if len(found) else np.empty((0, 4))
    return Flow(who, segment, _days(found[:, 0]), *(found[:, place].copy() for place in (1, 2, 3)))


def put_positions(
    tx: Session,
    days: NDArray[np.datetime64],
    measure: str,
    clients: Sequence[str],
    counts: Mapping[str, Floats],
    source: str,
) -> int:
    """Write contracts by kind of client that are new or differ; says how many."""
    keys = [f"{measure}|{client}" for client in clients]
    held = _held(tx, f"SELECT measure, client, session, {', '.join(CONTRACTS)} FROM participant_oi")
    new = _new(held, keys, day_numbers(days), [counts[name] for name in CONTRACTS])
    columns: dict[str, bulk.Column] = {
        "session": day_numbers(days)[new],
        "measure": measure,
        "client": np.array(clients, dtype=np.str_)[new],
        **{name: counts[name][new] for name in CONTRACTS},
        "source": source,
    }
    return bulk.put_columns(tx, participant_oi, columns, fresh=False)


def positions(
    tx: Session, client: str, *, measure: str = "OI", start: date | None = None
) -> Positions:
    """A client kind's contracts; no sessions at all when none was imported."""
    _, found = bulk.read_columns(
        tx,
        f"SELECT session, {', '.join(CONTRACTS)} FROM participant_oi WHERE client = :client "
        "AND measure = :measure AND session >= :first ORDER BY session",
        {"client": client, "measure": measure, "first": _first(start)},
    )
    found = found if len(found) else np.empty((0, 1 + len(CONTRACTS)))
    counts = {name: found[:, 1 + place].copy() for place, name in enumerate(CONTRACTS)}
    return Positions(client, measure, _days(found[:, 0]), counts)


def _held(tx: Session, statement: str) -> dict[tuple[str, int], NDArray[np.float64]]:
    texts, numbers = bulk.read_columns(tx, statement, {}, texts=2)
    return {
        (f"{one}|{other}", int(row[0])): row[1:]
        for one, other, row in zip(texts[0], texts[1], numbers, strict=True)
    }


def _new(
    held: Mapping[tuple[str, int], NDArray[np.float64]],
    keys: Sequence[str],
    days: NDArray[np.int64],
    values: Sequence[Floats],
) -> NDArray[np.bool_]:
    """Rows that are not stored with these very values."""
    new = np.ones(len(keys), dtype=bool)
    if held:
        mine = np.column_stack(values)
        for place, key in enumerate(zip(keys, days.tolist(), strict=True)):
            there = held.get(key)
            new[place] = there is None or not np.array_equal(there, mine[place], equal_nan=True)
    return new


def _first(start: date | None) -> int:
    return 0 if start is None else int(f"{start:%Y%m%d}")


def _days(numbers: Floats) -> tuple[date, ...]:
    return tuple(
        date(day // 10_000, day // 100 % 100, day % 100)
        for day in numbers.astype(np.int64).tolist()
    )
