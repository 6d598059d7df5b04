from datetime import date
from pathlib import Path

import pytest

from core.domain.account import FundingKind, FundingPlan
from core.domain.money import ZERO, Money
from core.errors import OutsideCalendar
from core.providers.calendar_file import load_calendar
from core.treasury.funding import InstalmentStatus, deployable, instalments, standing

NSE = load_calendar(Path(__file__).resolve().parents[2] / "data" / "calendar.json")
RENT = Money.rupees(10_000)


def plan(**changes) -> FundingPlan:
    terms = {
        "account_id": "sip",
        "version": 1,
        "kind": FundingKind.SIP,
        "lump_sum": ZERO,
        "instalment": RENT,
        "day_of_month": 2,
        "starts_on": date(2026, 8, 1),
        "months": 12,
    }
    return FundingPlan(**(terms | changes))


def test_an_instalment_on_a_holiday_rolls_to_the_next_session():
    # Sun 2 Aug -> Mon 3, Wed 2 Sep, Fri 2 Oct is a holiday -> Mon 5, Mon 2 Nov
    due = instalments(plan(), NSE, date(2026, 11, 20))
    assert [one.due_on for one in due] == [
        date(2026, 8, 3),
        date(2026, 9, 2),
        date(2026, 10, 5),
        date(2026, 11, 2),
    ]
    assert [one.number for one in due] == [1, 2, 3, 4]
    assert {one.amount for one in due} == {RENT}


def test_an_instalment_that_rolls_past_the_day_asked_is_not_due_yet():
    assert len(instalments(plan(), NSE, date(2026, 10, 4))) == 2
    assert len(instalments(plan(), NSE, date(2026, 10, 5))) == 3


def test_the_first_instalment_is_the_first_such_day_on_or_after_the_start():
    late = instalments(plan(starts_on=date(2026, 8, 3)), NSE, date(2026, 9, 30))
    assert [one.due_on for one in late] == [date(2026, 9, 2)]
    over_new_year = instalments(
        plan(starts_on=date(2025, 12, 15), day_of_month=5, months=2), NSE, date(2026, 11, 20)
    )
    assert [one.due_on for one in over_new_year] == [date(2026, 1, 5), date(2026, 2, 5)]


def test_a_lump_sum_has_no_instalments():
    once = plan(kind=FundingKind.LUMP_SUM, lump_sum=Money.rupees(5), instalment=ZERO)
    assert instalments(once, NSE, date(2026, 11, 20)) == ()


def test_instalments_beyond_the_calendar_are_refused():
    with pytest.raises(OutsideCalendar):
        instalments(plan(), NSE, date(2027, 3, 1))


def test_money_received_pays_the_lump_sum_then_the_oldest_instalment():
    hybrid = plan(kind=FundingKind.HYBRID, lump_sum=Money.rupees(50_000))
    shown = standing(
        hybrid,
        NSE,
        received=Money.rupees(65_000),  # lump sum, one instalment and half another
        today=date(2026, 10, 5),
        until=date(2026, 11, 30),
    )
    assert [one.status for one in shown] == [
        InstalmentStatus.PAID,
        InstalmentStatus.MISSED,
        InstalmentStatus.DUE,
        InstalmentStatus.UPCOMING,
    ]


def test_deployable_cash_is_what_is_left_after_its_parts():
    free = deployable(
        cash=Money.rupees(100_000),
        reserved=Money.rupees(20_000),
        floor=Money.rupees(25_000),
        buffer=Money.rupees(5_000),
    )
    assert (free.amount, free.short) == (Money.rupees(50_000), ZERO)
    tight = deployable(cash=Money.rupees(10), reserved=ZERO, floor=Money.rupees(25))
    assert (tight.amount, tight.short) == (ZERO, Money.rupees(15))
