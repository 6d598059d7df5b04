"""Every button of the Treasury page, clicked."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.desk.desk import Desk
from core.desk.fund import add_money, plan_funding
from core.domain.account import FundingKind, FundingPlan
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.transfer import Transfer, TransferStatus
from core.store import ledger, settings, transfers
from core.store.engine import Store
from tests.desk.morning import ACCOUNT, morning_on
from tests.desk.transfers import FAR, SIP, with_others
from tests.made import rs
from tests.pages.desk_page import click, open_page, words
from tests.pages.test_research import press
from tests.views.shelf import empty_desk


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return with_others(morning_on(store, tmp_path / "home")).desk


@pytest.fixture
def app(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_page(monkeypatch, desk, "treasury")


def cash(desk: Desk, name: str) -> Money:
    with desk.store.read() as tx:
        return ledger.balance(tx, name, "cash")


def only(desk: Desk) -> Transfer:
    with desk.store.read() as tx:
        return (transfers.under_way(tx) or transfers.ended(tx))[0]


def wish(
    app: AppTest, to: str, amount: str = "25,000", why: str = "instalment", *, pays: bool = False
) -> str:
    app.selectbox(key="transfer_from").set_value(ACCOUNT.id).run()
    app.selectbox(key="transfer_to").set_value(to)
    app.text_input(key="transfer_amount").set_value(amount)
    app.text_input(key="transfer_reason").set_value(why)
    app.checkbox(key="transfer_pays").set_value(pays)
    return words(press(app, "Propose"))


def test_a_transfer_inside_a_login_is_proposed_and_approved(app: AppTest, desk: Desk):
    assert "₹25,000.00 is proposed" in wish(app, SIP.id)
    assert app.text_input(key="transfer_amount").value == ""  # a second press repeats nothing
    assert cash(desk, SIP.id) == rs("100000")
    click(app, f"approve_{only(desk).id}")
    assert cash(desk, SIP.id) == rs("125000")
    assert "₹25,000.00 Event tactical → SIP aggressive: done." in words(app)


def test_steps_across_logins_are_confirmed_with_the_rupees_seen(app: AppTest, desk: Desk):
    wish(app, FAR.id)
    name = only(desk).id
    click(app, f"approve_{name}")
    assert "next: withdraw at the broker" in words(app)
    click(app, f"confirm_{name}")
    app.text_input(key=f"seen_{name}").set_value("24990")
    click(app, f"confirm_{name}")
    assert not [one for one in app.button if one.key == f"cancel_{name}"]
    click(app, f"confirm_{name}")
    assert only(desk).status is TransferStatus.DONE
    assert cash(desk, FAR.id) == rs("124990")


def test_a_return_to_the_owner_is_called_off(app: AppTest, desk: Desk):
    wish(app, "")
    name = only(desk).id
    click(app, f"approve_{name}")
    click(app, f"cancel_{name}")
    assert only(desk).status is TransferStatus.CANCELLED
    assert cash(desk, ACCOUNT.id) == rs("2000000")


def test_what_cannot_be_given_is_refused_in_words(app: AppTest, desk: Desk):
    assert "was asked for; take at most that" in wish(app, SIP.id, "10 cr")
    assert "needs a reason" in wish(app, SIP.id, "10", " ")
    with desk.store.read() as tx:
        assert transfers.under_way(tx) == []


def test_a_rule_makes_suggestions_and_one_press_proposes_them(app: AppTest, desk: Desk):
    assert "Nothing is suggested" in words(app)
    app.selectbox(key="keep_account").set_value(ACCOUNT.id).run()
    app.text_input(key=f"keep_{ACCOUNT.id}").set_value("1900000")
    click(app, "keep_save")
    with desk.store.read() as tx:
        assert settings.get(tx, f"treasury keeps:{ACCOUNT.id}") == 190_000_000
    click(app, "suggested_0")
    assert (only(desk).amount, only(desk).to_account) == (rs("50000"), "")


def test_a_press_that_overtakes_the_choice_of_an_account_changes_no_rule(app: AppTest, desk: Desk):
    app.selectbox(key="keep_account").set_value(ACCOUNT.id).run()
    app.text_input(key=f"keep_{ACCOUNT.id}").set_value("1900000").run()
    app.selectbox(key="keep_account").set_value(SIP.id)
    click(app, "keep_save")  # both reach the desk at once
    assert "no rule changed. Press it again." in words(app)
    with desk.store.read() as tx:
        assert settings.starting(tx, "treasury keeps:") == {}


def test_a_transfer_that_pays_an_instalment_is_ticked_and_needs_a_plan(app: AppTest, desk: Desk):
    assert "SIP aggressive has no plan with instalments" in wish(app, SIP.id, pays=True)
    today = ist_day(desk.clock.now())
    plan = FundingPlan(SIP.id, 1, FundingKind.SIP, rs("0"), rs("25000"), 23, today, 12)
    plan_funding(desk, plan, by="me")
    wish(app, SIP.id, pays=True)
    assert only(desk).pays_instalment


def test_a_wrong_deposit_is_taken_back_with_its_reason(app: AppTest, desk: Desk):
    made = add_money(desk, SIP.id, rs("50000"), reference="salary", by="me")
    app.run()
    assert "Choose the entry that is wrong first" in words(press(app, "Take it back"))
    app.selectbox(key="back_entry").set_value(made.id)
    assert "needs to know why" in words(press(app, "Take it back"))
    app.selectbox(key="back_entry").set_value(made.id)
    app.text_input(key="back_reason").set_value("a zero too many")
    said = words(press(app, "Take it back"))
    assert "It is taken back" in said and "a zero too many" in said
    assert cash(desk, SIP.id) == rs("100000")
    offered = app.selectbox(key="back_entry").options
    assert offered and not [one for one in offered if "salary" in one]


def test_a_desk_without_accounts_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert "No account is open yet" in words(
        open_page(monkeypatch, empty_desk(tmp_path), "treasury")
    )
