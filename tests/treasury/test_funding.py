from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.account import FundingKind, FundingPlan, LateMoney, Tranche, TrancheTrigger
from core.domain.money import ZERO, Money, total
from core.errors import OutsideCalendar
from core.providers.calendar_file import load_calendar
from core.treasury.deployable import deployable
from core.treasury.funding import (
    InstalmentStatus,
    LetGo,
    Receipt,
    instalments,
    promised_day,
    standing,
)

NSE = load_calendar(Path(__file__).resolve().parents[2] / "data" / "calendar.json")
RENT = Money.rupees(10_000)
PAID, DUE, MISSED = InstalmentStatus.PAID, InstalmentStatus.DUE, InstalmentStatus.MISSED
LAPSED, UPCOMING = InstalmentStatus.LAPSED, InstalmentStatus.UPCOMING


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


def came(*moves: tuple[date, int]) -> list[Receipt]:
    return [Receipt(on, Money.rupees(rupees)) for on, rupees in moves]


def stands(what: FundingPlan, today: date, *moves: tuple[date, int], until: date | None = None):
    return standing(what, NSE, receipts=came(*moves), today=today, until=until or today)


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
    assert due[2].promised_on == date(2026, 10, 2)
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


@pytest.mark.parametrize(
    ("starts_on", "day", "days"),
    [
        # 2028 has a 29 February, 2027 has none
        (date(2028, 1, 31), 31, [(1, 31), (2, 29), (3, 31), (4, 30), (5, 31)]),
        (date(2027, 1, 31), 31, [(1, 31), (2, 28), (3, 31)]),
        (date(2028, 1, 29), 29, [(1, 29), (2, 29), (3, 29)]),
        (date(2027, 1, 30), 29, [(2, 28), (3, 29), (4, 29)]),
        (date(2027, 2, 28), 30, [(2, 28), (3, 30)]),  # February's 30th is its last day
        (date(2026, 4, 30), 31, [(4, 30), (5, 31)]),
        (date(2026, 1, 29), 28, [(2, 28), (3, 28)]),
    ],
)
def test_a_month_without_the_day_takes_its_last(starts_on: date, day: int, days: list):
    asked = plan(starts_on=starts_on, day_of_month=day)
    found = [promised_day(asked, month) for month in range(len(days))]
    assert [(one.month, one.day) for one in found] == days


def test_the_last_day_of_a_month_that_is_no_session_rolls_into_the_next():
    # Sat 28 Feb 2026 -> Mon 2 Mar; Tue 31 Mar is a holiday -> Wed 1 Apr
    asked = plan(starts_on=date(2026, 2, 1), day_of_month=31, months=3)
    due = instalments(asked, NSE, date(2026, 6, 1))
    assert [one.due_on for one in due] == [date(2026, 3, 2), date(2026, 4, 1), date(2026, 4, 30)]


def test_a_lump_sum_has_no_instalments():
    once = plan(kind=FundingKind.LUMP_SUM, lump_sum=Money.rupees(5), instalment=ZERO)
    assert instalments(once, NSE, date(2026, 11, 20)) == ()


def test_instalments_beyond_the_calendar_are_refused():
    with pytest.raises(OutsideCalendar):
        instalments(plan(), NSE, date(2027, 3, 1))


def test_money_received_pays_the_lump_sum_then_the_oldest_instalment():
    hybrid = plan(kind=FundingKind.HYBRID, lump_sum=Money.rupees(50_000))
    # lump sum, one instalment and half another
    found = stands(hybrid, date(2026, 10, 5), (date(2026, 8, 1), 65_000), until=date(2026, 11, 30))
    assert [one.status for one in found.instalments] == [PAID, MISSED, DUE, UPCOMING]
    assert (found.lump_in, found.lump_due) == (Money.rupees(50_000), ZERO)
    # September is carried and asked for with October's, less the half that came
    assert (found.carried, found.part_paid) == (RENT, Money.rupees(5_000))
    assert found.asked == Money.rupees(15_000)


def test_what_lay_in_the_account_pays_the_lump_sum_and_no_instalment():
    hybrid = plan(
        kind=FundingKind.HYBRID, lump_sum=Money.rupees(50_000), already_in=Money.rupees(70_000)
    )
    found = stands(hybrid, date(2026, 8, 3))
    assert (found.lump_in, found.lump_due) == (Money.rupees(50_000), ZERO)
    assert [one.status for one in found.instalments] == [DUE]


def test_money_taken_out_makes_nothing_missed():
    hybrid = plan(kind=FundingKind.HYBRID, lump_sum=Money.rupees(50_000))
    found = stands(
        hybrid, date(2026, 9, 1), (date(2026, 8, 3), 60_000), (date(2026, 8, 10), -20_000)
    )
    assert [one.status for one in found.instalments] == [PAID]
    assert (found.lump_in, found.lump_due) == (Money.rupees(50_000), ZERO)


@pytest.mark.parametrize(("out", "waits"), [(30_000, 60_000), (50_000, 40_000), (90_000, 0)])
def test_money_goes_out_of_what_was_let_go_before_it_goes_out_of_what_waits(out, waits):
    # 90,000 came; 30,000 of it was let go and 60,000 waits
    rupees = Money.rupees
    parts = (Tranche(rupees(30_000)), Tranche(rupees(60_000), TrancheTrigger.CLICK))
    once = plan(kind=FundingKind.LUMP_SUM, lump_sum=rupees(90_000), instalment=ZERO, tranches=parts)
    went = standing(
        once, NSE, receipts=came((date(2026, 8, 3), 90_000), (date(2026, 8, 5), -out)),
        today=date(2026, 8, 6), until=date(2026, 8, 6),
        let_go=[LetGo(date(2026, 8, 3), rupees(30_000))],
    )  # fmt: skip
    assert went.lump_in == rupees(30_000 + waits)


def saved(what: FundingPlan, on: date, **changes) -> FundingPlan:
    """The next version of a plan, saved at noon in India."""
    at = datetime(on.year, on.month, on.day, 6, 30, tzinfo=UTC)
    return replace(what, version=what.version + 1, saved_at=at, **changes)


def test_a_larger_instalment_holds_from_the_day_it_was_saved_and_makes_nothing_missed():
    # 10,000 came in August and September; from 20 September on it is 15,000
    more = saved(plan(), date(2026, 9, 20), instalment=Money.rupees(15_000))
    moves = [
        *came((date(2026, 8, 3), 10_000), (date(2026, 9, 2), 10_000)),
        Receipt(date(2026, 10, 5), Money.rupees(15_000), version=2),
    ]
    found = standing(
        more,
        NSE,
        receipts=moves,
        today=date(2026, 10, 5),
        until=date(2026, 11, 5),
        earlier=[plan()],
    )
    assert [(one.amount.paise // 100, one.status) for one in found.instalments] == [
        (10_000, PAID), (10_000, PAID), (15_000, PAID), (15_000, UPCOMING),
    ]  # fmt: skip


def test_a_lump_sum_named_later_is_paid_by_money_that_comes_later():
    # a year's SIP stands; on 20 September 50,000 more is promised at once: what came stays paid
    both = saved(plan(), date(2026, 9, 20), kind=FundingKind.HYBRID, lump_sum=Money.rupees(50_000))
    old = came((date(2026, 8, 3), 10_000), (date(2026, 9, 2), 10_000))

    def at(*more: Receipt):
        return standing(
            both, NSE, receipts=[*old, *more], today=date(2026, 10, 6), until=date(2026, 10, 6),
            earlier=[plan()],
        )  # fmt: skip

    before = at()
    assert [one.status for one in before.instalments] == [PAID, PAID, MISSED]
    assert (before.lump_in, before.lump_due) == (ZERO, Money.rupees(50_000))
    after = at(Receipt(date(2026, 10, 6), Money.rupees(60_000), version=2))
    assert [one.status for one in after.instalments] == [PAID, PAID, PAID]
    assert (after.lump_in, after.lump_due) == (Money.rupees(50_000), ZERO)


def test_instalments_added_to_a_lump_sum_are_paid_by_no_money_that_came_before():
    once = plan(
        kind=FundingKind.LUMP_SUM, lump_sum=Money.rupees(50_000), instalment=ZERO, months=0,
        day_of_month=0,
    )  # fmt: skip
    both = saved(
        once, date(2026, 9, 20), kind=FundingKind.HYBRID, instalment=RENT, months=12, day_of_month=2
    )
    found = standing(
        both, NSE, receipts=came((date(2026, 8, 3), 80_000)), today=date(2026, 9, 21),
        until=date(2026, 11, 3), earlier=[once],
    )  # fmt: skip
    assert [(one.due_on.month, one.status) for one in found.instalments] == [
        (10, UPCOMING), (11, UPCOMING),
    ]  # fmt: skip
    assert found.part_paid == ZERO


def test_a_month_has_one_instalment_when_the_day_is_moved():
    # due on the 2nd; on 10 September the day becomes the 25th: September's 2nd has been
    later = saved(plan(), date(2026, 9, 10), day_of_month=25)
    due = instalments(later, NSE, date(2026, 11, 30), earlier=[plan()])
    assert [(one.due_on.month, one.due_on.day) for one in due] == [
        (8, 3),
        (9, 2),
        (10, 26),
        (11, 25),
    ]
    # on the 20th, saved on the 18th: September's 25th has not been, so it moves
    sooner = saved(plan(day_of_month=25), date(2026, 9, 18), day_of_month=20)
    due = instalments(sooner, NSE, date(2026, 10, 30), earlier=[plan(day_of_month=25)])
    assert [(one.due_on.month, one.due_on.day) for one in due] == [(8, 25), (9, 21), (10, 21)]


def test_a_plan_without_instalments_any_more_keeps_those_that_were_due():
    over = saved(plan(), date(2026, 9, 20), kind=FundingKind.LUMP_SUM, instalment=ZERO, months=0)
    due = instalments(over, NSE, date(2026, 11, 30), earlier=[plan()])
    assert [one.due_on for one in due] == [date(2026, 8, 3), date(2026, 9, 2)]


def test_late_instalments_that_come_in_two_payments_of_a_day_are_let_in_evenly_too():
    evenly = plan(late_money=LateMoney.EVENLY)
    day = date(2026, 10, 6)
    found = stands(evenly, day, (day, 10_000), (day, 10_000), (day, 10_000))
    assert [one.status for one in found.instalments] == [PAID, PAID, PAID]
    assert found.late_held == RENT * 2


def test_a_missed_instalment_is_carried_and_paid_first_when_money_comes():
    # nothing in August and September; ₹20,000 on 5 October pays those two, not October's
    found = stands(plan(), date(2026, 10, 5), (date(2026, 10, 5), 20_000))
    assert [one.status for one in found.instalments] == [PAID, PAID, DUE]
    assert found.instalments[0].paid_on == date(2026, 10, 5)


def test_missed_twice_with_one_carried_lets_the_oldest_lapse():
    one_only = plan(carried_max=1)
    before = stands(one_only, date(2026, 9, 2))
    assert [one.status for one in before.instalments] == [MISSED, DUE]
    after = stands(one_only, date(2026, 9, 3))  # September's day is over: two missed, one carried
    assert [one.status for one in after.instalments] == [LAPSED, MISSED]
    assert after.carried == RENT
    # what lapsed is not asked for again: 20,000 in October pays September and October
    paid = stands(one_only, date(2026, 10, 5), (date(2026, 10, 5), 20_000))
    assert [one.status for one in paid.instalments] == [LAPSED, PAID, PAID]


def test_the_cap_in_rupees_lets_the_oldest_lapse_too():
    # three would be carried by number, 25,000 holds two instalments of 10,000
    capped = plan(carried_cap=Money.rupees(25_000))
    found = stands(capped, date(2026, 11, 3))  # four missed by then
    assert [one.status for one in found.instalments] == [LAPSED, LAPSED, MISSED, MISSED]
    assert found.carried == Money.rupees(20_000)


def test_nothing_is_carried_where_none_may_be():
    found = stands(plan(carried_max=0), date(2026, 9, 3), until=date(2026, 10, 30))
    assert [one.status for one in found.instalments] == [LAPSED, LAPSED, UPCOMING]
    assert (found.carried, found.asked) == (ZERO, RENT)


def test_an_instalment_that_came_early_is_paid_before_its_day():
    found = stands(plan(), date(2026, 8, 2), (date(2026, 8, 2), 20_000), until=date(2026, 9, 30))
    assert [one.status for one in found.instalments] == [PAID, PAID]
    assert found.late_held == ZERO


def test_late_money_goes_in_at_once_or_one_instalment_a_month():
    moves = (date(2026, 11, 10), 30_000)  # August lapsed; September to November come late
    at_once = stands(plan(), date(2026, 11, 10), moves)
    assert at_once.late_held == ZERO
    evenly = plan(late_money=LateMoney.EVENLY)
    found = stands(evenly, date(2026, 11, 10), moves, until=date(2026, 12, 31))
    # the first at once, the second on 2 December, the third on the day after that, not shown yet
    assert [one.free_on for one in found.instalments[1:4]] == [
        date(2026, 11, 10), date(2026, 12, 2), None,
    ]  # fmt: skip
    assert found.late_held == RENT * 2
    assert stands(evenly, date(2026, 12, 2), moves).late_held == RENT


def test_late_money_after_the_last_instalment_waits_for_nothing():
    ended = plan(months=3, late_money=LateMoney.EVENLY)
    found = stands(ended, date(2026, 10, 20), (date(2026, 10, 20), 30_000))
    assert found.late_held == ZERO


def test_deployable_cash_is_what_is_left_after_its_parts():
    free = deployable(
        cash=Money.rupees(100_000),
        reserved=Money.rupees(20_000),
        floor=Money.rupees(25_000),
        buffer=Money.rupees(5_000),
        waiting=Money.rupees(30_000),
        late=Money.rupees(8_000),
    )
    assert (free.amount, free.short) == (Money.rupees(12_000), ZERO)
    tight = deployable(cash=Money.rupees(10), reserved=ZERO, floor=Money.rupees(25))
    assert (tight.amount, tight.short) == (ZERO, Money.rupees(15))


def test_the_waterfall_takes_each_part_from_what_is_left():
    free = deployable(
        cash=Money.rupees(60), reserved=Money.rupees(20), floor=Money.rupees(30),
        buffer=Money.rupees(25), waiting=Money.rupees(5), blocked=Money.rupees(3),
    )  # fmt: skip
    # 60 - 20 - 3 - 30 leaves 7 of the 25 that the buffer wants, and nothing for what follows
    assert [amount.paise // 100 for _, amount in free.parts] == [20, 3, 30, 7, 0, 0, 0, 0, 0]
    assert (free.amount, free.short) == (ZERO, Money.rupees(18))


PARTS = st.integers(0, 10**12).map(Money)


@given(cash=st.integers(-(10**12), 10**13).map(Money), kept=st.tuples(*[PARTS] * 7))
def test_deployable_is_never_below_zero_nor_above_cash_and_the_parts_are_the_cash(cash, kept):
    reserved, floor, buffer, waiting, late, blocked, unsettled = kept
    free = deployable(
        cash=cash,
        reserved=reserved,
        floor=floor,
        buffer=buffer,
        waiting=waiting,
        late=late,
        blocked=blocked,
        unsettled=unsettled,
    )
    assert ZERO <= free.amount <= max(ZERO, cash)
    assert total(amount for _, amount in free.parts) == cash
    assert dict(free.parts)["deployable"] == free.amount
    assert all(amount >= ZERO for name, amount in free.parts if name != "overdrawn")


MOVES = st.lists(
    st.tuples(st.dates(date(2026, 8, 1), date(2026, 11, 20)), st.integers(-50_000, 60_000)),
    max_size=8,
)


@given(moves=MOVES, carried=st.integers(0, 4), lump=st.integers(0, 80_000), evenly=st.booleans())
def test_no_order_of_money_pays_more_than_came_or_carries_more_than_allowed(
    moves, carried, lump, evenly
):
    asked = plan(
        kind=FundingKind.HYBRID if lump else FundingKind.SIP,
        lump_sum=Money.rupees(lump),
        carried_max=carried,
        late_money=LateMoney.EVENLY if evenly else LateMoney.AT_ONCE,
    )
    found = stands(asked, date(2026, 11, 20), *moves, until=date(2026, 12, 31))
    paid = total(one.amount for one in found.instalments if one.status is PAID)
    received = total(Money.rupees(amount) for _, amount in moves if amount > 0)
    assert paid + (asked.lump_sum - found.lump_due) <= received
    missed = [one for one in found.instalments if one.status is MISSED]
    assert len(missed) <= carried
    assert ZERO <= found.late_held <= paid
    assert ZERO <= found.lump_in <= asked.lump_sum


@given(moves=MOVES, lump=st.integers(0, 80_000), at=st.integers(0, 110), buffer=st.integers(0, 9))
def test_a_plan_saved_again_with_the_same_promises_changes_nothing(moves, lump, at, buffer):
    terms = plan(kind=FundingKind.HYBRID if lump else FundingKind.SIP, lump_sum=Money.rupees(lump))
    on = date(2026, 8, 2) + timedelta(days=at)
    again = saved(terms, on, buffer=Money.rupees(buffer))
    told = [Receipt(day, Money.rupees(amount), 2 if day > on else 0) for day, amount in moves]
    ends = {"today": date(2026, 11, 20), "until": date(2026, 12, 31)}
    once = standing(terms, NSE, receipts=told, **ends)
    assert standing(again, NSE, receipts=told, earlier=[terms], **ends) == once


@given(
    moves=MOVES,
    at=st.integers(0, 110),
    instalment=st.integers(1, 30_000),
    day=st.integers(1, 31),
    lump=st.integers(0, 80_000),
)
def test_no_change_of_a_plan_undoes_what_was_paid_or_asks_a_month_twice(
    moves, at, instalment, day, lump
):
    on = date(2026, 8, 2) + timedelta(days=at)
    told = [Receipt(one, Money.rupees(amount), 2 if one > on else 0) for one, amount in moves]
    ends = {"today": on, "until": on}
    before = standing(plan(), NSE, receipts=[r for r in told if r.on <= on], **ends)
    terms = saved(
        plan(), on, instalment=Money.rupees(instalment), day_of_month=day,
        kind=FundingKind.HYBRID if lump else FundingKind.SIP, lump_sum=Money.rupees(lump),
    )  # fmt: skip
    after = standing(
        terms, NSE, receipts=told, earlier=[plan()], today=date(2026, 11, 20),
        until=date(2026, 12, 20),
    )  # fmt: skip
    paid = {one.promised_on for one in after.instalments if one.status is PAID}
    assert {one.promised_on for one in before.instalments if one.status is PAID} <= paid
    months = [(one.promised_on.year, one.promised_on.month) for one in after.instalments]
    assert len(months) == len(set(months))
    received = total(Money.rupees(amount) for _, amount in moves if amount > 0)
    spent = total(one.amount for one in after.instalments if one.status is PAID)
    assert spent + (terms.lump_sum - after.lump_due) <= received
    assert ZERO <= after.late_held <= spent
