"""What lets a tranche go, worked by hand, and how much of it then may."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.account import Firing, FundingKind, FundingPlan, Tranche, TrancheTrigger
from core.domain.money import ZERO, Money
from core.errors import BadInput
from core.treasury.tranches import (
    Closes,
    TrancheStatus,
    fall_now,
    first_fall,
    has_fallen,
    held_back,
    tranche_ids,
    tranche_states,
)

LAKH = Money.rupees(1_00_000)
T0 = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
PARTS = (
    Tranche(LAKH * 3),
    Tranche(LAKH * 3, TrancheTrigger.DATE, on=date(2026, 12, 1)),
    Tranche(LAKH * 3, TrancheTrigger.INDEX_FALL, fall=0.05),
)
PLAN = FundingPlan(
    account_id="lump",
    version=1,
    kind=FundingKind.LUMP_SUM,
    lump_sum=LAKH * 9,
    instalment=ZERO,
    day_of_month=1,
    starts_on=date(2026, 11, 20),
    months=0,
    tranches=PARTS,
)


def a_firing(number: int, *, after: int = 0, of: FundingPlan = PLAN) -> Firing:
    return Firing(
        account_id="lump",
        tranche_id=tranche_ids(of)[number - 1],
        plan_version=1,
        amount=of.tranches[number - 1].amount,
        fired_at=T0 + timedelta(minutes=after),
        day=T0.date(),
        by="t",
        words="because",
    )


def test_what_came_for_tranches_that_wait_is_held_back():
    states = tranche_states(PLAN, [a_firing(1)], lump_in=LAKH * 9)
    assert [one.status for one in states] == [
        TrancheStatus.RELEASED, TrancheStatus.WAITING, TrancheStatus.WAITING,
    ]  # fmt: skip
    assert held_back(states, lump_in=LAKH * 9) == LAKH * 6


def test_a_tranche_that_fired_before_its_money_came_is_triggered():
    # 4 lakh came of 9; the first fired takes 3, the next fired has 1 of its 3
    states = tranche_states(PLAN, [a_firing(3, after=5), a_firing(1)], lump_in=LAKH * 4)
    assert [(one.status, one.free) for one in states] == [
        (TrancheStatus.RELEASED, LAKH * 3),
        (TrancheStatus.WAITING, ZERO),
        (TrancheStatus.TRIGGERED, LAKH),
    ]
    assert held_back(states, lump_in=LAKH * 4) == ZERO


def test_a_lump_sum_without_tranches_holds_nothing_back():
    bare = replace(PLAN, tranches=())
    assert held_back(tranche_states(bare, [], lump_in=LAKH * 9), lump_in=LAKH * 9) == ZERO


def test_a_plan_saved_again_keeps_what_fired_and_changed_terms_wait_anew():
    again = replace(PLAN, version=2, buffer=LAKH)
    assert tranche_ids(again) == tranche_ids(PLAN)
    deeper = replace(PLAN, tranches=(*PARTS[:2], replace(PARTS[2], fall=0.10)))
    assert [a == b for a, b in zip(tranche_ids(deeper), tranche_ids(PLAN), strict=True)] == [
        True, True, False,
    ]  # fmt: skip
    assert not set(tranche_ids(replace(PLAN, starts_on=date(2026, 11, 23)))) & set(
        tranche_ids(PLAN)
    )


def closes(*levels: float) -> Closes:
    days = tuple(date(2026, 11, 2) + timedelta(days=ahead) for ahead in range(len(levels)))
    return Closes("NIFTY 50", days, levels)


def test_a_fall_of_exactly_the_level_fires_and_a_hair_less_does_not():
    # highest close 20,000; 5 % under it is 19,000
    found = first_fall(closes(19_800, 20_000, 19_400, 19_000, 18_000), fall=0.05)
    assert found is not None
    assert (found.day, found.level, found.peak) == (date(2026, 11, 5), 19_000, 20_000)
    assert found.peak_day == date(2026, 11, 3)
    assert found.depth == pytest.approx(0.05)
    assert first_fall(closes(19_800, 20_000, 19_400, 19_000.05), fall=0.05) is None


def test_a_fall_that_was_made_up_since_still_counts():
    assert first_fall(closes(100, 94, 101), fall=0.05) is not None
    assert fall_now(closes(100, 94, 101)) == 0.0
    assert fall_now(closes(100, 101, 95.95)) == pytest.approx(0.05)
    assert fall_now(closes()) == 0.0


@pytest.mark.parametrize(
    ("drawdown", "yes"), [(-0.0999, False), (-0.1, True), (-0.3 + 0.2, True), (0.0, False)]
)
def test_an_accounts_drawdown_fires_at_the_level(drawdown: float, yes: bool):
    assert has_fallen(drawdown, fall=0.1) is yes


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"amount": ZERO}, "releases nothing"),
        ({"trigger": TrancheTrigger.DATE}, "only one by date has one"),
        ({"on": date(2026, 1, 1)}, "only one by date has one"),
        ({"trigger": TrancheTrigger.INDEX_FALL}, "a fall of 0.00%"),
        ({"trigger": TrancheTrigger.INDEX_FALL, "fall": 0.9}, "a fall of 90.00%"),
        ({"fall": 0.1}, "waits for no fall"),
        ({"trigger": TrancheTrigger.EVENT}, "only one by event names one"),
        ({"event_type": "results"}, "only one by event names one"),
    ],
)
def test_a_tranche_cannot_hold_nonsense(terms: dict, words: str):
    with pytest.raises(BadInput, match=words):
        Tranche(**({"amount": LAKH} | terms))


def test_tranches_add_up_to_the_lump_sum():
    words = r"add up to ₹6,00,000\.00 and the lump sum is ₹9,00,000\.00"
    with pytest.raises(BadInput, match=words):
        replace(PLAN, tranches=PARTS[:2])


@given(
    lump=st.integers(0, 9_00_000),
    fired=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 5)), max_size=6),
)
def test_what_is_free_and_what_is_held_back_are_all_that_came(lump: int, fired: list):
    came = Money.rupees(lump)
    known = {number: a_firing(number, after=minutes) for number, minutes in fired}
    states = tranche_states(PLAN, list(known.values()), lump_in=came)
    free = Money(sum(one.free.paise for one in states))
    assert free + held_back(states, lump_in=came) == came
    assert all(ZERO <= one.free <= one.tranche.amount for one in states)
    assert all(one.free == ZERO for one in states if one.status is TrancheStatus.WAITING)
