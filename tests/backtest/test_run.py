"""A short backtest through the real engine: the same input gives the same cards and books."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.backtest.run import KEPT, _fresh, _market, backtest
from core.desk.backtest import BacktestResult
from core.desk.desk import Desk, calendar_now
from core.desk.mandate import sign
from core.desk.open_market import open_accounts
from core.domain.money import Money, total
from core.providers.sim.market import SimMarket
from core.providers.universe_file import load_universe
from core.store import bars, events, instruments, mandates
from core.store.codec import from_json, to_json
from tests.views.history import days, panel, with_bars
from tests.views.shelf import empty_desk

ROOT = Path(__file__).resolve().parents[2]
SHARES, SESSIONS, PLAYED = 24, 345, 3


def sim_desk(home: Path) -> Desk:
    """A desk whose store holds 345 simulated sessions and their news for 24 shares."""
    desk = empty_desk(home)
    market = SimMarket(load_universe(ROOT / "data/universe.csv")[:SHARES], calendar_now(), seed=7)
    past = market.history(SESSIONS)
    with desk.store.write() as tx:
        instruments.put(tx, list(market.universe))
        bars.put_panel(tx, past, source="SIM")
        events.put_archive(tx, market.past_events())
    open_accounts(desk, at=desk.clock.now())
    return desk


def run(desk: Desk, **changes: object) -> BacktestResult:
    with desk.store.read() as tx:
        stored = bars.sessions(tx)
    wish = {"strategy": "both", "start": stored[-PLAYED], "end": stored[-1]}
    return backtest(desk, **{**wish, **changes})  # type: ignore[arg-type]


@pytest.mark.slow
def test_it_plays_the_desk_and_its_books_hold(tmp_path: Path):
    desk = sim_desk(tmp_path)
    told: list[tuple[float, str]] = []
    made = run(desk, progress=lambda share, words: told.append((share, words)))
    assert (len(made.days), len(made.equity), len(made.market)) == (PLAYED, PLAYED + 1, PLAYED + 1)
    assert made.equity[0] == Money.rupees(60_00_000)
    assert made.books_off == Money(0)
    assert made.shares == SHARES and made.decided > 0
    assert made.approved <= made.cards
    closed = total(trade.pnl for trade in made.trades if trade.pnl is not None)
    assert total(trade.charges for trade in made.trades) == made.charges
    assert made.charges.paise >= 0 and abs(closed.paise) < made.equity[0].paise
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and told[-1][1].endswith(f"{PLAYED} of {PLAYED}")
    assert from_json(BacktestResult, json.dumps(json.loads(to_json(made)))) == made
    again = run(desk)
    assert (again.trades, again.equity, again.cards) == (made.trades, made.equity, made.cards)


@pytest.mark.slow
def test_it_follows_the_mandates_signed_now(tmp_path: Path):
    desk = sim_desk(tmp_path)
    for name in ("event", "sip", "lump"):
        with desk.store.read() as tx:
            rules = mandates.current(tx, name)
            sectors = frozenset(item.sector for item in instruments.all_instruments(tx))
        sign(desk, replace(rules, sectors_banned=sectors), by="t")
    made = run(desk, strategy="momentum")
    assert (made.cards, made.trades, made.equity[-1]) == (0, (), made.equity[0])


def test_only_the_newest_scratch_stores_are_kept(tmp_path: Path):
    for number in range(1, KEPT + 3):
        folder = _fresh(tmp_path)
        assert folder.name == str(number)
        folder.mkdir()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3", "4", "5"]


def test_the_market_line_is_the_mean_of_the_shares_own_returns(tmp_path: Path):
    desk = with_bars(empty_desk(tmp_path))
    bare = panel(days(desk))
    path = _market(bare, bare.sessions[-2:])
    moves = (bare.close[-2:] / bare.close[-3:-1] - 1).mean(axis=1)
    assert path == pytest.approx([1.0, 1 + moves[0], (1 + moves[0]) * (1 + moves[1])], abs=1e-6)
