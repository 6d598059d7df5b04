from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages.desk_page import click, open_page, words
from tests.views.shelf import EVENT_CARD, empty_desk, filled_desk


def test_three_clicks_from_a_position_to_its_headline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, filled_desk(tmp_path), "positions")
    click(app, "explain")  # 1
    app.switch_page("pages/audit.py").run()  # the test's browser does not follow by itself
    click(app, "hit-step-fill or-bel")  # 2
    click(app, "hit-step-event")  # 3
    assert "“Order worth ₹1,640 Cr from the Ministry of Defence”" in words(app)


def test_another_choice_shows_its_own_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, filled_desk(tmp_path), "audit")
    click(app, f"hit-card:{EVENT_CARD}")
    assert "“The company has commissioned 14 GW of capacity.”" in words(app)


def test_the_whole_chain_is_checked_on_a_press(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, filled_desk(tmp_path), "audit")
    assert "not checked in this session" in words(app)
    assert "unbroken, 5 records" in words(click(app, "check"))


def test_a_sealed_step_shows_its_hash_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, filled_desk(tmp_path), "audit")
    assert "✓ matches" in words(click(app, "hit-step-approval"))


def test_nothing_decided_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, empty_desk(tmp_path), "audit")
    assert "Nothing was decided yet" in words(app)
