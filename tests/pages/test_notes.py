"""Contract notes, opened; a file given, taken in and taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.domain.statement import Statement
from core.store import ledger
from tests.desk.made_trades import traded
from tests.desk.test_notes import ON, stated
from tests.made import rs
from tests.pages.desk_page import click, open_page, words
from tests.views.shelf import empty_desk, filled_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return filled_desk(tmp_path)


def test_a_file_is_taken_in_and_taken_back_by_two_clicks(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = traded(desk, ON, 100, "500")
    told: Statement = stated(replace(fill, price=rs("501")))
    monkeypatch.setattr("ui.statement.given_statement", lambda: told)
    app = open_page(monkeypatch, desk, "notes")
    assert "1 price differs" in words(app)
    said = words(click(app, "take_in"))
    assert "book.csv is in the books: 1 price booked anew" in said
    assert "Taken in:" in said and app.button(key="take_in").disabled

    def cost() -> int:
        with desk.store.read() as tx:
            return next(p.cost.paise for p in ledger.positions(tx, "event") if p.isin == fill.isin)

    assert cost() == 5_010_000
    (button,) = [one for one in app.button if str(one.key).startswith("undo_")]
    assert "is taken back" in words(click(app, button.key))
    assert cost() == 5_000_000


def test_the_page_of_an_empty_desk_and_of_one_without_logins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = words(open_page(monkeypatch, empty_desk(tmp_path), "notes"))
    assert "traded nothing" in said or "No login is there yet" in said
