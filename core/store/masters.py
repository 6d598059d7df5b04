"""Brokers' instrument masters and their search, in a SQLite file of their own beside the store.

The file holds no fact of the desk: it is made anew from the brokers' morning downloads, so it
stands in MUNIM_HOME under PostgreSQL too. Row numbers put shares before bonds and options and
short symbols before long ones; a search reads them in that order and stops early.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from core.domain.listed import Kind, Listed, MasterLoad
from core.errors import BadInput, NotFound

FILE = "instruments.db"
SEARCHED = ("symbol", "name", "isin")
BROKERS = ("kite", "upstox", "fyers", "angel")
EXCHANGES = ("NSE", "BSE", "NFO", "BFO", "CDS", "BCD", "MCX", "NCO", "NSEIX", "GLOBAL")
CANDIDATES = 120  # rows read per way of matching before they are grouped
ASKED_AT_ONCE = 500  # names in one statement
BUSY_SECONDS = 10.0
COLUMNS: dict[str, type] = {
    "id": int,
    "broker": str,
    "exchange": str,
    "called": str,
    "symbol": str,
    "name": str,
    "isin": str,
    "token": str,
    "series": str,
    "kind": int,
    "tick_paise": int,
    "lot": int,
    "freeze_qty": int,
    "expiry": str,
    "strike_paise": int,
    "cas_eligible": int,
}


@dataclass(frozen=True, slots=True)
class Found:
    """One instrument that a search found, with its line at each broker that lists it."""

    symbol: str
    name: str
    isin: str
    exchange: str
    kind: Kind
    lines: tuple[Listed, ...]


def put_masters(
    home: Path, listed: Sequence[Listed], *, file: str, at: datetime
) -> list[MasterLoad]:
    """Replace each broker's lines of each exchange in `listed`, in one transaction.

    Returns one load per broker and exchange, with its rows.
    """
    import sqlite_utils

    home.mkdir(parents=True, exist_ok=True)
    groups: dict[tuple[str, str], list[Listed]] = {}
    for one in listed:
        groups.setdefault((one.broker, one.exchange), []).append(one)
    loaded_at = at.astimezone(UTC).isoformat(timespec="seconds")
    loads = [
        MasterLoad(broker, exchange, len(lines), file, loaded_at)
        for (broker, exchange), lines in groups.items()
    ]
    with closing(sqlite3.connect(home / FILE, timeout=BUSY_SECONDS)) as connection:
        database = sqlite_utils.Database(connection)
        _make_tables(database)
        with database.atomic():
            for (broker, exchange), lines in groups.items():
                database.table("listed").delete_where(
                    "broker = ? AND exchange = ?", [broker, exchange]
                )
                database.table("listed").insert_all(_numbered(lines), batch_size=1_000)
            database.table("loads").upsert_all(
                [asdict(load) for load in loads], pk=("broker", "exchange")
            )
    return loads


def loads(home: Path) -> list[MasterLoad]:
    """What is loaded, by broker and exchange; empty before the first load."""
    if not (home / FILE).is_file():
        return []
    with _open(home) as connection:
        rows = connection.execute("SELECT * FROM loads ORDER BY broker, exchange")
        return [MasterLoad(**dict(row)) for row in rows]


def search(home: Path, words: str, *, limit: int = 20) -> list[Found]:
    """Instruments by symbol, broker's token, ISIN or words of a name, best first.

    An exact symbol, ISIN or token comes first, then symbols that begin so, then names with
    every word. Raises NotFound when no master was ever loaded.
    """
    typed = " ".join(words.split()).upper()
    if not typed:
        return []
    with _open(home) as connection:
        keys: dict[tuple[str, str], None] = {}
        for way in (_exact, _beginning, _worded):
            keys |= dict.fromkeys(tuple(row) for row in way(connection, typed))
            if len(keys) >= limit:
                break
        return [_found(connection, *key) for key in list(keys)[:limit]]


def line_of(home: Path, *, broker: str, exchange: str, symbol: str) -> Listed:
    """A broker's line of a share; raises NotFound."""
    with _open(home) as connection:
        row = connection.execute(
            "SELECT * FROM listed WHERE symbol = ? AND broker = ? AND exchange = ? ORDER BY id",
            (symbol, broker, exchange),
        ).fetchone()
    if row is None:
        raise NotFound(f"{broker} lists no {symbol} at {exchange}; load its newest master")
    return _line(row)


def share_lines(home: Path, names: Sequence[str]) -> list[Listed]:
    """NSE shares whose symbol or ISIN is among the names; empty when no master was ever loaded."""
    if not (home / FILE).is_file():
        return []
    found: list[Listed] = []
    with _open(home) as connection:
        for first in range(0, len(names), ASKED_AT_ONCE):
            part = list(names[first : first + ASKED_AT_ONCE])
            marks = ", ".join("?" * len(part))
            for column in ("symbol", "isin"):
                rows = connection.execute(
                    f"SELECT * FROM listed WHERE {column} IN ({marks}) AND exchange = 'NSE' "
                    "AND kind <= ? ORDER BY id",
                    [*part, int(Kind.OTHER_SHARE)],
                )
                found += [_line(row) for row in rows]
    return found


def _exact(connection: sqlite3.Connection, typed: str) -> Iterator[sqlite3.Row]:
    for column in ("symbol", "isin", "token", "called"):
        yield from connection.execute(
            f"SELECT symbol, exchange FROM listed WHERE {column} = ? ORDER BY id LIMIT ?",
            (typed, CANDIDATES),
        )


def _beginning(connection: sqlite3.Connection, typed: str) -> Iterator[sqlite3.Row]:
    yield from connection.execute(
        "SELECT symbol, exchange FROM listed INDEXED BY listed_symbol WHERE symbol >= ? "
        "AND symbol < ? GROUP BY symbol, exchange ORDER BY MIN(id) LIMIT ?",
        (typed, typed + "\uffff", CANDIDATES),
    )


def _worded(connection: sqlite3.Connection, typed: str) -> Iterator[sqlite3.Row]:
    asked = re.findall(r"[A-Z0-9]+", typed)
    if not asked:
        return
    found = connection.execute(
        "SELECT symbol, exchange FROM listed WHERE id IN (SELECT rowid FROM listed_fts "
        "WHERE listed_fts MATCH ? ORDER BY rowid LIMIT ?) ORDER BY id",
        (" ".join(f'"{word}"*' for word in asked), CANDIDATES),
    ).fetchall()
    yield from sorted(found, key=lambda row: not row["symbol"].startswith(asked[0]))


def _found(connection: sqlite3.Connection, symbol: str, exchange: str) -> Found:
    rows = connection.execute(
        "SELECT * FROM listed WHERE symbol = ? AND exchange = ? ORDER BY id", (symbol, exchange)
    )
    lines = tuple(_line(row) for row in rows)
    named = max(lines, key=lambda one: len(one.name))
    isin = next((one.isin for one in lines if one.isin), "")
    return Found(symbol, named.name, isin, exchange, lines[0].kind, lines)


def _make_tables(database: Any) -> None:
    if "listed" not in database.table_names():
        with database.atomic():
            database.table("listed").create(COLUMNS, pk="id")
            database.table("listed").create_index(
                ["symbol", "exchange"], index_name="listed_symbol"
            )
            database.table("listed").create_index(
                ["broker", "exchange"], index_name="listed_broker"
            )
            for column in ("isin", "token", "called"):
                database.table("listed").create_index([column], index_name=f"listed_{column}")
            database.table("loads").create(
                {"broker": str, "exchange": str, "rows": int, "file": str, "loaded_at": str},
                pk=("broker", "exchange"),
            )
    database.table("listed").enable_fts(SEARCHED, create_triggers=True, replace=True)


def _numbered(lines: Sequence[Listed]) -> Iterator[dict[str, Any]]:
    """Rows whose number orders a search: kind, length of the symbol, broker, then alphabet."""
    source = _source(lines[0])
    ordered = sorted(lines, key=lambda one: (one.kind, len(one.symbol), one.symbol))
    for number, one in enumerate(ordered):
        length = min(len(one.symbol), 99)
        row = asdict(one)
        row["id"] = ((one.kind * 100 + length) * 100 + source) * 10_000_000 + number
        row["kind"] = int(one.kind)
        row["expiry"] = one.expiry.isoformat() if one.expiry else None
        yield row


def _source(line: Listed) -> int:
    try:
        return BROKERS.index(line.broker) * len(EXCHANGES) + EXCHANGES.index(line.exchange)
    except ValueError:
        raise BadInput(
            f"{line.broker} {line.exchange} {line.symbol}: masters of {', '.join(BROKERS)} at "
            f"{', '.join(EXCHANGES)} are kept"
        ) from None


@contextmanager
def _open(home: Path) -> Iterator[sqlite3.Connection]:
    path = home / FILE
    if not path.is_file():
        raise NotFound("no instrument master is loaded; munim data masters FILE loads one")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as opened:
        opened.row_factory = sqlite3.Row
        yield opened


def _line(row: sqlite3.Row) -> Listed:
    fields = dict(row)
    del fields["id"]
    fields["kind"] = Kind(fields["kind"])
    fields["expiry"] = date.fromisoformat(fields["expiry"]) if fields["expiry"] else None
    cas = fields["cas_eligible"]
    fields["cas_eligible"] = None if cas is None else bool(cas)
    return Listed(**fields)
