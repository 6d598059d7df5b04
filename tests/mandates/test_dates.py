"""A day is read only where it is certain; spans are counted in whole months."""

from __future__ import annotations

from datetime import date

import pytest

from core.mandates.dates import months_between, months_on, next_of, said_day


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("by 2031", date(2031, 1, 1)),
        ("by the end of 2030", date(2030, 12, 31)),
        ("mid 2029", date(2029, 7, 1)),
        ("till march 2029", date(2029, 3, 1)),
        ("end of feb 2028", date(2028, 2, 29)),
        ("31st march 2029", date(2029, 3, 31)),
        ("march 31 2029", date(2029, 3, 31)),
        ("31/03/2029", date(2029, 3, 31)),
        ("2029-03-31", date(2029, 3, 31)),
        ("christmas 2027", date(2027, 12, 25)),
        ("2031 tak", date(2031, 1, 1)),
    ],
)
def test_a_certain_day_is_read(text: str, on: date) -> None:
    said = said_day(text)
    assert said is not None and (said.day, said.ask) == (on, "")


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("until diwali 2027", "falls on another day each year"),
        ("eid tak", "falls on another day each year"),
        ("by next march", "of which year"),
        ("31/02/2029", "no day of the calendar"),
    ],
)
def test_an_uncertain_day_is_asked_back(text: str, ask: str) -> None:
    said = said_day(text)
    assert said is not None and said.day is None and ask in said.ask


@pytest.mark.parametrize(
    "text", ["it may fall 10%", "2030 rupees", "keep 2000 in cash", "5 lakh", "in 8 years", "march"]
)
def test_what_names_no_day_is_none(text: str) -> None:
    assert said_day(text) is None


@pytest.mark.parametrize(
    ("today", "until", "months"),
    [
        (date(2026, 11, 21), date(2029, 3, 1), 27),  # 21 Feb 2029 is 27 months on
        (date(2026, 11, 21), date(2026, 12, 20), 0),
        (date(2026, 11, 30), date(2027, 2, 28), 3),  # the last day of a shorter month
        (date(2026, 11, 21), date(2025, 11, 21), -12),
    ],
)
def test_only_whole_months_count(today: date, until: date, months: int) -> None:
    assert months_between(today, until) == months


def test_the_next_such_day_lies_after_today() -> None:
    today = date(2026, 11, 21)
    assert next_of(12, dom=1, today=today) == date(2026, 12, 1)
    assert next_of(11, dom=21, today=today) == date(2027, 11, 21)
    assert months_on(date(2026, 8, 31), 6) == date(2027, 2, 28)


def test_a_year_of_two_digits_is_asked_in_full_and_a_month_with_its_year_is_read():
    said = said_day("31/12/27")
    assert said is not None and said.day is None and "write the year in full" in said.ask
    month = said_day("12/2028")
    assert month is not None and month.day == date(2028, 12, 1)
