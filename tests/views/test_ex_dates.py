"""The panel of what went ex: before, after, what is owed, and when it is worked out again."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.apply_action import apply_action
from core.desk.dividends import accrue, mark_paid
from core.desk.ex_dates import FLATTEN
from core.desk.exit import exit_position
from core.desk.reconcile import reconcile
from core.domain.account import Market
from core.domain.action import ActionKind
from core.store.engine import open_store
from core.views import ex_dates
from core.views.account import account_view
from core.views.ex_dates import ex_dates_signature, ex_dates_view
from tests.desk.morning import ACCOUNT, Morning, morning_on
from tests.desk.test_apply_action import an_action, ex_day, held, work
from tests.desk.test_dividends import PAYS, went_ex
from tests.made import rs


@pytest.fixture
def morning(tmp_path: Path):
    store = open_store(f"sqlite:///{tmp_path}/munim.db", Market.SIM, seed=42)
    yield morning_on(store, tmp_path / "home")
    store.close()


def test_nothing_that_went_ex_is_an_empty_panel_and_nothing_is_worked_out(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
):
    held(morning)
    view = ex_dates_view(morning.desk)
    assert (view.waiting, view.explained, view.owed, view.fractions) == ((), (), (), ())
    monkeypatch.setattr(ex_dates, "proposals", lambda desk: pytest.fail("it was worked out"))
    assert ex_dates_signature(morning.desk) == ex_dates_signature(morning.desk)


def test_a_split_shows_both_sides_and_a_button_until_it_is_confirmed(morning: Morning):
    held(morning)
    quiet = ex_dates_signature(morning.desk)
    ex_day(morning, an_action(), "251", "250")
    waits = ex_dates_signature(morning.desk)
    [one] = ex_dates_view(morning.desk).waiting
    assert one.label == "MIDCO went ex split 2:1 on 25 Nov 2026"
    assert (one.button, one.why_not) == ("Confirm split 2:1 of MIDCO", "")
    rows = {row.what: (row.before, row.after) for row in one.rows}
    assert rows["Shares"] == ("100", "200") and rows["Stop"] == ("480.00", "240.00")
    assert rows["Total cost"][0] == rows["Total cost"][1]
    apply_action(morning.desk, "ca-split", by="me")
    work(morning)
    reconcile(morning.dealer)
    assert ex_dates_view(morning.desk).waiting == ()
    assert len({quiet, waits, ex_dates_signature(morning.desk)}) == 2  # as quiet as before


def test_a_fraction_that_was_not_paid_is_named_with_the_verb(morning: Morning):
    held(morning)
    ex_day(morning, an_action(ActionKind.CONSOLIDATION, 1, 8), "4010", "4000")
    apply_action(morning.desk, "ca-consolidation", by="me")
    [said] = ex_dates_view(morning.desk).fractions
    assert "0.5 of a share" in said and "munim data actions fraction ca-consolidation" in said


def test_a_dividend_is_listed_until_it_is_paid_and_stands_on_the_account(morning: Morning):
    held(morning)
    went_ex(morning)
    before = ex_dates_signature(morning.desk)
    accrue(morning.desk)
    [row] = ex_dates_view(morning.desk).owed
    assert (row.account, row.symbol, row.amount) == ("Event tactical", "MIDCO", "₹450.00")
    assert ex_dates_signature(morning.desk) != before
    figures = {one.label: one for one in account_view(morning.desk, ACCOUNT.id).figures}
    assert figures["Owed"].value == "₹450" and "dividends" in figures["Owed"].detail
    mark_paid(morning.desk, PAYS.id, received=rs("405"), by="me")
    assert ex_dates_view(morning.desk).owed == ()
    assert ex_dates_signature(morning.desk) == before
    figures = {one.label: one for one in account_view(morning.desk, ACCOUNT.id).figures}
    assert figures["Owed"].detail == "no dividend is on its way"


def test_sales_meanwhile_are_said_beside_the_figures(morning: Morning):
    held(morning)
    ex_day(morning, an_action(), "250", "250")
    exit_position(morning.desk, morning.plan().id, reason=FLATTEN, by="worker")
    work(morning)
    reconcile(morning.dealer)
    [one] = ex_dates_view(morning.desk).waiting
    assert "Event tactical sold 100 in new terms since" in one.notes[0]
    figures = {one.label: one for one in account_view(morning.desk, ACCOUNT.id).figures}
    assert "shares to confirm" in figures["Owed"].detail
