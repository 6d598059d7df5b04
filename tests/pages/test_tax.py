"""Charges and Tax, opened and changed by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.desk.desk import Desk
from tests.pages.desk_page import clean, open_page, words
from tests.views.shelf import empty_desk, filled_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return filled_desk(tmp_path)


def test_the_calculator_follows_what_is_chosen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, desk, "charges")
    assert "₹128.66" in words(app) and "NSE/FA/73061" in words(app)
    app.radio(key="ch_product").set_value("MIS")
    app.radio(key="ch_exchange").set_value("BSE")
    said = words(clean(app.run()))
    assert "BSE group A, MIS" in said
    app.selectbox(key="ch_group").set_value("ZP")
    assert "1,020.00" in words(clean(app.run()))
    app.date_input(key="ch_on").set_value(date(2017, 6, 30))
    said = words(clean(app.run()))
    assert "Not worked out:" in said and "2017-07-01" in said


def test_the_tax_page_shows_a_held_lot_and_no_sale(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "tax")
    said = words(app)
    assert "BEL" in said and "No lot was sold in this year." in said
    assert said.count("not tax advice") == 1
    app.selectbox(key="tax_surcharge").set_value(15)
    app.multiselect(key="tax_logins").set_value(["paper"])
    clean(app.run())


def test_the_tax_page_of_an_empty_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = words(open_page(monkeypatch, empty_desk(tmp_path), "tax"))
    assert "No share is held." in said and "No dividend went ex in this year." in said
