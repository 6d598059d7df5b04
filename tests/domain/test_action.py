from datetime import UTC, date, datetime

import pytest

from core.domain.action import ActionKind, action_id, known_by_ex_date
from core.domain.money import Money
from core.domain.succession import Succession, members, newest, same_share
from core.errors import BadInput
from tests.made.actions import a_factor, an_action

DAY = date(2026, 11, 19)


def test_an_action_is_public_as_its_ex_date_begins_in_india():
    assert known_by_ex_date(DAY) == datetime(2026, 11, 18, 18, 30, tzinfo=UTC)


def test_the_same_words_in_other_blanks_and_capitals_are_the_same_action():
    one = action_id("INE1", DAY, ActionKind.BONUS, "NSE", " Bonus  1:1")
    assert one == action_id("INE1", DAY, ActionKind.BONUS, "NSE", "BONUS 1:1")
    assert one != action_id("INE1", DAY, ActionKind.BONUS, "BSE", "Bonus 1:1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"new": 1, "old": 0},
        {"new": -1, "old": -1},
        {"amount": Money(-1)},
        {"known_at": datetime(2026, 11, 19)},  # noqa: DTZ001
    ],
)
def test_an_action_cannot_hold_nonsense(wrong):
    with pytest.raises(ValueError, match="action ca"):
        an_action(**wrong)


@pytest.mark.parametrize("divisor", [0.0, -2.0, float("nan"), float("inf")])
def test_a_divisor_is_finite_and_above_zero(divisor):
    with pytest.raises(ValueError, match="divisor"):
        a_factor(divisor=divisor)


def test_a_ratio_that_was_not_said_is_none():
    assert an_action().has_ratio and not an_action(new=0, old=0).has_ratio


def test_an_isin_says_issuer_and_security_in_its_first_nine_letters():
    assert same_share("INE461C01020", "INE461C01038")
    assert not same_share("INE461C01020", "INE461D01020")
    assert not same_share("US4592001014", "US4592001022")


def test_a_chain_of_isins_ends_at_the_newest_and_knows_its_members():
    links = {"A": "B", "B": "C", "X": "Y"}
    assert newest("A", links) == newest("C", links) == "C" and newest("Q", links) == "Q"
    assert members(["B"], links) == ("A", "B", "C")
    assert members(["Q"], links) == ("Q",)


def test_isins_that_succeed_each_other_in_a_circle_are_refused():
    with pytest.raises(BadInput, match="A, B, A succeed each other in a circle"):
        newest("A", {"A": "B", "B": "A"})
    with pytest.raises(ValueError, match="cannot succeed itself"):
        Succession("A", "A", DAY, "test")
