"""The answers a person gives on Positions, clicked."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.desk.desk import Desk
from core.domain.order import OrderStatus
from core.store import ledger, orders, reconciliations
from tests.pages.desk_page import clean, open_page, words
from tests.views.doubt import SOLD, in_doubt
from tests.views.shelf import PLAN, filled_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return in_doubt(filled_desk(tmp_path))


def press(app: AppTest, label: str) -> AppTest:
    """Press the form's button with these words."""
    button = next(one for one in app.button if label in one.label.replace("\\", ""))
    return clean(button.click().run())


def status(desk: Desk) -> OrderStatus:
    with desk.store.read() as tx:
        return orders.by_id(tx, "or-2").status


def test_the_panel_says_what_differs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = words(open_page(monkeypatch, desk, "positions"))
    for part in ("Broker against books", "BUY 320 BEL, order or-2:", "+₹34,143.60",
                 "Done elsewhere", "no account&#x27;s figures"):  # fmt: skip
        assert part in shown


def test_a_person_names_the_broker_order(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, desk, "positions")
    app.radio(key="became_or-2").set_value("B77")
    app.text_input(key="why_or-2").set_value("same time on the phone")
    app = press(app, "Say so")
    assert "BUY 320 BEL, order or-2 is broker order B77, filled." in words(app)
    assert status(desk) is OrderStatus.FILLED
    with desk.store.read() as tx:
        assert {one.isin: one.qty for one in ledger.positions(tx)} == {"INE263A01024": 640}


def test_a_person_says_it_never_arrived(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, desk, "positions")
    app.radio(key="became_or-2").set_value("")
    app.text_input(key="why_or-2").set_value("called the broker")
    app = press(app, "Say so")
    assert "order or-2 is absent, person at the desk says so: called the broker" in words(app)
    assert status(desk) is OrderStatus.ABSENT


def test_an_answer_without_a_reason_is_refused_with_a_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = press(open_page(monkeypatch, desk, "positions"), "Say so")
    assert "the record needs to know why" in words(app)
    assert status(desk) is OrderStatus.UNKNOWN


def test_a_person_accepts_a_difference(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, desk, "positions")
    app.text_input(key="because_paper_RELIANCE").set_value("a gift")
    app = press(app, "Accept +12 RELIANCE as done elsewhere")
    assert "RELIANCE: +12 stand as done elsewhere at Paper broker." in words(app)
    with desk.store.read() as tx:
        found = reconciliations.of_login(tx, "paper")
    assert found is not None and found.mismatches == ()


def test_a_person_counts_a_sale_by_phone_as_the_plans_own(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "positions")
    app.text_input(key=f"given_{SOLD.id}_{PLAN}").set_value("it was me")
    app = press(app, "Count it as the plan's own")
    assert "BEL: 20 sold elsewhere count as the plan&#x27;s own sale." in words(app)
    with desk.store.read() as tx:
        assert [one.qty for one in ledger.positions(tx)] == [300]
        assert ledger.elsewhere(tx) == []
