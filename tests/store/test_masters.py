import sqlite3
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.listed import Kind, Listed
from core.errors import BadInput, NotFound
from core.providers.masters import read_master
from core.store import masters

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
COUNTS = {
    "kite_instruments_NSE_2026-01.csv.gz": ("kite", "NSE", 8_725),
    "kite_instruments_NFO_2025-11.csv.gz": ("kite", "NFO", 38_752),
    "upstox_NSE_instruments_2025-03.json.gz": ("upstox", "NSE", 7_622),
    "fyers_NSE_CM_symbol_master_2024-06.csv.gz": ("fyers", "NSE", 6_769),
    "angelone_instruments_2025-03.json.gz": ("angel", "NSE", 2_292),
}


def line(symbol: str, name: str, **fields) -> Listed:
    made = Listed(
        broker="kite",
        exchange="NSE",
        called=symbol,
        symbol=symbol,
        name=name,
        isin="",
        token=str(abs(hash(symbol)) % 10**6),
        series="EQ",
        kind=Kind.SHARE,
        tick_paise=5,
        lot=1,
    )
    return replace(made, **fields)


SBIN = line("SBIN", "STATE BANK OF INDIA", token="779521")
LISTED = [
    line("SBILIFE", "SBI LIFE INSURANCE COMPANY"),
    SBIN,
    line("SBICARD", "SBI CARDS & PAY SER"),
    line("BANKINDIA", "BANK OF INDIA"),
    line("SBIN25NOVFUT", "SBIN", exchange="NFO", kind=Kind.FUTURE, series=""),
    line("8SBIN30", "SBIN BOND", kind=Kind.BOND, series="N1"),
    line("M&M", "MAHINDRA & MAHINDRA"),
]


def put(home: Path, *listed: Listed) -> list:
    return masters.put_masters(home, listed, file="list.csv", at=AT)


def found(home: Path, words: str) -> list[str]:
    return [one.symbol for one in masters.search(home, words)]


def test_an_exact_symbol_leads_then_beginnings_then_words_of_names(tmp_path: Path):
    put(tmp_path, *LISTED)
    assert found(tmp_path, "sbin") == ["SBIN", "SBIN25NOVFUT", "8SBIN30"]
    assert found(tmp_path, "SBI")[:3] == ["SBIN", "SBICARD", "SBILIFE"]
    assert found(tmp_path, "bank of") == ["BANKINDIA", "SBIN"]  # a symbol that begins so leads
    assert found(tmp_path, "india bank") == ["SBIN", "BANKINDIA"]  # in any order
    assert found(tmp_path, "779521") == ["SBIN"]
    assert found(tmp_path, "m&m") == ["M&M"]
    assert found(tmp_path, '"; drop') == found(tmp_path, "& &") == found(tmp_path, "  ") == []


def test_lines_of_several_brokers_are_one_instrument(tmp_path: Path):
    upstox = replace(
        SBIN, broker="upstox", called="NSE_EQ|INE062A01020", isin="INE062A01020", token="3045"
    )
    put(tmp_path, SBIN, upstox)
    [one] = masters.search(tmp_path, "INE062A01020")
    assert (one.symbol, one.isin, len(one.lines)) == ("SBIN", "INE062A01020", 2)
    assert {each.broker for each in one.lines} == {"kite", "upstox"}
    assert masters.line_of(tmp_path, broker="kite", exchange="NSE", symbol="SBIN") == SBIN
    with pytest.raises(NotFound, match="fyers lists no SBIN"):
        masters.line_of(tmp_path, broker="fyers", exchange="NSE", symbol="SBIN")


def test_a_new_master_replaces_the_old_one_of_that_broker_and_exchange(tmp_path: Path):
    put(tmp_path, *LISTED)
    [load] = put(tmp_path, line("ETERNAL", "ETERNAL"))
    assert (load.broker, load.exchange, load.rows) == ("kite", "NSE", 1)
    assert found(tmp_path, "sbi") == ["SBIN25NOVFUT"]  # the NFO list stays
    assert found(tmp_path, "eternal") == ["ETERNAL"]
    assert [(one.exchange, one.rows) for one in masters.loads(tmp_path)] == [("NFO", 1), ("NSE", 1)]


def test_a_load_that_fails_half_way_leaves_the_old_list(tmp_path: Path):
    put(tmp_path, *LISTED)
    with pytest.raises(BadInput, match="icici NSE SBIN"):
        put(tmp_path, line("NEW", "NEW"), replace(SBIN, broker="icici"))
    assert found(tmp_path, "sbin")[0] == "SBIN"
    assert found(tmp_path, "new") == []


def test_without_any_master_a_search_says_how_to_load_one(tmp_path: Path):
    assert masters.loads(tmp_path) == []
    with pytest.raises(NotFound, match="munim data masters FILE"):
        masters.search(tmp_path, "sbin")


def test_the_index_is_one_that_sqlite_utils_knows(tmp_path: Path):
    import sqlite_utils

    put(tmp_path, *LISTED)
    database = sqlite_utils.Database(tmp_path / masters.FILE)
    assert database["listed"].detect_fts() == "listed_fts"
    assert [row["symbol"] for row in database["listed"].search("mahindra")] == ["M&M"]
    database.close()


def test_a_search_reads_indexes_and_never_walks_the_table(tmp_path: Path):
    put(tmp_path, *LISTED)
    asked: list[str] = []
    with masters._open(tmp_path) as connection:
        connection.set_trace_callback(asked.append)
        for way in (masters._exact, masters._beginning, masters._worded):
            list(way(connection, "SBI"))
        connection.set_trace_callback(None)
        plans = [
            row["detail"]
            for statement in asked
            if statement.startswith("SELECT symbol")
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
        ]
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN listed") and "VIRTUAL" not in plan]


@pytest.mark.realdata
def test_every_brokers_master_loads_with_the_rows_its_readme_states(
    tmp_path: Path, real_files: Path
):
    for name, (broker, exchange, rows) in COUNTS.items():
        listed = read_master(real_files / "broker" / name)
        [load] = masters.put_masters(tmp_path, listed, file=name, at=AT)
        print(f"{broker} {exchange}: {load.rows} rows")
        assert (load.broker, load.exchange, load.rows) == (broker, exchange, rows)
    with sqlite3.connect(tmp_path / masters.FILE) as connection:
        [total] = connection.execute("SELECT COUNT(*) FROM listed").fetchone()
        [indexed] = connection.execute("SELECT COUNT(*) FROM listed_fts_docsize").fetchone()
    assert total == indexed == sum(rows for _, _, rows in COUNTS.values()) == 64_160
    took = []
    for words in ("SBIN", "sbi", "n", "nifty", "reliance ind", "779521", "INE062A01020", "a", "e"):
        for _ in range(5):
            started = time.perf_counter()
            masters.search(tmp_path, words)
            took.append((time.perf_counter() - started) * 1_000)
    took.sort()
    print(f"search over {total} rows: median {took[22]:.1f} ms, slowest {took[-1]:.1f} ms")
    assert found(tmp_path, "reliance ind")[0] == "RELIANCE"
    assert found(tmp_path, "779521") == ["SBIN"]
