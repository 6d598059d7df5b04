"""Alerts on prices, moves, indicators and news: asked, gone off, dropped, brought back, seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.desk.alert_lines import are_due, fire_on_bars
from core.desk.alerts import (
    ask_alert,
    ask_event_alert,
    ask_indicator_alert,
    ask_move_alert,
    bring_back_alert,
    drop_alert,
    fire_alerts,
    see_alert,
)
from core.desk.desk import Desk
from core.domain.event import EventType
from core.domain.money import Money
from core.domain.watch import AlertKind
from core.errors import BadInput, IllegalTransition, NotFound
from core.panel import Panel
from core.store import alerts, audit, bars, events, quotes
from tests.views.history import with_bars
from tests.views.shelf import BEL, EVENT, RELIANCE, TAG, filled_desk, quote


def test_the_side_it_waits_on_follows_from_the_price_now(tmp_path: Path):
    desk = filled_desk(tmp_path)  # RELIANCE trades at 2845.30
    assert ask_alert(desk, "RELIANCE", Money.rupees("2900"), by="t").kind is AlertKind.PRICE_ABOVE
    below = ask_alert(desk, "reliance", Money.rupees("2800"), by="t")
    assert (below.kind, below.sentence) == (
        AlertKind.PRICE_BELOW, "RELIANCE price below 2,800.00",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("level", "words"),
    [("0", "can never be reached"), ("2845.30", "trades at ₹2,845.30 already")],
)
def test_a_level_that_tells_nothing_is_refused(tmp_path: Path, level: str, words: str):
    with pytest.raises(BadInput, match=words):
        ask_alert(filled_desk(tmp_path), "RELIANCE", Money.rupees(level), by="t")


def test_an_unknown_symbol_is_refused(tmp_path: Path):
    with pytest.raises(NotFound, match="near ones are"):
        ask_alert(filled_desk(tmp_path), "RELIENCE", Money.rupees("1"), by="t")


def test_it_goes_off_once_when_the_price_gets_there(tmp_path: Path):
    desk = filled_desk(tmp_path)
    up = ask_alert(desk, "RELIANCE", Money.rupees("2850"), by="t")
    down = ask_alert(desk, "RELIANCE", Money.rupees("2840"), by="t")
    assert fire_alerts(desk) == 0
    with desk.store.write() as tx:
        quotes.put(tx, [quote(RELIANCE, "2850.00", "2813.80")])
    assert (fire_alerts(desk), fire_alerts(desk)) == (1, 0)
    with desk.store.read() as tx:
        assert [one.id for one in alerts.waiting(tx)] == [down.id]
        assert alerts.recent(tx)[0].id == up.id
        assert audit.newest(tx, 1)[0].verb == "alert fired"


def test_a_dropped_alert_never_goes_off_and_a_seen_one_is_kept(tmp_path: Path):
    desk = filled_desk(tmp_path)
    alert = ask_alert(desk, "RELIANCE", Money.rupees("2850"), by="t")
    drop_alert(desk, alert.id, by="t")
    with desk.store.read() as tx:
        assert alerts.waiting(tx) == []
        assert alerts.by_id(tx, alert.id).dropped
    other = ask_alert(desk, "RELIANCE", Money.rupees("2900"), by="t")
    see_alert(desk, other.id)
    with desk.store.read() as tx:
        assert alerts.by_id(tx, other.id).seen_at == desk.clock.now()


def test_a_move_of_the_day_goes_off_on_its_own_side(tmp_path: Path):
    desk = filled_desk(tmp_path)
    up = ask_move_alert(desk, "RELIANCE", 0.02, by="t")
    ask_move_alert(desk, "RELIANCE", -0.02, by="t")
    assert fire_alerts(desk) == 0  # +1.12 % so far
    with desk.store.write() as tx:
        quotes.put(tx, [quote(RELIANCE, "2870.10", "2813.80")])
    assert fire_alerts(desk) == 1
    with desk.store.read() as tx:
        assert alerts.by_id(tx, up.id).told == "+2.00 % at 2,870.10"
    with pytest.raises(BadInput, match=r"outside 0\.1 % to 50 %"):
        ask_move_alert(desk, "RELIANCE", 0.6, by="t")


def test_news_of_the_kind_that_comes_after_goes_off_and_older_does_not(tmp_path: Path):
    desk = filled_desk(tmp_path)
    waits = ask_event_alert(desk, "RELIANCE", EventType.EXPANSION, by="t")
    assert fire_alerts(desk) == 0  # the one stored was known six minutes before
    later = replace(EVENT, id="ev-new", source_id="9", headline="New plant opened",
                    known_at=desk.clock.now() + timedelta(seconds=5))  # fmt: skip
    tag = replace(TAG, event_id="ev-new", known_at=later.known_at)
    with desk.store.write() as tx:
        events.put(tx, later)
        events.put_tags(tx, [replace(tag, event_type=EventType.RATING)])
    assert fire_alerts(desk) == 0
    with desk.store.write() as tx:
        events.put_tags(tx, [tag])
    assert fire_alerts(desk) == 1
    with desk.store.read() as tx:
        assert alerts.by_id(tx, waits.id).told == "New plant opened"


def test_an_indicator_needs_a_value_exactly_when_it_is_a_gauge(tmp_path: Path):
    desk = filled_desk(tmp_path)
    with pytest.raises(BadInput, match="RSI needs the value to cross"):
        ask_indicator_alert(desk, "BEL", "RSI", up=True, bound=None, by="t")
    with pytest.raises(BadInput, match="SMA 50 is crossed by the close"):
        ask_indicator_alert(desk, "BEL", "SMA 50", up=True, bound=5.0, by="t")
    with pytest.raises(BadInput, match="no indicator is called TEMA"):
        ask_indicator_alert(desk, "BEL", "TEMA", up=True, bound=5.0, by="t")


def test_a_crossing_is_looked_at_once_for_each_new_bar(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    falls = ask_indicator_alert(desk, "BEL", "SMA 20", up=False, bound=None, by="t")
    over = ask_indicator_alert(desk, "BEL", "RSI", up=False, bound=70.0, by="t")
    assert are_due(desk)
    assert fire_on_bars(desk) == 0  # no bar finished since
    assert not are_due(desk)
    store_bar(desk, BEL, date(2026, 11, 20), close=300.0)  # far under every average
    assert are_due(desk)
    assert fire_on_bars(desk) == 2
    assert fire_on_bars(desk) == 0
    with desk.store.read() as tx:
        assert "closed at 300.00, SMA 20 5" in alerts.by_id(tx, falls.id).told
        assert alerts.by_id(tx, over.id).told.endswith("on 20 Nov 2026")


def test_a_drop_is_undone_once(tmp_path: Path):
    desk = filled_desk(tmp_path)
    alert = ask_alert(desk, "RELIANCE", Money.rupees("2850"), by="t")
    drop_alert(desk, alert.id, by="t")
    bring_back_alert(desk, alert.id, by="t")
    with desk.store.read() as tx:
        assert [one.id for one in alerts.waiting(tx)] == [alert.id]
    with pytest.raises(IllegalTransition, match="was not dropped"):
        bring_back_alert(desk, alert.id, by="t")


def store_bar(desk: Desk, isin: str, day: date, *, close: float) -> None:
    cell = np.full((1, 1), close)
    one = Panel((day,), (isin,), cell, cell, cell, cell, cell, np.ones((1, 1)))
    with desk.store.write() as tx:
        bars.put_panel(tx, one, "t")
