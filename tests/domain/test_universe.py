from datetime import date

import pytest

from core.domain.universe import Member, Universe, after_list
from core.errors import BadInput

MAY, AUGUST, NOVEMBER = date(2020, 5, 31), date(2026, 8, 1), date(2026, 11, 1)


def member(isin: str, symbol: str) -> Member:
    return Member(isin, symbol, symbol.title(), date(2000, 1, 1))


def read(known: Universe | None, as_of: date, *members: Member) -> Universe:
    return after_list(
        known, members, name="TEN", source="ten.csv", as_of=as_of, same=lambda isin: isin[:9]
    )


ZOMATO, ETERNAL = member("INE758T01015", "ZOMATO"), member("INE758T01015", "ETERNAL")
OLD_ABB, NEW_ABB = member("INE117A01014", "ABB"), member("INE117A01022", "ABB")
YES = member("INE528G01035", "YESBANK")


def test_a_newer_list_dates_who_stays_who_joins_and_who_leaves():
    first = read(None, MAY, OLD_ABB, YES)
    second = read(first, AUGUST, NEW_ABB, ETERNAL)
    assert [one.symbol for one in second.on(MAY)] == ["ABB", "YESBANK"]
    assert [one.symbol for one in second.on(date(2026, 7, 31))] == ["ABB", "YESBANK"]
    assert [one.symbol for one in second.on(AUGUST)] == ["ABB", "ETERNAL"]
    assert [one.symbol for one in second.now] == ["ABB", "ETERNAL"]
    spans = {one.symbol: (one.starts, one.ends) for one in second.members}
    assert spans == {"ABB": (MAY, None), "YESBANK": (MAY, AUGUST), "ETERNAL": (AUGUST, None)}


def test_a_split_or_a_rename_makes_nobody_leave_and_the_newest_name_stands():
    second = read(read(None, MAY, OLD_ABB, ZOMATO), AUGUST, NEW_ABB, ETERNAL)
    assert [(one.symbol, one.isin, one.starts) for one in second.members] == [
        ("ABB", "INE117A01022", MAY),
        ("ETERNAL", "INE758T01015", MAY),
    ]


def test_who_left_and_came_back_has_two_spans():
    third = read(read(read(None, MAY, YES, ZOMATO), AUGUST, ZOMATO), NOVEMBER, YES, ZOMATO)
    assert [(one.starts, one.ends) for one in third.members if one.symbol == "YESBANK"] == [
        (MAY, AUGUST),
        (NOVEMBER, None),
    ]


def test_lists_are_read_oldest_first_and_never_empty():
    first = read(None, AUGUST, YES)
    for day in (MAY, AUGUST):
        with pytest.raises(BadInput, match=f"as of 2026-08-01, this list is as of {day}"):
            read(first, day, YES)
    with pytest.raises(BadInput, match=r"ten\.csv lists nobody; TEN is left as it was"):
        read(first, NOVEMBER)


def test_before_the_first_list_nobody_can_say_who_belonged():
    with pytest.raises(BadInput, match="TEN is known from 2026-08-01 on, not on 2020-05-31"):
        read(None, AUGUST, YES).on(MAY)
    with pytest.raises(BadInput, match="known from no day on"):
        Universe("TEN", "none", (), ()).on(MAY)
    with pytest.raises(BadInput, match="needs a name"):
        Universe("  ", "none", (), ())
