from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from core.domain.money import Money
from core.domain.ticks import fund_range, review_session, tick_now, tick_on
from core.errors import OutsideCalendar
from core.providers.calendar_file import load_calendar
from tests.made import MIDCO, quote

NSE = load_calendar(Path(__file__).resolve().parents[2] / "data" / "calendar.json")


def rs(amount: str) -> Money:
    return Money.rupees(amount)


@pytest.mark.parametrize(
    ("day", "close", "tick"),
    [
        ("2024-06-07", "120", "0.05"),
        ("2024-06-10", "250", "0.01"),
        ("2024-06-10", "250.05", "0.05"),
        ("2024-06-10", "25000", "0.05"),
        ("2025-04-11", "2000", "0.05"),
        ("2025-04-15", "1000", "0.05"),
        ("2025-04-15", "1000.05", "0.10"),
        ("2026-11-20", "5000", "0.10"),
        ("2026-11-20", "9999", "0.50"),
        ("2026-11-20", "20000", "1"),
        ("2026-11-20", "20001", "5"),
    ],
)
def test_the_tick_follows_the_price_and_the_table_of_its_day(day: str, close: str, tick: str):
    assert tick_on(date.fromisoformat(day), month_close=rs(close)) == rs(tick)


def test_a_fund_has_the_smallest_tick_whatever_it_costs():
    assert tick_on(date(2026, 11, 20), month_close=rs("300"), is_fund=True) == rs("0.01")
    assert tick_on(date(2024, 1, 2), month_close=rs("300"), is_fund=True) == rs("0.05")


@pytest.mark.parametrize(
    ("day", "review"),
    [
        ("2026-11-20", "2026-10-30"),
        ("2026-11-02", "2026-10-30"),
        ("2026-02-01", "2026-01-30"),
        ("2026-04-01", "2026-03-30"),  # 31 March is a holiday
    ],
)
def test_ticks_are_set_by_the_last_session_of_the_month_before(day: str, review: str):
    assert review_session(NSE, date.fromisoformat(day)) == date.fromisoformat(review)


def test_a_day_before_the_first_table_is_refused():
    with pytest.raises(OutsideCalendar, match="2011-05-02"):
        tick_on(date(2011, 5, 2), month_close=rs("100"))


@pytest.mark.parametrize(
    ("ltp", "overnight", "low", "high"),
    [
        ("100", False, "90", "110"),
        ("110", False, "90", "110"),
        ("112", False, "85", "115"),
        ("118", False, "80", "120"),
        ("125", False, "80", "120"),  # the last step stays
        ("104", True, "95", "105"),
        ("120", True, "95", "105"),
    ],
)
def test_a_funds_range_flexes_in_steps_to_twenty_percent(
    ltp: str, overnight: bool, low: str, high: str
):
    band = fund_range(
        date(2026, 9, 7), prev_close=rs("100"), ltp=rs(ltp), tick=rs("0.01"), overnight=overnight
    )
    assert (band.low, band.high) == (rs(low), rs(high))


def test_a_funds_range_before_its_rule_is_refused():
    with pytest.raises(OutsideCalendar, match="2026-09-04 are not loaded, only from 2026-09-07"):
        fund_range(date(2026, 9, 4), prev_close=rs("100"), ltp=rs("100"), tick=rs("0.01"))


def test_the_month_decides_the_tick_whatever_a_split_did_to_the_price():
    split = replace(quote("250", prev_close="248"), month_close=rs("1200"))
    assert tick_now(split) == rs("0.10")


def test_without_the_month_the_previous_close_stands_in():
    assert tick_now(quote("250.50", prev_close="249")) == rs("0.01")


def test_a_fund_trades_on_one_paisa_and_its_isin_says_so():
    fund = replace(quote("612.37"), isin="INF204KB14I2")
    assert tick_now(fund) == Money(1)
    assert tick_now(quote("612.35")) == Money(5)
    assert replace(MIDCO, isin="INF204KB14I2").is_fund and not MIDCO.is_fund
