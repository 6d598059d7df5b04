from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.partial_exit import wish_of
from core.domain.plan import PlanStatus
from core.store import plans
from tests.pages.desk_page import click, open_page, words
from tests.views.shelf import PLAN, empty_desk, filled_desk


def test_exit_asks_the_worker_to_sell_this_position(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = filled_desk(tmp_path)
    app = open_page(monkeypatch, desk, "positions")
    assert app.button(key="exit").label == "Exit BEL · Event tactical\\: sell 320"
    click(app, "exit")
    with desk.store.read() as tx:
        plan = plans.by_id(tx, PLAN)
    assert (plan.status, plan.reason) == (PlanStatus.EXITING, "asked on Positions")
    assert app.button(key="exit").disabled


def test_a_part_is_asked_for_by_its_shares_and_says_that_nothing_undoes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = filled_desk(tmp_path)
    app = open_page(monkeypatch, desk, "positions")
    app.number_input(key=f"shares-{PLAN}-320").set_value(120).run()
    shown = "Exit BEL · Event tactical\\: sell 120 of 320, it cannot be undone"
    assert app.button(key="exit").label == shown
    click(app, "exit")
    with desk.store.read() as tx:
        wish = wish_of(tx, PLAN)
        assert wish is not None and wish.qty == 120
        assert plans.by_id(tx, PLAN).status is PlanStatus.HOLDING


def test_a_press_that_overtakes_a_change_of_the_shares_sells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = filled_desk(tmp_path)
    app = open_page(monkeypatch, desk, "positions")
    app.number_input(key=f"shares-{PLAN}-320").set_value(120)
    click(app, "exit")  # both reach the desk at once; the button still said 320
    assert "nothing was sold. Press it again." in words(app)
    with desk.store.read() as tx:
        assert wish_of(tx, PLAN) is None
        assert plans.by_id(tx, PLAN).status is PlanStatus.HOLDING
    click(app, "exit")
    with desk.store.read() as tx:
        wish = wish_of(tx, PLAN)
    assert wish is not None and wish.qty == 120


def test_explain_reaches_the_headline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = click(open_page(monkeypatch, filled_desk(tmp_path), "positions"), "explain")
    assert "Order worth ₹1,640 Cr from the Ministry of Defence" in words(app)


def test_the_account_filter_and_every_tab_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, filled_desk(tmp_path), "positions")
    assert [tab.label for tab in app.tabs] == ["Open 0", "Executed 1", "GTT 1", "Plans 1"]
    assert "GTT 4417" in words(app)
    assert app.segmented_control(key="account").value == "All"


def test_nothing_held_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, empty_desk(tmp_path), "positions")
    assert "Nothing is held" in words(app)
