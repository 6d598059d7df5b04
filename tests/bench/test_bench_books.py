"""The bench of the books reaches what it says it measures; no figure is held to a wall clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.backtest import bench, bench_books
from core.backtest.bench_cards import open_account, stand
from core.backtest.bench_orders import settings_in
from core.domain.money import ZERO
from core.store import ledger


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few postings, accounts and shares."""
    monkeypatch.setattr(bench_books, "POSTINGS", 200)
    monkeypatch.setattr(bench_books, "ACCOUNTS", 3)
    monkeypatch.setattr(bench_books, "SHARES", 4)
    monkeypatch.setattr(bench_books, "TIMES", 1)


def test_every_figure_of_the_books_is_measured(small: None, tmp_path: Path):
    rows = {str(one["name"]): one for one in bench_books.books(tmp_path)}
    assert set(rows) == {
        "books balance of an account, p50", "books balance of an account, p95",
        "books balances of the largest account", "books all balances",
        "books all balances before today", "books day's P&L, first look",
        "books day's P&L, next look", "books sessions of a year, first look",
        "books sessions of a year, next look", "books who earned it, by share",
        "books who earned it, by strategy",
    }  # fmt: skip
    assert all(one["unit"] == "ms" and float(str(one["value"])) > 0 for one in rows.values())
    assert "plain sqlite3" in str(rows["books balances of the largest account"]["note"])
    assert "books" in bench.NAMES


def test_the_postings_of_the_bench_are_books_that_hold(small: None, tmp_path: Path):
    with stand(settings_in(tmp_path), shares=4) as made:
        for number in range(3):
            open_account(made.desk, f"bench{number}", at=made.clock.now())
        lines = bench_books._fill(made)
        assert 200 <= lines < 210
        with made.desk.store.read() as tx:
            assert ledger.trial_balance(tx) == ZERO
            held = ledger.positions(tx)
            assert held and all(one.qty > 0 for one in held)
            assert len(ledger.transactions(tx, bench_books.LARGEST)) > 15
