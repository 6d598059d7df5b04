"""Bars and the record, measured on stores of their own beside plain sqlite3."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from core.backtest.bench_rows import Row, median, row, timed
from core.domain.account import Market
from core.panel import Panel
from core.store import audit
from core.store import bars as bar_rows
from core.store.engine import Store, open_store

SESSIONS, SHARES = 1250, 174
ENTRIES = 5_000
TIMES = 3
AT = datetime(2026, 1, 1, tzinfo=UTC)
PEER = "INSERT INTO bars VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


def bars(folder: Path) -> list[Row]:
    """Bars a second into and out of a store as arrays; the peer writes the same rows."""
    panel = _panel()
    size = SESSIONS * SHARES
    writes, peers, reads, peer_reads = [], [], [], []
    for turn in range(TIMES):
        store = open_store(f"sqlite:///{folder / f'bars{turn}.db'}", Market.SIM)
        plain = _plain_store(folder / f"plain{turn}.db")
        rows = _rows(panel)
        writes.append(timed(lambda: _write(store, panel)))  # noqa: B023
        peers.append(timed(lambda: _write_plain(plain, rows)))  # noqa: B023
        reads.append(timed(lambda: _read(store)))  # noqa: B023
        peer_reads.append(timed(lambda: plain.execute("SELECT * FROM bars").fetchall()))  # noqa: B023
        plain.close()
        store.close()
    write, peer, read, peer_read = (
        float(np.median(times)) for times in (writes, peers, reads, peer_reads)
    )
    return [
        row("bars written", size / write, "bars/s", n=TIMES,
            note=f"{size} bars; plain sqlite3 executemany of ready rows {size / peer:,.0f}/s, "
            f"{peer / write:.2f} of it"),
        row("bars read", size / read, "bars/s", n=TIMES,
            note=f"{size} bars into arrays; plain sqlite3 fetchall into tuples "
            f"{size / peer_read:,.0f}/s, {peer_read / read:.2f} times it"),
    ]  # fmt: skip


def audit_verify(folder: Path) -> list[Row]:
    """Milliseconds to verify a thousand entries of the chain."""
    store = open_store(f"sqlite:///{folder / 'audit.db'}", Market.SIM)
    with store.write() as tx:
        for number in range(ENTRIES):
            body = {"order": f"or-{number}", "qty": number, "side": "BUY"}
            audit.append(tx, at=AT, actor="bench", verb="order", subject=f"s{number}", body=body)

    def verify() -> None:
        with store.read() as tx:
            audit.verify(tx)

    seconds = median(verify, times=TIMES)
    store.close()
    note = f"a chain of {ENTRIES} entries"
    return [row("audit verify, 1,000 entries", seconds / ENTRIES * 1e6, "ms", n=TIMES, note=note)]


def _panel() -> Panel:
    draws = np.random.default_rng(42)
    close = 500.0 * np.exp(np.cumsum(draws.normal(0, 0.015, (SESSIONS, SHARES)), axis=0))
    close = np.round(close, 2)
    first = date(2021, 1, 1)
    return Panel(
        sessions=tuple(first + timedelta(days=place) for place in range(SESSIONS)),
        isins=tuple(f"INE{place:09d}" for place in range(SHARES)),
        open=close,
        high=close * 1.01,
        low=close * 0.99,
        close=close,
        volume=draws.integers(10_000, 10_000_000, (SESSIONS, SHARES)).astype(np.float64),
        factor=np.ones_like(close),
    )


def _write(store: Store, panel: Panel) -> None:
    with store.write() as tx:
        bar_rows.put_panel(tx, panel, source="bench")


def _read(store: Store) -> None:
    with store.read() as tx:
        bar_rows.read_panel(tx)


def _plain_store(path: Path) -> sqlite3.Connection:
    plain = sqlite3.connect(path)
    plain.execute("PRAGMA journal_mode=WAL")
    plain.execute("PRAGMA synchronous=FULL")
    plain.execute(
        "CREATE TABLE bars (isin TEXT, session INTEGER, open REAL, high REAL, low REAL, "
        "close REAL, volume REAL, factor REAL, source TEXT, PRIMARY KEY (isin, session))"
    )
    return plain


def _rows(panel: Panel) -> list[tuple[object, ...]]:
    return [
        (
            isin, session.toordinal(), *(float(part[down, across]) for part in
            (panel.open, panel.high, panel.low, panel.close, panel.volume)), 1.0, "bench",
        )
        for across, isin in enumerate(panel.isins)
        for down, session in enumerate(panel.sessions)
    ]  # fmt: skip


def _write_plain(plain: sqlite3.Connection, rows: list[tuple[object, ...]]) -> None:
    with plain:
        plain.executemany(PEER, rows)
