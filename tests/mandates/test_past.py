"""A plain basket carried over a few made-up sessions; every figure is worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from core.domain.mandate import Mandate, Objective
from core.domain.money import ZERO, Money
from core.domain.order import Side
from core.mandates.defaults import default_mandate
from core.mandates.past import CHOSEN_EVERY, TURNOVER_SESSIONS, Prices, carry, target_weight

CAPITAL = Money.rupees(100_000)
CRORE = 1e7


def rules(**changes) -> Mandate:
    base = default_mandate("a1", Objective.BALANCED, signed_at=datetime(2026, 1, 1, tzinfo=UTC))
    usual = {"positions_max": 2, "position_weight_max": 0.5, "sector_weight_max": 0.5,
             "gross_exposure_max": 1.0, "cash_floor": ZERO, "ticket_min": Money.rupees(1_000),
             "turnover_min": Money.rupees(1_000_000)}  # fmt: skip
    return replace(base, **{**usual, **changes})


def prices(*paths, turnover=None, sectors=None, allowed=None) -> Prices:
    """Flat at 100 until turnover is known, then along each path."""
    close = np.array([[100.0] * (TURNOVER_SESSIONS - 1) + list(path) for path in paths]).T
    first = date(2026, 1, 1)
    money = np.array(turnover or [CRORE] * len(paths))
    return Prices(
        sessions=tuple(first + timedelta(days=at) for at in range(len(close))),
        close=close,
        turnover=np.tile(money, (len(close), 1)),
        sectors=tuple(sectors or [f"sector {at}" for at in range(len(paths))]),
        allowed=np.array(allowed or [True] * len(paths)),
    )


def free(column: int, side: Side, rupees: float, price: float) -> float:
    return 0.0


def test_worth_is_the_sum_of_the_parts_and_the_worst_fall_is_from_its_peak():
    # half each: 100 -> 110 -> 88 -> 99 and flat: 1, 1.05, 0.94, 0.995
    found = carry(prices([100, 110, 88, 99], [100] * 4), rules(), capital=CAPITAL, charge=free)
    assert found.worth == pytest.approx((1.0, 1.05, 0.94, 0.995))
    assert found.worst_fall == pytest.approx(0.94 / 1.05 - 1)
    assert (found.worst_on - found.worst_from).days == 1
    assert found.worst_day == found.worst_fall and found.days_over_limit == 1
    assert found.limit_on == found.worst_on  # 10.5 % is beyond the usual 10 %
    assert found.gain == pytest.approx(-0.005) and (found.trades, found.held) == (2, 2)


def test_charges_are_taken_from_the_cash():
    # two buys at ₹100 each out of ₹1,00,000, 40 % each so that cash is left
    found = carry(prices([100, 100], [100, 100]), rules(position_weight_max=0.4),
                  capital=CAPITAL, charge=lambda *_: 100.0)  # fmt: skip
    assert found.worth[-1] == pytest.approx(1 - 200 / 100_000)
    assert found.charges == pytest.approx(0.002)


def test_what_the_mandate_keeps_out_is_not_held_and_the_most_traded_come_first():
    made = prices([100, 50], [100, 100], [100, 100], turnover=[5 * CRORE, 2 * CRORE, 1.0],
                  allowed=[False, True, True])  # fmt: skip
    found = carry(made, rules(), capital=CAPITAL, charge=free)
    assert (found.eligible, found.held, found.worth[-1]) == (1, 1, 1.0)


def test_a_sector_takes_no_more_than_its_cap():
    made = prices([100, 100], [100, 100], [100, 100], sectors=["one", "one", "two"],
                  turnover=[3 * CRORE, 2 * CRORE, CRORE])  # fmt: skip
    found = carry(made, rules(positions_max=3, position_weight_max=0.3), capital=CAPITAL,
                  charge=free)  # fmt: skip
    assert found.held == 2  # twice 30 % in one sector is beyond 50 %


def test_a_share_weighs_an_equal_part_within_every_cap():
    assert target_weight(rules(positions_max=4), CAPITAL) == 0.25
    assert target_weight(rules(positions_max=4, cash_floor=Money.rupees(20_000)), CAPITAL) == 0.2
    assert target_weight(rules(positions_max=4, position_weight_max=0.1), CAPITAL) == 0.1
    assert target_weight(rules(positions_max=1, gross_exposure_max=0.3), CAPITAL) == 0.3


def test_it_is_chosen_anew_on_what_was_known_and_a_share_that_fell_out_is_sold():
    steps = CHOSEN_EVERY + 3
    made = prices([100] * steps, [100] * steps, turnover=[CRORE, 2 * CRORE])
    money = made.turnover.copy()
    money[TURNOVER_SESSIONS:, 1] = 1.0  # nobody trades the second any more
    found = carry(replace(made, turnover=money), rules(positions_max=1), capital=CAPITAL,
                  charge=free)  # fmt: skip
    assert found.trades == 3 and found.worth[-1] == pytest.approx(1.0)


def test_nothing_that_comes_later_changes_what_came_before():
    path = [100, 101, 99, 103, 90, 95]
    whole = carry(prices(path, [100] * 6), rules(), capital=CAPITAL, charge=free)
    early = carry(prices(path[:4], [100] * 4), rules(), capital=CAPITAL, charge=free)
    assert whole.worth[:4] == pytest.approx(early.worth)


def test_a_missing_price_stands_as_the_last_one_and_no_share_means_cash():
    made = prices([100, np.nan, 110], [100] * 3)
    found = carry(made, rules(), capital=CAPITAL, charge=free)
    assert found.worth == pytest.approx((1.0, 1.0, 1.05))
    none = carry(replace(made, allowed=np.array([False, False])), rules(), capital=CAPITAL,
                 charge=free)  # fmt: skip
    assert (none.held, none.worth, none.worst_fall) == (0, (1.0, 1.0, 1.0), 0.0)


def test_months_are_counted_from_month_end_to_month_end():
    # 1 Jan + 19 sessions: 20 Jan to 31 Jan loses a tenth of half, February stands still
    made = prices([100, *[90] * 11, *[90] * 28], [100] * 40)
    found = carry(made, rules(), capital=CAPITAL, charge=free)
    assert [(one.month, round(one.ret, 4)) for one in found.months] == [(1, -0.05), (2, 0.0)]
    assert found.months_negative == 1
