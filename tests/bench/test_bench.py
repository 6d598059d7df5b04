"""The bench measures and says what it measured; no figure is held against a wall clock."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from core.backtest import bench, bench_desk, bench_rows, bench_store, bench_wide
from core.desk import open_market
from core.errors import BadInput, SourceFailed
from tests.cli.terminal import make_terminal

KEYS = {"name", "value", "unit", "n", "note"}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer bars, entries, headlines, orders and looks than the real bench."""
    monkeypatch.setattr(bench_store, "SESSIONS", 20)
    monkeypatch.setattr(bench_store, "SHARES", 5)
    monkeypatch.setattr(bench_store, "ENTRIES", 40)
    monkeypatch.setattr(open_market, "HISTORY_SESSIONS", 330)
    monkeypatch.setattr(bench_desk, "CARDS", 2)
    monkeypatch.setattr(bench_desk, "ORDERS", 3)
    monkeypatch.setattr(bench_desk, "ORDER_HEADLINES", 20)
    monkeypatch.setattr(bench_desk, "HEADLINES", 30)
    monkeypatch.setattr(bench_wide, "LOOKS", 4)


def test_percentiles_are_in_milliseconds():
    # 1 to 100 ms: half of them are under 50.5 ms
    rows = bench_rows.spread("x", [n / 1000 for n in range(1, 101)], parts=(50, 99), note="so")
    assert rows[0] == {"name": "x, p50", "value": 50.5, "unit": "ms", "n": 100, "note": "so"}
    assert bench_rows.spread("x", []) == []


def test_bars_are_written_beside_plain_sqlite(small: None):
    rows = bench.run_bench(only="bars")
    assert [row["name"] for row in rows] == ["bars written", "bars read"]
    assert all(row.keys() == KEYS and float(str(row["value"])) > 0 for row in rows)
    assert all("plain sqlite3" in str(row["note"]) for row in rows)


def test_json_is_one_document(
    small: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    munim = make_terminal(monkeypatch, capsys)
    said = munim("bench", "--only", "audit", "--json")
    assert said.code == 0
    assert [row.keys() for row in said.document] == [KEYS]
    assert "audit verify" in munim("bench", "--only", "audit").out


def test_measures_of_one_run_do_not_meet_in_one_folder(monkeypatch: pytest.MonkeyPatch):
    def measure(folder: Path) -> list[dict[str, Any]]:
        with (folder / "plain.db").open("x"):  # another measure's file would be refused
            return [{"name": folder.name}]

    monkeypatch.setattr(bench, "STORE", {"some store": measure, "some other": measure})
    monkeypatch.setattr(bench, "NAMES", ("some store", "some other"))
    assert [row["name"] for row in bench.run_bench()] == ["some-store", "some-other"]


def test_an_unknown_name_lists_the_names():
    with pytest.raises(BadInput, match="nothing measured is called 'moon'; use one of bars"):
        bench.run_bench(only="moon")


def test_a_screen_bench_that_fails_says_its_last_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(SourceFailed, match=r"ui\.bench memory ended with 1: no word"):
        bench.run_bench(only="memory")


def test_rows_of_the_screens_are_merged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    row = {"name": "memory web", "value": 200.0, "unit": "MiB", "n": 1, "note": ""}
    asked: list[list[str]] = []

    class Done:
        returncode, stderr, stdout = 0, "", "a warning\n" + json.dumps([row]) + "\n"

    def run(command: list[str], **_: Any) -> Done:
        asked.append(command)
        return Done()

    monkeypatch.setattr(bench.subprocess, "run", run)
    assert bench.run_bench(only="memory", minutes=30) == [row]
    assert asked[0][-2:] == ["--minutes", "30"]


@pytest.mark.slow
def test_the_whole_path_is_measured(small: None, tmp_path: Path):
    rows = bench._desk_rows(tmp_path / "home", bench.NAMES, lambda _words: None)
    names = {str(row["name"]).split(",")[0] for row in rows}
    assert {"training", "features of the panel", "scan", "quotes tick", "headline to card",
            "approve to order", "risk loop"} == names  # fmt: skip
    by_name = {row["name"]: row for row in rows}
    assert by_name["headline to card, p50"]["n"] == 2
    assert int(str(by_name["approve to order, p50"]["n"])) >= 3
    assert by_name["risk loop, p99"]["n"] == 4
