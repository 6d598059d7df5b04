"""Watchlist rows, one share's page, its chart and the lines over it."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.desk.alerts import ask_alert
from core.desk.watchlist import save_watchlist
from core.domain.money import Money
from core.errors import NotFound
from core.market.indicators import Prices
from core.store import quotes, settings
from core.views.markets import EVERYTHING, isin_of, watchlist_view
from core.views.overlays import OVERLAYS, PANES, overlays, panes
from core.views.series import Series, weekly
from core.views.symbol import symbol_signature, symbol_view
from core.views.symbol_chart import symbol_chart
from core.views.symbol_price import price_line
from tests.views.history import predict, with_bars
from tests.views.shelf import BEL, RELIANCE, empty_desk, filled_desk, quote


def test_a_list_keeps_its_order_and_marks_what_the_desk_has(tmp_path: Path):
    desk = filled_desk(tmp_path)
    save_watchlist(desk, "Mine", ["bel", "RELIANCE"], by="t")
    view = watchlist_view(desk, name="Mine")
    assert [(row.symbol, row.mark) for row in view.rows] == [
        ("BEL", "held 320"), ("RELIANCE", "card"),
    ]  # fmt: skip
    assert (view.note, view.symbols) == ("2 shares · 10:42:06", "BEL, RELIANCE")
    # 2845.30 against 2813.80: +31.50 is +1.12 %
    assert view.rows[1].move == pytest.approx(31.5)
    assert view.rows[1].change == pytest.approx(0.01119, abs=1e-5)


def test_all_shares_stand_by_symbol_and_a_share_without_a_price_has_none(tmp_path: Path):
    desk = filled_desk(tmp_path)
    view = watchlist_view(desk)
    assert view.name == EVERYTHING
    assert [row.symbol for row in view.rows] == ["BEL", "RELIANCE", "TATAPOWER"]
    bare = watchlist_view(empty_desk(tmp_path / "bare"))
    assert bare.empty == "No shares are listed yet. The first start lists the universe."
    assert bare.note == "0 shares · no price yet"


def test_a_link_names_a_share_by_symbol_or_isin(tmp_path: Path):
    desk = filled_desk(tmp_path)
    assert isin_of(desk, symbol="reliance") == isin_of(desk, isin=RELIANCE) == RELIANCE
    with pytest.raises(NotFound, match="no instrument has the symbol RELIENCE; near ones are"):
        isin_of(desk, symbol="RELIENCE")
    with pytest.raises(NotFound, match="no share is named"):
        isin_of(desk)


def test_the_head_ticks_with_its_age_and_says_when_it_is_stale(tmp_path: Path):
    desk = filled_desk(tmp_path)
    line = price_line(desk, RELIANCE)
    assert (line.ltp, line.change.text, line.age, line.stale) == (
        "2,845.30", "+₹31.50 · +1.12 %", "1 s", False,
    )  # fmt: skip
    desk.clock.pass_seconds(9)
    assert price_line(desk, RELIANCE).stale
    assert price_line(empty_desk(tmp_path / "bare"), RELIANCE).change.text == "no price yet"


def test_a_share_shows_day_holding_card_alert_and_news(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    predict(desk)
    ask_alert(desk, "RELIANCE", Money.rupees("2900"), by="t")
    with desk.store.write() as tx:
        settings.put(tx, f"results:{RELIANCE}", ["2026-10-16", "2027-01-22"])
    view = symbol_view(desk, RELIANCE)
    day = dict(view.day)
    assert day["Circuits"] == "2,532.50 – 3,095.10"  # 10 % round 2813.80 on a 10 paise tick
    assert [tag.text for tag in view.tags] == ["NSE", "Energy", "large cap", "card open"]
    assert view.cards[0].words == "BUY 120 at 2,836.00 – 2,852.00"
    assert view.alerts[0].words == "price above 2,900.00"
    assert view.said[0].kind.text == "▲ expansion"
    assert view.odds == (
        "Target first 58.0 % (90 % 51 – 65 %) by 142 cases, base rate 41.0 %, 20 Nov 2026 10:40:07."
    )
    quality = dict(view.quality)
    assert quality["Bars"] == "420 · 0 gaps"
    assert quality["Next results"] == "22 Jan 2027"
    held = symbol_view(desk, BEL).held[0]
    # 320 x (412.20 - 401.88) = 3302.40
    assert (held.qty, held.avg, held.pnl.text) == ("320", "401.88", "+₹3,302.40")


def test_what_is_not_known_about_a_share_is_said(tmp_path: Path):
    desk = filled_desk(tmp_path)
    view = symbol_view(desk, RELIANCE)
    assert view.quality[0] == ("Bars", "none stored")
    assert view.odds == "No prediction: no prices of RELIANCE are stored."
    predict(desk, n=12)
    assert symbol_view(desk, RELIANCE).odds == "Too few like cases, n 12 of 30."
    predict(desk, has_vote=False)
    assert symbol_view(desk, RELIANCE).odds == "Edge not measured: the model has no vote."


def test_the_page_is_redrawn_for_a_new_alert_and_each_minute(tmp_path: Path):
    desk = filled_desk(tmp_path)
    seen = {symbol_signature(desk, RELIANCE)}
    ask_alert(desk, "RELIANCE", Money.rupees("2700"), by="t")
    seen.add(symbol_signature(desk, RELIANCE))
    desk.clock.pass_seconds(60)
    seen.add(symbol_signature(desk, RELIANCE))
    assert len(seen) == 3


def test_the_chart_ends_with_the_running_session_and_carries_levels_fills_and_news(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    made = symbol_chart(desk, BEL, lines=["SMA 50"], strips=["RSI"], span="3 months")
    bars = made.candles
    assert (len(bars.days), bars.days[-1], bars.close[-1]) == (63, date(2026, 11, 20), 412.20)
    assert made.readout.startswith("20 Nov 2026   O 408.32   H 412.20")
    assert made.last_price == "412.20"
    assert [(one.name, one.price) for one in made.levels] == [
        ("SL", 396.5), ("TP", 438.0), ("Avg", 401.88),
    ]  # fmt: skip
    assert [(one.bar, one.price, one.bought) for one in made.fills] == [(62, 401.88, True)]
    assert made.marks[0].bar == 62 and made.marks[0].sign == "▲"
    assert len(made.overlays[0].values) == 63


def test_a_waiting_card_draws_its_entry_stop_and_target(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    levels = symbol_chart(desk, RELIANCE).levels
    assert [(one.name, one.price) for one in levels] == [
        ("Entry", 2852.0), ("SL", 2768.0), ("TP", 2985.0),
    ]  # fmt: skip


def test_a_stored_session_is_not_drawn_twice(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    with desk.store.write() as tx:
        quotes.put(tx, [quote(RELIANCE, "518.00", "517.00")])
    made = symbol_chart(desk, RELIANCE, span="All")
    assert len(made.candles.days) == len(set(made.candles.days)) == 421


def test_weeks_open_with_their_first_session_and_close_with_their_last():
    days = (date(2026, 11, 12), date(2026, 11, 13), date(2026, 11, 16), date(2026, 11, 17))
    series = Series(
        days,
        open=np.array([10.0, 11, 12, 13]),
        high=np.array([12.0, 15, 13, 16]),
        low=np.array([9.0, 10, 8, 12]),
        close=np.array([11.0, 12, 13, 14]),
        volume=np.array([1.0, 2, 3, 4]),
    )
    weeks = weekly(series)
    assert weeks.days == (date(2026, 11, 13), date(2026, 11, 17))
    assert weeks.open.tolist() == [10, 12] and weeks.close.tolist() == [12, 14]
    assert weeks.high.tolist() == [15, 16] and weeks.low.tolist() == [9, 8]
    assert weeks.volume.tolist() == [3, 7]


def test_every_indicator_is_as_long_as_the_bars():
    step = np.arange(60.0)
    bars = Prices(high=101 + step, low=99 + step, close=100 + step, volume=np.full(60, 1e5))
    lines = overlays(list(OVERLAYS), bars)
    strips = [panes([name], bars)[0] for name in PANES]
    assert {len(line.values) for line in lines} == {60}
    assert {len(line.values) for strip in strips for line in strip.lines} == {60}
    # the mean of the last fifty of 100..159 is 134.5
    assert next(one for one in lines if one.name == "SMA 50").values[-1] == pytest.approx(134.5)
    assert math.isnan(next(one for one in lines if one.name == "SMA 200").values[-1])
    assert next(one for one in strips if one.name.startswith("RSI")).name == "RSI 14   100.00"


def test_too_few_bars_for_an_indicator_are_said():
    short = np.arange(5.0) + 100
    bars = Prices(high=short + 1, low=short - 1, close=short, volume=short)
    assert panes(["RSI"], bars)[0].name == "RSI 14   too few bars"


def test_a_share_without_bars_has_no_chart(tmp_path: Path):
    with pytest.raises(NotFound, match="no bars for"):
        symbol_chart(filled_desk(tmp_path), RELIANCE)
