"""Tranches as they are typed, and a plan's form there and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.domain.account import FundingKind, FundingPlan, LateMoney, Tranche, TrancheTrigger
from core.domain.money import ZERO, Money
from core.errors import BadInput
from core.views.funding_form import plan_fields, plan_from, tranche_lines, tranches_from

T = TrancheTrigger
LAKH = Money.rupees(100_000)
TYPED = """3L now
₹3,00,000 on 2026-12-01
2.5 lakh NIFTY falls 5%
1 lakh account 7.5 %
50k event results

0.01cr by hand"""
PARTS = (
    Tranche(LAKH * 3),
    Tranche(LAKH * 3, T.DATE, on=date(2026, 12, 1)),
    Tranche(Money.rupees(250_000), T.INDEX_FALL, fall=0.05),
    Tranche(LAKH, T.ACCOUNT_FALL, fall=0.075),
    Tranche(Money.rupees(50_000), T.EVENT, event_type="results"),
    Tranche(LAKH, T.CLICK),
)
PLAN = FundingPlan(
    account_id="a",
    version=1,
    kind=FundingKind.HYBRID,
    lump_sum=Money.rupees(11_00_000),
    instalment=Money.rupees(5_000),
    day_of_month=31,
    starts_on=date(2026, 11, 20),
    months=12,
    buffer=LAKH,
    tranches=PARTS,
    carried_max=2,
    carried_cap=Money.rupees(9_000),
    late_money=LateMoney.EVENLY,
)


def test_each_trigger_is_read_as_it_is_typed():
    assert tranches_from(TYPED) == PARTS
    assert tranches_from("  \n") == ()
    assert tranches_from("1L on 1 Dec 2026")[0].on == date(2026, 12, 1)


def test_what_is_shown_reads_back_as_the_same_plan():
    shown = plan_fields(PLAN, today=date(2026, 12, 9))
    assert plan_from(PLAN, "a", shown) == replace(PLAN, version=2)
    assert tranches_from(tranche_lines(PLAN)) == PARTS


def test_a_first_plan_is_asked_for_with_what_is_usual():
    shown = plan_fields(None, today=date(2026, 12, 9))
    assert (shown["starts_on"], shown["carried"], shown["tranches"]) == (date(2026, 12, 9), 3, "")
    made = plan_from(None, "a", shown | {"lump": 5_000.0})
    assert (made.version, made.lump_sum, made.instalment) == (1, Money.rupees(5_000), ZERO)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("soon", "tranche 1, 'soon', starts with no amount"),
        ("3L now\n5x now", "tranche 2, '5x now', starts with no amount"),
        ("3L when it rains", "waits for nothing known; write now, on 1 Dec 2026, index 5%"),
        ("3L on Friday", "'friday' is no date"),
        ("3L event moonshot", "no event is called 'moonshot'; there are acquisition"),
        ("3L index 95%", "a fall of 95.00%"),
        ("0 now", "releases nothing"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(typed: str, words: str):
    with pytest.raises(BadInput, match=words):
        tranches_from(typed)


def test_tranches_that_do_not_add_up_are_refused_with_both_sums():
    shown = plan_fields(PLAN, today=date(2026, 12, 9))
    with pytest.raises(BadInput, match="the tranches add up to"):
        plan_from(PLAN, "a", shown | {"tranches": "3L now"})
