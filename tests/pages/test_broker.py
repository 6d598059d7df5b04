"""The Broker page: empty, asking, open, dead, and each of its buttons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.domain.job import Heartbeat
from core.domain.login import AskStatus, LoginState, SessionStatus
from core.domain.reconciliation import Reconciliation
from core.store import accounts, heartbeat, logins, reconciliations, settings
from core.store.engine import Store
from tests.desk.morning import Morning, morning_on
from tests.pages.desk_page import clean, click, open_page, words
from tests.store.test_logins import KITE

FACTS: dict[str, Any] = {
    "uses": [["order writes", 3, 350, 900], ["other", 4, 200, 5000]],
    "skew": None,
    "stream": {"connected": True, "connects": 1, "subscribed": 2, "tick_age": 0.4, "rejected": 0,
               "cut": 0, "trouble": "", "stalled": False},
    "calls": [["place", True, "the recorded answer"], ["gtts", False, "one"]],
    "reads": {},
    "funds": {"available": 25_00_000_00, "used": 1_00_000_00},
    "blocked": "",
}  # fmt: skip


@pytest.fixture
def morning(store: Store, own_home: Path) -> Morning:
    return morning_on(store, own_home)


def beat(morning: Morning) -> None:
    now, seconds = morning.clock.now(), morning.clock.monotonic()
    with morning.desk.store.write() as tx:
        heartbeat.beat(tx, Heartbeat("worker-1", 1, now, seconds, 1.0, now))


def a_state(morning: Morning, status: SessionStatus, **changes: Any) -> None:
    now = morning.clock.now()
    state = LoginState("kite", status, "logged in", "Asha Rao (AB1234)", now,
                       now + timedelta(hours=5), now, morning.clock.monotonic(), FACTS)  # fmt: skip
    with morning.desk.store.write() as tx:
        accounts.put_login(tx, KITE)
        logins.put_state(tx, replace(state, **changes))
    beat(morning)


def test_an_empty_page_tells_how_to_practise(morning: Morning, monkeypatch):
    beat(morning)
    shown = words(open_page(monkeypatch, morning.desk, "broker"))
    assert "No broker login yet" in shown
    assert "munim sandbox kite --seed 42 --redirect http://127.0.0.1:8501/broker/return" in shown


def test_an_open_login_shows_its_session_limits_calls_and_money(morning: Morning, monkeypatch):
    a_state(morning, SessionStatus.OPEN)
    shown = words(open_page(monkeypatch, morning.desk, "broker"))
    for part in ("Asha Rao (AB1234)", "5 h", "350 / 400", "2 shares, tick",
                 "1 of 2 read from", "at most 250", "₹25,00,000.00", "shared"):  # fmt: skip
        assert part in shown, part
    assert "hot" in shown  # 350 of 400 in the minute


def test_a_dead_login_says_broker_stops_only_and_asks_to_log_in(morning: Morning, monkeypatch):
    a_state(morning, SessionStatus.DEAD, sentence="its token ended", expires_at=None)
    app = open_page(monkeypatch, morning.desk, "broker")
    assert "Broker stops only" in words(app)
    click(app, "log_in_kite")
    assert "The worker makes a link." in words(app)
    with morning.desk.store.write() as tx:
        (ask,) = logins.asks_of(tx, "kite")
        ready = replace(ask, status=AskStatus.READY, link="http://127.0.0.1:8770/connect/login")
        logins.put_ask(tx, ready)
    clean(app.run())
    assert "The link serves once, for 10 minutes." in words(app)
    assert [one.proto.url for one in app.get("link_button")] == [ready.link]


def test_a_login_that_was_never_compared_does_not_say_that_it_agrees(morning: Morning, monkeypatch):
    with morning.desk.store.write() as tx:
        accounts.put_login(tx, KITE)
        reconciliations.put(tx, Reconciliation("paper", morning.clock.now()))
    beat(morning)
    shown = words(open_page(monkeypatch, morning.desk, "broker"))
    assert "not compared yet" in shown
    assert "Shares and trades agree" not in shown


def test_a_silent_worker_makes_an_open_login_silent(morning: Morning, monkeypatch):
    a_state(morning, SessionStatus.OPEN)
    morning.clock.pass_seconds(30)
    shown = words(open_page(monkeypatch, morning.desk, "broker"))
    assert "The worker is silent; it said last: logged in" in shown
    assert "does not answer" in shown


def test_log_out_remove_move_and_add(morning: Morning, monkeypatch):
    a_state(morning, SessionStatus.OPEN)
    app = open_page(monkeypatch, morning.desk, "broker")
    click(app, "log_out_kite")
    assert "the worker logs out" in words(app)
    with morning.desk.store.read() as tx:
        assert settings.get(tx, "login:close:kite") == "person at the desk"
    a_state(morning, SessionStatus.CLOSED, sentence="nobody is logged in")
    clean(app.run())
    app.selectbox(key="move_to").set_value("kite")
    press(app, "Move it")
    assert "Event tactical trades through Kite sandbox" in words(app)
    click(app, "remove_kite")
    assert "the one of Event tactical" in words(app)
    for name, typed in (("id", "z2"), ("user", "ZZ1"), ("address", "https://api.kite.trade")):
        app.text_input(key=f"add_{name}").set_value(typed)
    press(app, "Add login")
    assert "no sandbox on this machine" in words(app)
    app.text_input(key="add_address").set_value("http://127.0.0.1:9000")
    app.text_input(key="add_user").set_value("<b>ZZ1</b>")
    press(app, "Add login")
    assert "is no user id of a broker; write it as AB1234" in words(app)
    app.text_input(key="add_user").set_value("ZZ1")
    press(app, "Add login")
    assert "Zerodha ZZ1 is added as PAPER" in words(app)


def press(app, label: str) -> None:
    clean(next(one for one in app.button if one.label == label).click().run())
