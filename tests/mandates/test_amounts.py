"""Amounts, percentages and spans in the words people use."""

import pytest

from core.mandates.amounts import amounts_in, bare_number, months_in, percent_in
from core.mandates.spoken import in_digits


@pytest.mark.parametrize(
    ("text", "rupees", "monthly"),
    [
        ("5 lakh", 500_000, False),
        ("₹2.5L a month", 250_000, True),
        ("1.5 crore", 15_000_000, False),
        ("five lakhs", 500_000, False),
        ("₹12,34,567.50", 1_234_567.5, False),
        ("25k per month", 25_000, True),
        ("half a crore", 5_000_000, False),
        ("a lakh every month", 100_000, True),
        ("Rs. 50,000", 50_000, False),
        ("2 lacs", 200_000, False),
        ("one and a half crore", 15_000_000, False),
        ("har mahine 20 hazaar", 20_000, True),
        ("pachees hazaar mahine ka", 25_000, True),
        ("dhai lakh", 250_000, False),
        ("sadhe teen lakh", 350_000, False),
        ("5 lakh 50 thousand", 550_000, False),
        ("2 crore 50 lakh", 25_000_000, False),
        ("५ लाख", 500_000, False),
        ("twenty five thousand", 25_000, False),
        ("1.2 cr", 12_000_000, False),
        ("12,00,000 rupees", 1_200_000, False),
    ],
)
def test_rupees(text, rupees, monthly):
    (amount,) = amounts_in(text)
    assert amount.certain
    assert (float(amount.money.in_rupees), amount.monthly) == (rupees, monthly)


def test_words_that_are_also_something_else_are_numbers_only_before_a_unit():
    assert in_digits("do you think one trade or a share in do saal") == (
        "do you think one trade or a share in 2 saal"
    )
    assert amounts_in("1e999") == [] and amounts_in("in 2030")[0].certain is False


def test_reading_spoken_numbers_twice_is_reading_them_once():
    for text in ("20k a month for two years", "a lakh every month", "dhai saal", "half a crore"):
        assert in_digits(in_digits(text)) == in_digits(text)


def test_a_bare_small_number_is_not_certain_and_other_units_are_no_money():
    assert not amounts_in("5")[0].certain
    assert amounts_in("10% in 2 years and 12 shares") == []
    assert [float(a.money.in_rupees) for a in amounts_in("5 lakh now, 25,000 a month")] == [
        500_000, 25_000,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fraction"),
    [
        ("1.5% a trade", 0.015),
        ("maybe 5 or 6 percent", 0.05),
        ("10 per cent", 0.10),
        ("5-6%", 0.05),
        ("-3%", -0.03),
        ("two percent", 0.02),
    ],
)
def test_percent(text, fraction):
    assert percent_in(text)[0] == pytest.approx(fraction)


@pytest.mark.parametrize(
    ("text", "months"),
    [("two years", 24), ("24m", 24), ("18 months", 18), ("1.5 years", 18), ("a year", 12),
     ("2y", 2 * 12), ("long term", None)],
)  # fmt: skip
def test_months(text, months):
    assert months_in(text) == months


def test_one_number_alone():
    assert bare_number("about 12") == 12
    assert bare_number("-3") == -3
    assert bare_number("10 or 12") is None
    assert percent_in("nothing") is None
