"""What an account can give, and when: 23 Nov 2026 is a Monday, Tuesday a holiday."""

from dataclasses import replace
from datetime import date

import pytest

from core.desk.desk import calendar_now
from core.domain.money import ZERO, Money
from core.domain.transfer import OWNER, StepName
from core.treasury.deployable import deployable
from core.treasury.purse import Purse, steps_of, withdrawable_on
from core.treasury.staged import Staged
from core.treasury.suggest import Suggestion, suggestions
from tests.domain.test_transfer import a_transfer

MONDAY, WEDNESDAY, THURSDAY = date(2026, 11, 23), date(2026, 11, 25), date(2026, 11, 26)


def rs(amount: str) -> Money:
    return Money.rupees(amount)


def a_purse(
    name: str = "a", *, free: str = "100000", floor: str = "50000", blocked: str = "0",
    login: str = "x", waits: tuple[tuple[str, str, date | None], ...] = (),
) -> Purse:  # fmt: skip
    """`waits` are rupees on their way, rupees of them that may be spent, and the day they come."""
    parts = deployable(cash=rs(free), reserved=ZERO, floor=rs(floor), blocked=rs(blocked))
    staged = tuple(
        Staged(name, "INE1", MONDAY, comes, -1, rs(amount), rs(spendable))
        for amount, spendable, comes in waits
    )
    return Purse(name, name.title(), login, rs(free), parts, staged)


def test_spendable_is_less_what_may_not_be_used_and_withdrawable_less_all_that_waits():
    one = a_purse(waits=(("30000", "20000", WEDNESDAY),))
    assert (one.spendable, one.withdrawable) == (rs("90000"), rs("70000"))
    assert one.movable == rs("50000")  # the floor stays


def test_what_open_shorts_block_can_neither_be_spent_nor_withdrawn():
    one = a_purse(blocked="60000")
    assert (one.spendable, one.withdrawable, one.movable) == (rs("40000"), rs("40000"), ZERO)


def test_nothing_of_an_overdrawn_account_moves():
    one = a_purse(free="-5", waits=(("10", "0", None),))
    assert (one.spendable, one.withdrawable, one.movable) == (ZERO, ZERO, ZERO)


@pytest.mark.parametrize(
    ("amount", "on"), [("70000", MONDAY), ("70000.01", WEDNESDAY), ("85000.01", None)]
)
def test_money_leaves_the_broker_on_the_day_enough_of_it_has_settled(amount: str, on: date | None):
    one = a_purse(waits=(("15000", "15000", WEDNESDAY), ("15000", "0", None)))
    assert withdrawable_on(one, rs(amount), today=MONDAY) == on


def names_and_days(one: Purse, to: str | None, amount: str, today: date) -> list[object]:
    steps = steps_of(one, to_login=to, amount=rs(amount), calendar=calendar_now(), today=today)
    return [(step.name, step.due_on) for step in steps]


def test_steps_follow_settlement_days():
    one = a_purse(waits=(("30000", "30000", WEDNESDAY),))
    assert names_and_days(one, "x", "1", MONDAY) == [(StepName.MOVE, MONDAY)]
    assert names_and_days(one, "y", "70000", MONDAY) == [
        (StepName.WITHDRAW, MONDAY), (StepName.BANK, WEDNESDAY), (StepName.ADD, WEDNESDAY),
    ]  # fmt: skip
    assert names_and_days(one, None, "80000", MONDAY) == [
        (StepName.WITHDRAW, WEDNESDAY), (StepName.BANK, THURSDAY),
    ]  # fmt: skip
    # on a holiday a withdrawal is asked for on the next settlement day
    assert names_and_days(one, None, "1", date(2026, 11, 24))[0] == (StepName.WITHDRAW, WEDNESDAY)


def test_a_day_beyond_the_loaded_calendar_is_not_guessed():
    assert names_and_days(a_purse(), None, "1", date(2026, 12, 31)) == [
        (StepName.WITHDRAW, date(2026, 12, 31)), (StepName.BANK, None),
    ]  # fmt: skip


def test_every_part_of_the_balances_is_in_what_a_click_signs():
    shown = a_purse().balances
    others = [
        a_purse(free="100000.01"), a_purse(floor="50001"), a_purse("b"), a_purse(blocked="1"),
        a_purse(waits=(("1", "1", None),)), a_purse(waits=(("1", "0", None),)),
    ]  # fmt: skip
    assert len({shown, *(one.balances for one in others)}) == 7


def test_the_same_login_gives_first_and_a_rupee_is_given_once():
    # c missed 60,000; b of its login can give 20,000, a of another 30,000 and then keeps its rest
    purses = {one.account_id: one for one in (
        a_purse("a", free="200000", login="y"), a_purse("b"), a_purse("c"))}  # fmt: skip
    found = suggestions(
        purses, keeps={"a": rs("120000"), "b": rs("30000")}, missed={"c": rs("60000")}
    )
    why = "C missed ₹60,000.00 of its instalments"
    assert found == (
        Suggestion("b", "c", rs("20000"), why, pays_instalment=True),
        Suggestion("a", "c", rs("30000"), why, pays_instalment=True),
    )


def test_what_is_under_way_is_not_suggested_again_and_crumbs_are_not_at_all():
    purses = {"a": a_purse("a"), "c": a_purse("c")}
    keeps, missed = {"a": rs("49500"), "gone": rs("0")}, {"c": rs("9000"), "gone": rs("9000")}
    assert suggestions(purses, keeps=keeps, missed=missed) == ()
    keeps = {"a": rs("40000")}
    assert [one.to_account for one in suggestions(purses, keeps=keeps, missed=missed)] == [
        "c", OWNER,
    ]  # fmt: skip
    waits = [a_transfer(from_account="a", to_account=to) for to in ("c", OWNER)]
    assert suggestions(purses, keeps=keeps, missed=missed, under_way=waits) == ()
    assert suggestions(purses, keeps={"c": rs("0")}, missed={"c": rs("9000")})[0].to_account == (
        OWNER
    )


def test_what_pays_an_instalment_already_is_asked_of_nobody_else():
    # c missed 9,000 and 8,500 are on their way from b: 500 are left, which are not worth a step
    purses = {"a": a_purse("a"), "b": a_purse("b"), "c": a_purse("c")}
    keeps, missed = {"a": rs("40000")}, {"c": rs("9000")}
    on_its_way = a_transfer(
        from_account="b", to_account="c", amount=rs("8500"), pays_instalment=True
    )
    found = suggestions(purses, keeps=keeps, missed=missed, under_way=[on_its_way])
    assert [one.to_account for one in found] == [OWNER]
    other = replace(on_its_way, pays_instalment=False)
    found = suggestions(purses, keeps=keeps, missed=missed, under_way=[other])
    assert [one.to_account for one in found] == ["c", OWNER]
