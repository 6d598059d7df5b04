from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import ZERO, Money, to_whole_rupee, total
from core.errors import BadInput

amounts = st.integers(-(10**12), 10**12).map(Money)


@pytest.mark.parametrize(
    ("amount", "paise"),
    [("0.005", 1), ("0.004", 0), ("-0.005", -1), ("12.345", 1235), (7, 700), (Decimal("1.1"), 110)],
)
def test_rupees_are_rounded_half_up_to_the_paisa(amount: str | int | Decimal, paise: int):
    assert Money.rupees(amount) == Money(paise)


@pytest.mark.parametrize("amount", [1.5, True, Decimal(1)])
def test_money_takes_whole_paise_only(amount: object):
    with pytest.raises(TypeError, match="Money takes int paise"):
        Money(amount)


def test_a_float_never_becomes_money():
    with pytest.raises(TypeError, match="Decimal, str or int"):
        Money.rupees(1.1)
    with pytest.raises(TypeError, match=r"Money\.times"):
        Money(100) * 0.5


@pytest.mark.parametrize(
    ("text", "words"),
    [("a lot", "'a lot' is not an amount in rupees"), ("NaN", "finite"), ("Infinity", "finite")],
)
def test_what_is_no_amount_is_refused(text: str, words: str):
    with pytest.raises(BadInput, match=words):
        Money.rupees(text)


def test_sums_signs_and_multiples():
    assert Money(250) + Money(150) - Money(100) == Money(300)
    assert (-Money(5), abs(Money(-5))) == (Money(-5), Money(5))
    assert 3 * Money(5) == Money(5) * 3 == Money(15)
    assert (bool(ZERO), bool(Money(-1))) == (False, True)
    assert Money(100).times(Decimal("0.125")) == Money(13)  # 12.5 paise
    assert str(Money(-123456)) == "−₹1,234.56"
    assert Money(123456).in_rupees == Decimal("1234.56")


def test_a_share_of_nothing_is_zero():
    assert Money(50).share_of(Money(200)) == 0.25
    assert Money(50).share_of(ZERO) == 0.0


@pytest.mark.parametrize(
    ("paise", "rounded"), [(10060, 10100), (10040, 10000), (10050, 10100), (-50, -100), (49, 0)]
)
def test_whole_rupees_are_rounded_half_up(paise: int, rounded: int):
    assert to_whole_rupee(Money(paise)) == Money(rounded)


@given(st.lists(amounts))
def test_the_total_is_the_sum_of_the_paise(many: list[Money]):
    assert total(many) == Money(sum(one.paise for one in many))


@given(amounts)
def test_money_survives_a_trip_through_rupees(amount: Money):
    assert Money.rupees(amount.in_rupees) == amount
    assert Money.rupees(str(abs(amount)).removeprefix("₹").replace(",", "")) == abs(amount)
