"""The market of now: movers, breadth, sectors, indices and flows, and what stands for none."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from core.desk.desk import Desk
from core.store import flows, index_bars, instruments
from core.views.market_board import Pasts, market_board
from core.views.markets import EVERYTHING, TRADED, watchlist_view
from core.views.symbol_price import price_line
from tests.views.history import ISINS, with_bars
from tests.views.shelf import RELIANCE, empty_desk, filled_desk, share

TCS = "INE467B01029"


def test_movers_breadth_and_sectors_are_counted(tmp_path: Path):
    board = market_board(with_bars(filled_desk(tmp_path)), pasts=Pasts())
    # three of six stand at 500 against 490: +2.04 %; TATAPOWER +2.32, RELIANCE +1.12, BEL +0.95
    assert [row.symbol.text for row in board.gainers] == [
        "TATAPOWER", "INFY", "SBIN", "TCS", "RELIANCE", "BEL",
    ]  # fmt: skip
    assert board.losers == ()
    assert board.gainers[0].change.text == "+2.32 %" and board.gainers[0].change.tone == "gain"
    assert board.gainers[0].volume == "6.84×"  # 68,41,207 shares against a usual 10,00,000
    figures = {one.label: (one.value, one.detail) for one in board.figures}
    assert figures["Advances · declines"] == ("6 · 0", "0 unchanged")
    assert figures["Above 200-day average"][1].endswith("of 6")
    assert board.sectors[0].name == "Power" and board.sectors[0].heat == 1.0
    assert board.note == "6 shares · 1 s"


def without_a_feed(tmp_path: Path) -> Desk:
    """420 sessions of six shares, TCS only looked at, and no price of a feed."""
    desk = with_bars(empty_desk(tmp_path))
    with desk.store.write() as tx:
        instruments.put(
            tx,
            [
                share(RELIANCE, "RELIANCE", "Reliance", "Energy"),
                replace(share(TCS, "TCS", "Tata", "IT"), is_traded=False),
            ],
        )
        tx.connection().execute(text("delete from quotes"))
    return desk


def test_without_a_feed_the_last_stored_session_stands_for_now(tmp_path: Path):
    board = market_board(without_a_feed(tmp_path), everything=True, pasts=Pasts())
    assert board.note == "4 shares · closes of 19 Nov 2026" and not board.empty
    assert len(board.gainers) + len(board.losers) == 4
    figures = {one.label: one.detail for one in board.figures}
    assert figures["52-week highs · lows"] == "today, among 4"


def test_traded_shares_are_counted_unless_all_are_asked_for(tmp_path: Path):
    desk = without_a_feed(tmp_path)
    traded, whole = market_board(desk, pasts=Pasts()), market_board(desk, everything=True)
    assert traded.has_others and traded.note.startswith("3 shares")
    assert traded.figures[0].label == "Traded shares, equal weight"
    assert whole.figures[0].label == "All shares, equal weight"


def test_a_list_shows_stored_closes_and_offers_the_traded_shares(tmp_path: Path):
    view = watchlist_view(without_a_feed(tmp_path))
    assert view.name == TRADED and view.names == (TRADED, EVERYTHING)
    assert view.note == "3 shares · closes of 19 Nov 2026"
    row = next(one for one in view.rows if one.symbol == "RELIANCE")
    k = ISINS.index(RELIANCE)
    before, last = (100 + at + k + 0.4 * math.sin(at * (1 + k / 7)) for at in (418, 419))
    assert row.ltp == pytest.approx(last, abs=0.006) and row.at == "19 Nov 2026"
    assert row.change == pytest.approx(last / before - 1, abs=3e-5)


def test_the_head_of_a_share_without_a_feed_says_whose_close_it_is(tmp_path: Path):
    line = price_line(without_a_feed(tmp_path), RELIANCE)
    assert line.age == "close of 19 Nov 2026" and not line.stale


def test_what_was_never_imported_is_said_in_a_sentence(tmp_path: Path):
    board = market_board(filled_desk(tmp_path), pasts=Pasts())
    assert board.indices_note.startswith("No index is imported yet.")
    assert board.flows_note.startswith("No FII/DII file is imported yet.")
    assert board.figures[-1].detail == "no bars are stored yet"
    bare = market_board(empty_desk(tmp_path / "bare"), pasts=Pasts())
    assert bare.empty == "No price has come yet; they come with the worker."


def test_indices_stand_with_vix_in_grey_and_flows_newest_first(tmp_path: Path):
    desk = filled_desk(tmp_path)
    days = np.array(["2026-11-18", "2026-11-19"], dtype="datetime64[D]")
    with desk.store.write() as tx:
        for name, close in (("INDIA VIX", [12.0, 15.0]), ("NIFTY 50", [25_000.0, 25_250.0])):
            level = np.array(close)
            index_bars.put(tx, [name] * 2, days, [level] * 5, np.ones(2), "t")
        net = {"net": np.array([-1500.5, 820.25, 900.0, -10.0])}
        flows.put(tx, np.repeat(days, 2), ["FII", "DII"] * 2, ["CASH"] * 4, net, "t")
    board = market_board(desk, pasts=Pasts())
    assert [(row.name, row.level, row.change.text, row.change.tone, row.at)
            for row in board.indices] == [
        ("NIFTY 50", "25,250.00", "+1.00 %", "gain", "EOD 19 Nov"),
        ("India VIX", "15.00", "+25.00 %", "mute", "EOD 19 Nov"),
    ]  # fmt: skip
    assert [(row.day, row.fii.text, row.dii.text) for row in board.flows] == [
        ("19 Nov 2026", "+900.00", "\u221210.00"), ("18 Nov 2026", "\u22121,500.50", "+820.25"),
    ]  # fmt: skip


def test_the_past_is_worked_out_again_only_when_bars_come(tmp_path: Path):
    desk, pasts = filled_desk(tmp_path), Pasts()
    with desk.store.read() as tx:
        assert pasts.of(tx) is None
    with_bars(desk)
    with desk.store.read() as tx:
        first = pasts.of(tx)
        assert first is not None and pasts.of(tx) is first


@pytest.mark.parametrize("day", [date(2026, 11, 19)])
def test_the_newest_session_is_found_by_share(tmp_path: Path, day: date):
    from core.store import bars

    desk = with_bars(filled_desk(tmp_path))
    with desk.store.read() as tx:
        assert bars.last_session(tx) == day == bars.sessions(tx)[-1]
