from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.domain.action import ActionKind, ActionStatus
from core.domain.money import Money
from core.errors import BadInput, NoData
from core.market import adjust
from core.panel import Panel
from tests.made import RELIANCE
from tests.made.actions import EX, a_factor, an_action

K = ActionKind
DAYS = (date(2026, 11, 17), date(2026, 11, 18), EX, date(2026, 11, 20))


def panel(*closes: float) -> Panel:
    prices = np.array(closes, dtype=float)[:, None]
    ones = np.ones_like(prices)
    return Panel(DAYS, (RELIANCE.isin,), prices, prices, prices, prices, ones, ones)


def test_ratios_become_divisors():
    assert adjust.split_divisor(5, 1) == 5.0  # Rs 10 to Rs 2
    assert adjust.split_divisor(1, 10) == 0.1  # ten into one
    assert adjust.bonus_divisor(1, 2) == 1.5  # one for two held


def test_rights_are_worth_what_they_are_below_the_market():
    # 17:74 at 65 with 107.10 before: benefit 42.10 * 17 / 91 = 7.8648, 107.10 / 99.2352 = 1.07925
    assert adjust.rights_divisor(17, 74, cum=107.1, issue=65) == pytest.approx(1.079254, abs=1e-6)
    assert adjust.rights_divisor(1, 1, cum=100, issue=120) == 1.0


def test_a_demerger_takes_what_the_first_price_shows():
    # 2841.85 before, 2580 in the special pre-open: 1.1015
    assert adjust.demerger_divisor(cum=2841.85, ex=2580) == pytest.approx(1.1015, abs=1e-4)
    with pytest.raises(BadInput, match="takes value away, and the price went from 100 to 110"):
        adjust.demerger_divisor(cum=100, ex=110)


@pytest.mark.parametrize("ratio", [(0, 1), (1, 0), (-1, 2)])
def test_a_ratio_of_nothing_is_refused(ratio):
    with pytest.raises(BadInput, match="both numbers are 1 or more"):
        adjust.bonus_divisor(*ratio)


def test_each_kind_of_action_gives_its_factor():
    assert adjust.factor_of(an_action()).divisor == 2.0
    assert adjust.factor_of(an_action(kind=K.SPLIT, new=5)).divisor == 5.0
    assert adjust.factor_of(an_action(kind=K.CONSOLIDATION, new=1, old=10)).divisor == 0.1
    rights = an_action(kind=K.RIGHTS, new=1, old=1, amount=Money(50_00))
    assert adjust.factor_of(rights, cum=100).divisor == pytest.approx(100 / 75)
    demerger = an_action(kind=K.DEMERGER, new=0, old=0)
    assert adjust.factor_of(demerger, cum=120, ex=100).divisor == 1.2


def test_dividends_and_meetings_put_no_factor_on_prices():
    assert adjust.factor_of(an_action(kind=K.DIVIDEND, new=0, old=0, amount=Money(100))) is None
    assert adjust.factor_of(an_action(kind=K.OTHER, new=0, old=0)) is None
    worthless = an_action(kind=K.RIGHTS, amount=Money(200_00))
    assert adjust.factor_of(worthless, cum=100) is None


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"new": 0, "old": 0}, "lacks a ratio"),
        ({"kind": K.RIGHTS}, "the last price before its ex-date and the issue price"),
        ({"kind": K.DEMERGER}, "the last price before and the first one after"),
    ],
)
def test_an_action_that_says_too_little_is_named(changes, lacks):
    with pytest.raises(NoData, match=f"RELIANCE .* of 2026-11-19 lacks .*{lacks}|{lacks}"):
        adjust.factor_of(an_action(**changes))


def test_dividends_are_in_the_total_return_and_nowhere_else():
    paid = an_action(kind=K.DIVIDEND, new=0, old=0, amount=Money(10_00))
    prices = panel(98, 100, 90, 91)  # 10 paid out of 100
    whole = adjust.total_return(prices, [paid], as_of=DAYS[-1])
    assert whole.adjusted().close[:, 0] == pytest.approx([88.2, 90, 90, 91])
    assert prices.adjusted().close[:, 0].tolist() == [98, 100, 90, 91]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": ActionStatus.INFERRED},
        {"ex_date": date(2026, 11, 23)},
        {"amount": None},
        {"amount": Money(500_00)},
        {"isin": "INE000000000"},
    ],
)
def test_a_dividend_that_does_not_count_changes_nothing(changes):
    given = {"kind": K.DIVIDEND, "new": 0, "old": 0, "amount": Money(10_00)} | changes
    found = adjust.total_return(panel(98, 100, 90, 91), [an_action(**given)], as_of=DAYS[-1])
    assert (found.factor == 1).all()


def test_one_event_of_two_lists_counts_once():
    split = a_factor(divisor=5.0, kind=K.SPLIT)
    bonus = a_factor(divisor=2.0, kind=K.BONUS)
    whole = a_factor(divisor=9.98, kind=K.OTHER, source="list", ex_date=date(2026, 11, 20))
    found = adjust.merged([split, bonus], [whole])
    assert (found.new, found.told, found.disagree) == ((), (whole,), ())
    found = adjust.merged([whole], [split, bonus])
    assert found.told == (split, bonus)


def test_what_contradicts_a_stored_factor_of_the_day_is_set_apart():
    stored, coming = a_factor(divisor=2.0), a_factor(divisor=1.5, source="BSE")
    assert adjust.merged([stored], [coming]).disagree == ((stored, coming),)


def test_other_days_other_shares_and_suggestions_do_not_stand_in_the_way():
    waiting = a_factor(status=ActionStatus.INFERRED)
    before = a_factor(ex_date=date(2025, 11, 19))
    other = a_factor(isin="INE000000000")
    coming = a_factor()
    assert adjust.merged([waiting, before, other], [coming]).new == (coming,)
    assert adjust.merged([], [replace(coming, divisor=3.0)]).new[0].divisor == 3.0


@pytest.mark.realdata
def test_nse_computes_the_same_factors(real_files):
    import openpyxl

    path = real_files / "corporate_actions/nse_adjustment_calculator.xlsx"
    book = openpyxl.load_workbook(path, data_only=True)
    bonus, split, rights = book["BONUS"], book["SPLIT"], book["RIGHTS"]
    # sheet BONUS counts 1:2 as (1 + 2) / 2, sheet SPLIT 10:1 as 10
    assert adjust.bonus_divisor(1, 2) == bonus["B6"].value
    assert adjust.split_divisor(10, 1) == split["B6"].value
    new, old = (int(rights[cell].value) for cell in ("B6", "B7"))
    ours = adjust.rights_divisor(new, old, cum=rights["B4"].value, issue=rights["B5"].value)
    assert 1.0 / ours == pytest.approx(rights["B11"].value, abs=1e-12)
