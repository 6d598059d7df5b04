"""A short sale that the exchange bought in, booked on Positions."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.store import fills
from tests.pages.desk_page import click, open_page, words
from tests.views.left_short import left_short
from tests.views.shelf import filled_desk, rs


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = filled_desk(tmp_path)
    left_short(made)
    return made


def bought(desk: Desk) -> list[tuple[int, object]]:
    with desk.store.read() as tx:
        return [(one.qty, one.price) for one in fills.of_order(tx, "orCpl-short")]


def test_price_and_charges_of_a_short_are_asked_for_and_booked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "positions")
    assert "BEL short in Event tactical" in words(app)
    app.number_input(key="bought_in_at_pl-short").set_value(480.05)
    app.number_input(key="bought_in_cost_pl-short").set_value(118.50)
    app = click(app, "bought_in_pl-short")
    assert "booked as bought in at ₹480.05, with ₹118.50 of charges" in words(app)
    assert bought(desk) == [(10, rs("480.05"))]
    assert "BEL short in" not in words(app)


def test_a_form_without_a_price_books_nothing_and_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "positions")
    app = click(app, "bought_in_pl-short")
    assert "give the price above" in words(app)
    assert bought(desk) == []
