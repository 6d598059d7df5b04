"""The cash that lies in an account when its talk is signed: counted, on top, or the whole sum."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.fund import free_cash
from core.desk.talk import answer, begin, sign_talk, talk_of
from core.domain.account import FundingPlan
from core.domain.money import ZERO, Money
from core.domain.words import rupees
from core.store import accounts, funding
from tests.views.history import with_bars
from tests.views.shelf import filled_desk

REST = ("10%", "12", "none", "large", "both", "yes")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_bars(filled_desk(tmp_path))


def lying(desk: Desk) -> Money:
    """The cash free in the account before anything is said."""
    with desk.store.read() as tx:
        return free_cash(tx, "event")


def signed_plan(desk: Desk, *money: str) -> FundingPlan:
    """The funding plan of a whole talk with these words about money."""
    for words in ("balanced", "two years", *money, *REST):
        done = answer(desk, "event", words)
    assert done.signed is not None, done.turns[-1].text
    with desk.store.read() as tx:
        plan = funding.current(tx, "event")
    assert plan is not None
    return plan


def test_what_lies_there_becomes_the_sum_and_pays_it(desk: Desk) -> None:
    cash = lying(desk)
    for words in ("balanced", "two years", "use what is already in the account"):
        talk = answer(desk, "event", words)
    assert f"{rupees(cash)} lies free in the account now" in talk.turns[-1].text
    assert "lump_sum" not in talk.draft["answers"]
    for words in ("yes", *REST):
        answer(desk, "event", words)
    with desk.store.read() as tx:
        plan = funding.current(tx, "event")
    assert plan is not None and (plan.lump_sum, plan.already_in) == (cash, cash)


def test_a_sum_that_includes_it_is_paid_by_what_lies_there(desk: Desk) -> None:
    cash = lying(desk)
    plan = signed_plan(desk, "25 lakh", "yes, it is part of it")
    assert (plan.lump_sum, plan.already_in) == (Money.rupees(2_500_000), cash)


def test_a_sum_that_comes_on_top_is_not_paid_by_what_lies_there(desk: Desk) -> None:
    plan = signed_plan(desk, "25 lakh", "no, on top")
    assert (plan.lump_sum, plan.already_in) == (Money.rupees(2_500_000), ZERO)


def test_a_second_talk_on_the_same_day_counts_anew_as_it_is_said(desk: Desk) -> None:
    first = signed_plan(desk, "25 lakh", "part of it")
    second = signed_plan(desk, "25 lakh", "on top of it")
    assert first.starts_on == second.starts_on
    assert (first.already_in, second.already_in) == (lying(desk), ZERO)


def test_a_new_account_is_asked_for_a_sum(desk: Desk) -> None:
    with desk.store.read() as tx:
        login = accounts.logins(tx)[0].id
    of = begin(desk, "Diwali", login_id=login).account_id
    for words in ("balanced", "two years", "jo account mein hai"):
        talk = answer(desk, of, words)
    assert "Nothing lies free in the account; how many rupees go in?" in talk.turns[-1].text
    for words in ("3 lakh", *REST[:-1]):
        answer(desk, of, words)
    assert talk_of(desk, of).draft["cash"] == 0
    signed = sign_talk(desk, of, by="person")
    with desk.store.read() as tx:
        plan = funding.current(tx, signed.account_id)
    assert plan is not None and plan.lump_sum == Money.rupees(300_000)
