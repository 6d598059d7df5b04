"""Limits used at a broker, as rows with the broker's windows."""

from __future__ import annotations

from core.domain.account import Broker, BrokerLogin, LoginMode
from core.views.broker_parts import use_rows, uses_note
from core.views.shown import Meter

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
