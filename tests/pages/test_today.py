from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.event import event_id
from core.domain.risk import KillLevel
from core.store import events, kills
from tests.pages.desk_page import click, open_page, words
from tests.views.shelf import EVENT, EVENT_CARD, empty_desk, filled_desk


def test_the_first_start_shows_its_steps_and_a_sleeping_button(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, empty_desk(tmp_path), "today")
    assert "Market created" in words(app) and "0 of 5" in words(app)
    assert app.button(key="first").disabled
    assert "munim halt" in words(app)


def test_one_button_leads_to_the_first_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, filled_desk(tmp_path), "today")
    assert "SIMULATED MARKET" in words(app) and "Waiting for your decision" in words(app)
    click(app, "first")
    assert app.query_params["card"] == EVENT_CARD
    assert "Thesis" in words(app)


def test_halt_needs_no_confirm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = filled_desk(tmp_path)
    click(open_page(monkeypatch, desk, "today"), "halt")
    with desk.store.read() as tx:
        assert kills.level(tx) is KillLevel.HALT


def test_search_finds_a_share_by_part_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = click(open_page(monkeypatch, filled_desk(tmp_path), "today"), "search")
    box = app.selectbox(key="search_text")
    assert box.placeholder == "RELIANCE, tata, risk"
    assert "BEL · Bharat Electronics Ltd." in box.options and "Risk" in box.options


def test_a_hostile_headline_is_only_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = filled_desk(tmp_path)
    bad = "<img src=x onerror=alert(1)> ![x](http://127.0.0.1:9/)"
    with desk.store.write() as tx:
        events.put(tx, replace(EVENT, id=event_id("s", "9", bad), source_id="9", headline=bad))
    shown = words(open_page(monkeypatch, desk, "today"))
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "<img" not in shown
