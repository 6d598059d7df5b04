from dataclasses import replace
from datetime import date

from core.domain.money import Money
from core.domain.statement import StatedTrade
from core.treasury.match_trades import BookedTrade, Finding, match_trades

DAY, ISIN = date(2026, 11, 20), "INE000A01020"
BOOKED = BookedTrade("e1", "event", "or1", "T1", DAY, ISIN, "MIDCO", "NSE", 10, Money(50_000))
STATED = StatedTrade(2, DAY, "MIDCO", ISIN, "NSE", 10, Money(50_000), "T1", "B1")


def found(booked, stated):
    return [(one.finding, one.value_off.paise) for one in match_trades(booked, stated)]


def test_a_trade_matches_by_its_day_and_number():
    assert found([BOOKED], [STATED]) == [(Finding.SAME, 0)]
    other_day = replace(STATED, on=date(2026, 11, 19))
    assert found([BOOKED], [other_day]) == [
        (Finding.ONLY_BROKER, 500_000),
        (Finding.ONLY_BOOKS, -500_000),
    ]


def test_price_and_quantity_differ_in_paise():
    (price,) = match_trades([BOOKED], [replace(STATED, price=Money(50_005))])
    assert (price.finding, price.price_off, price.value_off) == (
        Finding.PRICE,
        Money(5),
        Money(50),
    )
    (shares,) = match_trades([BOOKED], [replace(STATED, qty=12)])
    assert (shares.finding, shares.stated_qty, shares.booked_qty) == (Finding.QTY, 12, 10)


def test_parts_of_one_trade_count_together():
    parts = [replace(BOOKED, qty=4), replace(BOOKED, entry="e2", account_id="lump", qty=6)]
    assert found(parts, [STATED]) == [(Finding.SAME, 0)]


def test_a_file_without_numbers_matches_by_share_side_shares_and_price():
    assert found([BOOKED], [replace(STATED, trade_id="")]) == [(Finding.SAME, 0)]
    assert found([BOOKED], [replace(STATED, trade_id="", qty=-10)]) == [
        (Finding.ONLY_BROKER, -500_000),
        (Finding.ONLY_BOOKS, -500_000),
    ]
    # two alike are two
    assert found([BOOKED], [replace(STATED, trade_id="")] * 2) == [
        (Finding.SAME, 0),
        (Finding.ONLY_BROKER, 500_000),
    ]


def test_two_numbers_that_differ_are_two_trades():
    assert [kind for kind, _ in found([BOOKED], [replace(STATED, trade_id="T2")])] == [
        Finding.ONLY_BROKER,
        Finding.ONLY_BOOKS,
    ]
