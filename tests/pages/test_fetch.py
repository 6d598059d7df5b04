"""The fetch form of Settings and its Cancel, clicked over a replay store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.config import ROOT, Settings
from core.desk.desk import Desk, desk_over
from core.desk.jobs import is_called_off
from core.domain.account import Market
from core.domain.clock import SteppedClock
from core.domain.job import Heartbeat, JobStatus
from core.providers.universe_file import load_universe
from core.store import heartbeat, instruments, jobs
from core.store.engine import open_store
from core.views.job import newest
from tests.pages.desk_page import clean, click, open_page, words

NOW = datetime(2026, 8, 21, 6, 0, tzinfo=UTC)


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """The shipped shares in a replay store whose worker has just been heard."""
    store = open_store(sqlite_url, Market.REPLAY, scratch=True)
    desk = desk_over(Settings(home=tmp_path, market=Market.REPLAY), store, SteppedClock(NOW))
    with store.write() as tx:
        instruments.put(tx, load_universe(ROOT / "data" / "universe.csv"))
        heartbeat.beat(tx, Heartbeat("study", 1, NOW, desk.clock.monotonic(), 1.0, NOW))
    yield desk
    store.close()


def press(app: AppTest, label: str) -> AppTest:
    """Press a button by what it says."""
    return clean(next(one for one in app.button if one.label == label).click().run())


def test_the_form_asks_for_a_fetch_and_cancel_calls_it_off(
    monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    app = open_page(monkeypatch, desk, "settings")
    app.text_input(key="fetch_symbols").set_value("RELIANCE, TCS")
    app = press(app, "Fetch prices")
    asked = newest(desk, "fetch")
    assert asked is not None and asked.status is JobStatus.WAITING
    assert '"symbols":["RELIANCE","TCS"]' in asked.arguments.replace(" ", "")
    assert "Waits for the worker" in words(app)
    app = click(app, "fetch_cancel")
    ended = newest(desk, "fetch")
    assert ended is not None and ended.status is JobStatus.CANCELLED
    assert "called off before it began" in words(app)
    assert not [one for one in app.button if one.key == "fetch_cancel"]


def test_cancel_of_a_running_fetch_waits_for_its_step(
    monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    app = open_page(monkeypatch, desk, "settings")
    app.text_input(key="fetch_symbols").set_value("TCS")
    press(app, "Fetch prices")
    with desk.store.write() as tx:
        running = jobs.claim(tx, ("fetch",), at=NOW)
    assert running is not None
    click(app, "fetch_cancel")
    assert is_called_off(desk, running.id)


def test_a_name_nobody_knows_is_said_and_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    app = open_page(monkeypatch, desk, "settings")
    app.text_input(key="fetch_symbols").set_value("NOSUCH")
    assert "NOSUCH" in words(press(app, "Fetch prices"))
    assert newest(desk, "fetch") is None
