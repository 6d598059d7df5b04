"""Numbers read as an Indian trader expects them."""

from datetime import UTC, date, datetime

import pytest

from core.domain.money import Money
from core.domain.words import (
    age,
    age_of,
    day,
    decimal,
    eod,
    group,
    interval,
    ist_stamp,
    ist_time,
    number,
    pct,
    price,
    qty,
    rupees,
    short,
    time_left,
)

AT = datetime(2026, 11, 20, 5, 12, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("digits", "grouped"),
    [
        ("0", "0"),
        ("999", "999"),
        ("1000", "1,000"),
        ("100000", "1,00,000"),
        ("1234567", "12,34,567"),
    ],
)
def test_digits_are_grouped_three_two_two(digits, grouped):
    assert group(digits) == grouped


def test_rupees_carry_paise_and_a_real_minus_before_the_sign():
    assert rupees(Money(123456750)) == "₹12,34,567.50"
    assert rupees(Money(-18641000)) == "\u2212₹1,86,410.00"
    assert rupees(Money(2234000), signed=True) == "+₹22,340.00"
    assert rupees(Money(0), signed=True) == "₹0.00"
    assert rupees(Money(150), digits=0) == "₹2"


@pytest.mark.parametrize(
    ("paise", "text"),
    [
        (123_500_000, "₹12.35 L"),
        (1_230_000_000, "₹1.23 Cr"),
        (9_999_900, "₹99,999"),
        (9_999_950, "₹1.00 L"),
        (10_000_000, "₹1.00 L"),
        (999_999_900, "₹1.00 Cr"),
        (-34_100_000, "\u2212₹3.41 L"),
    ],
)
def test_short_money_is_lakh_and_crore_never_k_or_m(paise, text):
    assert short(Money(paise)) == text


def test_percent_takes_a_fraction_and_rounds_half_up():
    assert pct(0.0112, signed=True) == "+1.12 %"
    assert pct(-0.0062, signed=True) == "\u22120.62 %"
    assert pct(0.00125) == "0.13 %"
    assert pct(-0.000001) == "0.00 %"
    assert pct(0.58, digits=0) == "58 %"
    assert pct(float("nan")) == "–"


def test_plain_numbers_prices_and_quantities():
    assert decimal(1.805) == "1.81"
    assert decimal(-0.4, signed=True) == "\u22120.40"
    assert decimal(float("inf")) == "–"
    assert price(Money(284530)) == "2,845.30"
    assert qty(-120000) == "\u22121,20,000"
    assert qty(5, signed=True) == "+5"
    assert number(-3, 0) == "\u22123"


def test_times_are_indian():
    assert ist_time(AT) == "10:42:07"
    assert ist_time(AT, seconds=False) == "10:42"
    assert ist_stamp(AT) == "20 Nov 2026 10:42:07"
    assert day(datetime(2026, 11, 20, 20, 0, tzinfo=UTC)) == "21 Nov 2026"
    assert day(date(2026, 1, 2)) == "2 Jan 2026"
    assert eod(date(2026, 11, 20)) == "EOD 20 Nov"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"),
        (2.9, "2 s"),
        (360, "6 min"),
        (6720, "1 h 52 min"),
        (7200, "2 h"),
        (90_000, "1 day"),
        (29 * 86_400, "29 days"),
    ],
)
def test_ages_grow_from_seconds_to_days(seconds, text):
    assert age(seconds) == text


def test_age_of_is_the_difference_of_two_times():
    assert age_of(AT, AT.replace(minute=18)) == "6 min"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "expired"),
        (372, "6:12"),
        (2490, "41:30"),
        (6720, "1 h 52"),
        (86_400, "1 day"),
        (3 * 86_400, "3 days"),
    ],
)
def test_time_left_counts_down(seconds, text):
    assert time_left(seconds) == text


@pytest.mark.parametrize(
    ("low", "point", "high", "text"),
    [
        (0.51, 0.58, 0.65, "51 – 65 %"),
        (0.2604, 0.3626, 0.3641, "26.0 – 36.4 %"),  # 36 % would end under its point
        (0.3601, 0.3626, 0.40, "36.0 – 40.0 %"),  # 36 is what the point rounds to
        (0.36251, 0.36262, 0.4, "36.25 – 40.00 %"),
        (0.0, 0.0, 0.12, "0 – 12 %"),  # it does end at its point
        (0.26, 0.3507, 0.3507, "26.0 – 35.1 %"),  # and so here, where 35 would leave 35.1 out
        (0.1496, 0.1496, 0.26, "15 – 26 %"),
    ],
)
def test_rounding_puts_no_interval_beside_its_point(low, point, high, text):
    assert interval(low, point, high) == text
