from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.pnl import account_pnls, summed
from core.domain.words import rupees
from tests.made import rs
from tests.made.books import Bookkeeper, random_books
from tests.pages.desk_page import clean, open_page, words
from tests.views.shelf import empty_desk


def test_the_page_says_the_figures_of_the_books(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = random_books(tmp_path, 7)
    with made.desk.store.read() as tx:
        every = account_pnls(made.desk, tx)
    app = open_page(monkeypatch, made.desk, "pnl")
    app.segmented_control(key="pnl_period").set_value("Since the start").run()
    assert rupees(summed(every).earned.net, signed=True) in words(app)
    assert "Simulated index" in words(app)
    for row in every:
        app.segmented_control(key="pnl_account").set_value(row.account.name).run()
        assert rupees(row.earned.net, signed=True) in words(clean(app))
    app.segmented_control(key="pnl_period").set_value("Today").run()
    assert rupees(every[-1].day.net, signed=True) in words(clean(app))


def test_who_earned_it_is_chosen_and_a_file_of_it_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, random_books(tmp_path, 3).desk, "pnl")
    for by in ("trade", "strategy", "event", "model"):
        app.segmented_control(key="pnl_by").set_value(by).run()
        assert "Unattributed: no card of the desk brought it about" in words(clean(app))
    app.segmented_control(key="pnl_by").set_value("sector").run()
    assert "Net P&amp;L by sector" in words(clean(app))
    assert len(app.get("download_button")) == 2


def test_a_login_narrows_the_accounts_and_a_day_shows_its_bookings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = random_books(tmp_path, 3)
    with made.desk.store.read() as tx:
        every = {row.account.id: row for row in account_pnls(made.desk, tx)}
    app = open_page(monkeypatch, made.desk, "pnl")
    app.segmented_control(key="pnl_account").set_value("Beta").run()
    app.segmented_control(key="pnl_login").set_value("Second broker").run()
    account = app.segmented_control(key="pnl_account")
    assert list(account.options) == ["All", "Gamma"] and account.value == "All"
    app.segmented_control(key="pnl_period").set_value("Since the start").run()
    assert rupees(every["gamma"].earned.net, signed=True) in words(clean(app))
    app.segmented_control(key="pnl_login").set_value("All").run()
    app.segmented_control(key="pnl_period").set_value("Other days").run()
    for key in ("pnl_from", "pnl_to"):
        app.date_input(key=key).set_value(made.sessions[0])
    app.run()
    assert "What was booked" in words(clean(app)) and "What is held, its change" in words(app)


def test_no_trades_and_no_accounts_say_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, empty_desk(tmp_path / "empty"), "pnl")
    assert "The first start opens three paper accounts." in words(app)
    made = Bookkeeper(tmp_path / "idle", sessions=3)
    name = made.account("Alpha")
    app = open_page(monkeypatch, made.desk, "pnl")
    assert "No money came in yet. Add some" in words(app)
    made.money(name, rs(1000), made.sessions[0])
    app = open_page(monkeypatch, made.desk, "pnl")
    assert "No trades yet. Approve a card: its fill shows here at once" in words(app)


def test_days_upside_down_are_told_and_nothing_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = random_books(tmp_path, 5)
    app = open_page(monkeypatch, made.desk, "pnl")
    app.segmented_control(key="pnl_period").set_value("Other days").run()
    app.date_input(key="pnl_from").set_value(made.sessions[9])
    app.date_input(key="pnl_to").set_value(made.sessions[2]).run()
    assert "swap them." in words(clean(app))
