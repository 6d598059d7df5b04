"""Limits used at a broker, as rows with the broker's windows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.account import Broker, BrokerLogin, LoginMode, Market
from core.views.broker_parts import use_rows, uses_note
from core.views.brokers import brokers_view
from core.views.first_start import first_start
from core.views.reconcile import reconcile_view
from core.views.shown import Meter
from tests.views.shelf import empty_desk

KITE = BrokerLogin("k", Broker.ZERODHA, LoginMode.PAPER, "Kite", "AB1234")
UPSTOX = BrokerLogin("u", Broker.UPSTOX, LoginMode.PAPER, "Upstox", "7AB123")
ASKED = {"used": 1_700, "most": 2_000, "window": "30 min", "every": 6.0, "told": False}


def test_writes_and_reads_stand_beside_each_brokers_windows() -> None:
    uses = [["order writes", 3, 350, 900], ["other", 4, 200, 5000], ["quotes", 1, 30, 90]]
    writes, reads, prices = use_rows(KITE, {"uses": uses})
    assert (writes.second, writes.minute, writes.day) == ("3 / 10", "350 / 400", "900 / 5,000")
    assert writes.meter == Meter(350 / 400)
    assert (reads.second, reads.minute, reads.day) == ("4 / 10", "200", "5,000")
    assert (prices.minute, prices.meter) == ("30", "–")


def test_a_long_window_of_reads_has_a_row_and_the_note_says_how_often_the_worker_looks() -> None:
    rows = use_rows(UPSTOX, {"uses": [["other", 4, 200, 1700]], "asked": ASKED})
    assert (rows[-1].kind, rows[-1].minute) == ("Reads in 30 min", "1,700 / 2,000")
    assert (rows[-1].meter, rows[-1].mark) == (Meter(0.85), "")
    note = uses_note({"asked": ASKED})
    assert note == "by this worker, looks every 6 s; no stream tells of changes"
    assert uses_note({}) == "by this worker"


def test_a_restarted_worker_still_shows_the_orders_sent_before() -> None:
    (writes,) = use_rows(KITE, {"uses": [["order writes", 0, 0, 0]]}, sent_today=7)
    assert writes.day == "7 / 5,000"


def test_a_window_that_is_used_up_makes_its_row_red() -> None:
    (row,) = use_rows(UPSTOX, {"asked": {**ASKED, "used": 2_000}})
    assert row.mark == "red"


@pytest.mark.parametrize(
    ("market", "says", "lines"),
    [(Market.SIM, "start a sandbox", 4), (Market.REPLAY, "has no broker", 0),
     (Market.LIVE, "Add a login below", 0)],
)  # fmt: skip
def test_a_page_without_a_login_says_what_this_market_trades_through(
    tmp_path: Path, market: Market, says: str, lines: int
) -> None:
    desk = replace(empty_desk(tmp_path), market=market)
    view = brokers_view(desk)
    assert says in view.about
    assert len(view.practise) == lines


def test_nothing_compared_is_never_called_agreed(tmp_path: Path) -> None:
    desk = empty_desk(tmp_path)
    assert "Nothing was compared yet" in reconcile_view(desk).agrees
    replayed = replace(desk, market=Market.REPLAY)
    assert reconcile_view(replayed).agrees == (
        "A replay plays history and has no broker to compare with."
    )


def test_an_empty_replay_store_names_the_commands_that_fill_it(tmp_path: Path) -> None:
    desk = replace(empty_desk(tmp_path), market=Market.REPLAY)
    rows = {row.name: row.words for row in first_start(desk).rows}
    assert rows["Bars loaded"].startswith("munim data import")
    assert rows["First card"].startswith("munim replay")
    assert not any("waits for the worker" in words for words in rows.values())
