"""Published spreadsheet examples, hand-worked books, and what no rate can say."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import ZERO, Money
from core.errors import NoData
from core.treasury.returns import (
    DayWorth,
    Levels,
    drawdowns,
    growth,
    log_rate,
    over_days,
    session_returns,
    xirr,
    yearly,
)

MON = date(2026, 11, 16)
# The example in the documentation of XIRR for Microsoft Excel
EXCEL = (
    (date(2008, 1, 1), -10_000.0),
    (date(2008, 3, 1), 2_750.0),
    (date(2008, 10, 30), 4_250.0),
    (date(2009, 2, 15), 3_250.0),
    (date(2009, 4, 1), 2_750.0),
)


def rs(amount: str | int) -> Money:
    return Money.rupees(amount)


def worth(step: int, at: str, *, flow: str = "0", earned: str = "0") -> DayWorth:
    return DayWorth(MON + timedelta(days=step), rs(at), rs(flow), rs(earned))


def test_xirr_is_what_excel_publishes():
    assert xirr(EXCEL) == pytest.approx(0.373362535, abs=1e-6)


def test_xirr_is_what_openoffice_publishes():
    # Documentation/How_Tos/Calc: XIRR, "approximately 0.124"
    flows = [(date(2008, 2, 5), -2750.0), (date(2008, 7, 5), 1000.0), (date(2009, 1, 5), 2000.0)]
    assert xirr(flows) == pytest.approx(0.124, abs=5e-4)


def test_xirr_is_what_a_library_checked_against_libreoffice_publishes():
    # the example in the documentation of the crate xirr (docs.rs), "implements the XIRR function
    # found in spreadsheet applications like LibreOffice Calc"
    flows = [
        (date(2015, 6, 11), -1000.0),
        (date(2015, 7, 21), -9000.0),
        (date(2018, 6, 10), 20000.0),
        (date(2015, 10, 17), -3000.0),
    ]
    assert xirr(flows) == pytest.approx(0.1635371584432641, abs=1e-9)


def test_the_order_and_the_unit_of_flows_do_not_matter():
    in_paise = [(day, 100 * amount) for day, amount in reversed(EXCEL)]
    assert xirr(in_paise) == pytest.approx(xirr(EXCEL), abs=1e-12)


@pytest.mark.parametrize(
    ("days", "back", "rate"),
    [(365, 110.0, 0.10), (730, 121.0, 0.10), (365, 50.0, -0.5), (365, 100.0, 0.0),
     (73, 110.0, 1.1**5 - 1), (365, 0.01, -0.9999)],
)  # fmt: skip
def test_one_payment_and_what_came_back(days: int, back: float, rate: float):
    flows = [(MON, -100.0), (MON + timedelta(days=days), back)]
    assert xirr(flows) == pytest.approx(rate, abs=1e-9)


@pytest.mark.parametrize(
    ("flows", "words"),
    [
        ([(0, -100.0), (365, -5.0)], "2 of 2 flows go one way"),
        ([(0, -100.0)], "1 of 1 flows go one way"),
        ([(0, -100.0), (365, 0.0)], "1 of 1 flows go one way"),
        ([], "0 of 0 flows go one way"),
        ([(0, -100.0), (0, 110.0)], "2 flows of one day, 16 Nov 2026"),
        # -100 + 230 / (1 + r) - 132 / (1 + r) ** 2 is zero at 10 % and at 20 %
        ([(0, -100.0), (365, 230.0), (730, -132.0)], "2 rates solve these 3 flows: 10.00%, 20.00%"),
        ([(0, 100.0), (365, -100.0), (730, 100.0)], "no one yearly rate solves these 3 flows"),
        # paid and taken back at once: what is left has no price
        ([(0, -100.0), (0, 100.0), (365, 5.0)], "no one yearly rate solves these 3 flows"),
        # twice the same root, 10 %, crosses nothing
        ([(0, -100.0), (365, 220.0), (730, -121.0)], "no one yearly rate solves these 3 flows"),
        ([(0, -1.0), (1, 9.0)], "double within hours; no yearly rate says that"),
    ],
)
def test_flows_that_have_no_one_rate_say_so(flows: list[tuple[int, float]], words: str):
    with pytest.raises(NoData, match=words):
        xirr([(MON + timedelta(days=step), amount) for step, amount in flows])


@pytest.mark.parametrize("whole", [-0.999, -0.5, -0.05, 0.0, 0.05, 0.5, 8.0])
@pytest.mark.parametrize("days", [1, 3, 30])
def test_the_first_days_have_a_return_however_wild_its_yearly_rate(whole: float, days: int):
    flows = [(MON, -100.0), (MON + timedelta(days=days), 100.0 * (1 + whole))]
    assert over_days(log_rate(flows), days) == pytest.approx(whole, abs=1e-9)


def test_a_rate_over_a_part_of_a_year_and_back():
    assert over_days(math.log(1.1**5), 73) == pytest.approx(0.10)
    assert yearly(0.10, 73) == pytest.approx(1.1**5 - 1)


def test_a_loss_of_everything_is_one_per_year_too():
    assert yearly(-1.0, 400) == -1.0
    assert yearly(-1.2, 400) == -1.0  # a short can lose more than was there
    assert yearly(-0.5, 730) == pytest.approx(0.5**0.5 - 1)


def test_time_weighted_returns_do_not_see_money_that_came_or_went():
    # 1,000 grows 10 % to 1,100; 900 come and all grow 5 % to 2,100; 600 leave after it fell 2 %
    days = [
        worth(0, "1000", flow="1000"),
        worth(1, "1100", earned="100"),
        worth(2, "2100", flow="900", earned="100"),
        worth(3, "1458", flow="-600", earned="-42"),
    ]
    returns = session_returns(days)
    assert returns == pytest.approx([0.0, 0.10, 0.05, -0.02])
    # 1.10 x 1.05 x 0.98 = 1.1319
    assert growth(returns)[-1] == pytest.approx(1.1319)
    assert drawdowns(growth(returns)) == pytest.approx([0.0, 0.0, 0.0, -0.02])


DAYS = st.lists(st.tuples(st.floats(-0.2, 0.2), st.integers(-40, 40)), min_size=1, max_size=12)


@given(DAYS)
def test_no_flow_moves_the_time_weighted_return(days: list[tuple[float, int]]):
    held, book, rate = 10**15, [], 1.0
    for step, (earns, percent) in enumerate(days):
        flow = held * percent // 100
        at_work = held + max(0, flow)
        earned = round(at_work * earns)
        held = held + flow + earned
        day = MON + timedelta(days=step)
        book.append(DayWorth(day, Money(held), Money(flow), Money(earned)))
        rate *= 1 + earns
    grown = growth(session_returns(book, start=Money(10**15)))
    assert grown[-1] == pytest.approx(rate, rel=1e-9)


def test_nothing_at_work_returns_nothing():
    assert session_returns([worth(0, "0"), worth(1, "-5", earned="-5")]) == [0.0, 0.0]
    assert session_returns([worth(0, "110", earned="10")], start=rs(100)) == [0.10]


def test_a_fall_from_the_start_is_a_drawdown():
    assert drawdowns([0.9, 0.95, 1.1, 1.045]) == pytest.approx([-0.1, -0.05, 0.0, -0.05])


LEVELS = Levels({MON: 100.0, MON + timedelta(days=1): 110.0, MON + timedelta(days=4): 99.0})


def test_the_same_rupees_in_an_index():
    # 1,000 at 100 are 10 units, 550 at 110 are 5 more, 220 out at 110 are 2 less: 13 at 99
    flows = [
        (MON, rs(1000)),
        (MON + timedelta(days=1), rs(550)),
        (MON + timedelta(days=2), rs(-220)),
    ]
    assert LEVELS.become(flows, MON + timedelta(days=4)) == rs(1287)
    later = [(MON + timedelta(days=9), rs(5))]
    assert LEVELS.become(later, MON + timedelta(days=4)) == ZERO


def test_an_index_keeps_its_level_over_a_day_without_one():
    days = [MON + timedelta(days=1), MON + timedelta(days=2), MON + timedelta(days=4)]
    assert LEVELS.returns(days, before=MON) == pytest.approx([0.10, 0.0, -0.10])
    with pytest.raises(NoData, match="begins on 16 Nov 2026 and was asked for 15 Nov 2026"):
        LEVELS.on(MON - timedelta(days=1))
    with pytest.raises(NoData, match="has no level at all"):
        Levels({}).on(MON)


def test_the_last_level_is_known_by_its_day():
    assert LEVELS.last == MON + timedelta(days=4)
