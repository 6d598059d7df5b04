from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import ZERO, Money
from core.treasury.deployable import deployable
from core.treasury.kept import KeptBack, beyond
from core.treasury.staged import Staged
from tests.made import rs

MONDAY, WEDNESDAY, THURSDAY = date(2026, 11, 23), date(2026, 11, 25), date(2026, 11, 26)


def kept(amount: str, on: date | None, *, spendable: str = "0") -> Staged:
    return Staged("a", "INE1", MONDAY, on, -1, rs(amount), rs(spendable))


@pytest.mark.parametrize(
    ("stays", "much", "by"),
    [
        ("0", "60000", THURSDAY),
        ("20000", "40000", WEDNESDAY),  # what comes on Thursday is what must stay
        ("60000", "0", None),
        ("90000", "0", None),
    ],
)
def test_what_may_not_be_spent_lies_in_what_must_stay_first(stays: str, much: str, by: date | None):
    parts = (kept("50000", WEDNESDAY, spendable="10000"), kept("20000", THURSDAY))
    assert beyond(parts, stays=rs(stays)) == (rs(much), by)


def test_a_day_that_no_calendar_tells_is_not_named():
    assert beyond((kept("10", None), kept("5", WEDNESDAY)), stays=rs("9")) == (rs("6"), None)
    assert beyond((kept("10", None), kept("5", WEDNESDAY)), stays=rs("10")) == (rs("5"), WEDNESDAY)


def test_what_is_spendable_at_once_keeps_nothing_back():
    assert beyond((kept("10", WEDNESDAY, spendable="10"),), stays=ZERO) == (ZERO, None)


def test_the_total_holds_what_plan_and_broker_keep():
    whole = KeptBack(rs("1"), rs("2"), rs("3"), rs("4"), WEDNESDAY)
    assert (whole.by_plan, whole.total) == (rs("6"), rs("10"))


SUM = st.integers(0, 10**9).map(Money)


@given(cash=SUM, floor=SUM, buffer=SUM, sold=SUM)
def test_deployable_is_the_less_of_what_is_above_the_floor_and_what_is_spendable(
    cash: Money, floor: Money, buffer: Money, sold: Money
):
    waits = (Staged("a", "INE1", MONDAY, WEDNESDAY, -1, sold, ZERO),)
    much, by = beyond(waits, stays=floor + buffer)
    free = deployable(cash=cash, reserved=ZERO, floor=floor, buffer=buffer, unsettled=much,
                      settles_on=by)  # fmt: skip
    assert free.amount == max(ZERO, min(cash - floor - buffer, cash - sold))
    assert free.once_settled == max(ZERO, cash - floor - buffer)
