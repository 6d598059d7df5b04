"""Real money on the pages: the words to type, the colour, and the Settings section."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.account import Market
from core.domain.card import CardStatus
from core.domain.job import Heartbeat
from core.store import heartbeat
from core.store.engine import open_store
from core.views.live import live_click
from tests.desk.live_morning import ZERODHA, let_pass, live_card, live_morning_on
from tests.desk.morning import Morning
from tests.pages.desk_page import clean, click, open_page, words


@pytest.fixture
def at_live(sqlite_url: str, own_home: Path) -> Iterator[Morning]:
    store = open_store(sqlite_url, Market.LIVE, scratch=True)
    morning = live_morning_on(store, own_home)
    beat(morning)
    yield morning
    store.close()


def beat(morning: Morning) -> None:
    now, seconds = morning.clock.now(), morning.clock.monotonic()
    with morning.desk.store.write() as tx:
        heartbeat.beat(tx, Heartbeat("worker-1", 1, now, seconds, 1.0, now))


def test_settings_show_the_rows_and_switch_nothing_without_the_password(
    at_live: Morning, monkeypatch: pytest.MonkeyPatch
):
    let_pass(at_live, backup="the last is 30 h old")
    app = open_page(monkeypatch, at_live.desk, "settings")
    shown = words(app)
    assert "LIVE: its orders move real money." in shown and "LIVE · 1 login" in shown
    assert "Entries are refused now: backup: the last is 30 h old" in shown
    assert "15 of 16 pass" in shown
    click(app, f"live_paper_{ZERODHA.id}")
    assert "Zerodha AB1234 is PAPER" in words(app) or "zerodha is PAPER" in words(app)


def test_caps_and_address_are_set_on_settings(at_live: Morning, monkeypatch: pytest.MonkeyPatch):
    app = open_page(monkeypatch, at_live.desk, "settings")
    app.text_input(key="live_order_zerodha").set_value("9,000")
    submit(app, "Set caps")
    assert "The caps are set" in words(app)
    app.text_input(key="live_day_zerodha").set_value("8000")
    submit(app, "Set caps")
    assert "the second at least as much" in words(app)
    app.text_input(key="live_day_zerodha").set_value("200 crore")
    submit(app, "Set caps")
    assert "a cap above ₹100.00 Cr caps nothing" in words(app)
    app.text_input(key="live_ip_of_zerodha").set_value("10.0.0.1")
    submit(app, "State it")
    assert "address of a local network" in words(app)
    click(app, "live_test_alarm")
    assert "on its way" in words(app)


def submit(app, label: str) -> None:
    [button] = [one for one in app.button if one.label == label]
    clean(button.click().run())


def test_a_live_card_asks_for_its_words_and_says_what_stands_in_the_way(at_live: Morning):
    card = live_card(at_live)
    asked = live_click(at_live.desk, card.id)
    assert (asked.live, asked.words, asked.why_not) == (True, "MIDCO 40", "")
    let_pass(at_live, clock="this clock is 4 s ahead")
    assert "this clock is 4 s ahead" in live_click(at_live.desk, card.id).why_not
    assert at_live.card(card.id).status is CardStatus.OPEN
