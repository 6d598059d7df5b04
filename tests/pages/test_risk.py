from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.kill import set_level
from core.domain.risk import KillLevel
from core.store import kills
from tests.pages.desk_page import click, open_page, words
from tests.views.shelf import empty_desk, filled_desk


@pytest.mark.parametrize(
    "key, level",
    [
        ("set-pause", KillLevel.PAUSE),
        ("set-reduce", KillLevel.REDUCE),
        ("halt-halt", KillLevel.HALT),
    ],
)
def test_each_level_button_sets_its_level_and_resume_lifts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, level: KillLevel
) -> None:
    desk = filled_desk(tmp_path)
    app = click(open_page(monkeypatch, desk, "risk"), key)
    with desk.store.read() as tx:
        assert kills.level(tx) is level
    click(app, "set-normal")
    with desk.store.read() as tx:
        assert kills.level(tx) is KillLevel.NORMAL


def test_flatten_wants_the_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = filled_desk(tmp_path)
    app = click(open_page(monkeypatch, desk, "risk"), "halt-flatten")
    app.text_input(key="flatten_word").set_value("flatten").run()
    click(app, "halt-close-all")
    assert "Nothing was closed" in words(app)
    app.text_input(key="flatten_word").set_value("FLATTEN").run()
    click(app, "halt-close-all")
    with desk.store.read() as tx:
        assert kills.level(tx) is KillLevel.FLATTEN


def test_flatten_can_be_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = filled_desk(tmp_path)
    app = click(open_page(monkeypatch, desk, "risk"), "halt-flatten")
    click(app, "flatten_back")
    assert "flatten_word" not in [one.key for one in app.text_input]


def test_a_paused_account_can_be_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = filled_desk(tmp_path)
    set_level(desk, KillLevel.PAUSE, scope="event", reason="lunch", by="person at the desk")
    click(open_page(monkeypatch, desk, "risk"), "resume-event")
    with desk.store.read() as tx:
        assert kills.level(tx, "event") is KillLevel.NORMAL


def test_limits_sectors_and_scenarios_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = words(open_page(monkeypatch, filled_desk(tmp_path), "risk"))
    for part in ("Drawdown, Event tactical", "Capital Goods", "Market −5 %", "Drawdown 8.32 %"):
        assert part in shown


def test_an_empty_desk_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "has not looked yet" in words(open_page(monkeypatch, empty_desk(tmp_path), "risk"))
