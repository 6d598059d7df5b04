"""Triple-barrier labels, worked by hand on a share that moves ₹2 a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.domain.account import Broker
from core.domain.money import Money
from core.domain.order import Product, Side
from core.models.barriers import BARRIERS, ROUND_TRIP, UNKNOWN, average_range, label
from core.providers.charges_file import load_charges
from core.treasury.charges import dp_charge, exact_charges
from tests.models.made import noise, panel_of

CHARGES = Path(__file__).resolve().parents[2] / "data" / "charges.json"
AT = 20  # the session the signal is formed on; entry is the open of session 21


def quiet(sessions: int = 40) -> dict[str, np.ndarray]:
    """Opens at ₹100, trades ₹99 to ₹101: the ATR is ₹2, so stop and target are ₹96 and ₹106."""
    level = np.full((sessions, 1), 100.0)
    return {"open": level, "high": level + 1, "low": level - 1, "close": level.copy()}


def labelled(prices: dict[str, np.ndarray], *, cost: float = 0.0025):
    found = label(panel_of(**prices), cost=cost)
    return int(found.outcome[AT, 0]), float(found.returns[AT, 0]), int(found.ends[AT, 0])


def test_the_barriers_are_two_and_three_ranges_and_ten_sessions():
    assert BARRIERS == (2.0, 3.0, 10)
    assert average_range(panel_of(**quiet()))[AT, 0] == pytest.approx(2.0)


def test_nothing_touched_ends_at_the_close_of_the_tenth_session():
    prices = quiet()
    prices["close"][30] = 100.5
    outcome, paid, ended = labelled(prices)
    assert (outcome, ended) == (0, 30)
    assert paid == pytest.approx(0.005 - 0.0025)


def test_the_target_touched_pays_three_ranges_less_costs():
    prices = quiet()
    prices["high"][25] = 106.0
    assert labelled(prices) == (1, pytest.approx(0.06 - 0.0025), 25)


def test_the_stop_touched_costs_two_ranges_and_costs():
    prices = quiet()
    prices["low"][23] = 96.0
    assert labelled(prices) == (-1, pytest.approx(-0.04 - 0.0025), 23)


def test_both_touched_in_one_session_counts_as_the_stop():
    prices = quiet()
    prices["high"][22], prices["low"][22] = 107.0, 95.0
    assert labelled(prices) == (-1, pytest.approx(-0.04 - 0.0025), 22)


def test_the_first_one_touched_decides():
    prices = quiet()
    prices["high"][24], prices["low"][26] = 107.0, 90.0
    assert labelled(prices)[0] == 1


def test_a_gap_through_the_stop_is_sold_at_the_open():
    prices = quiet()
    for name in ("open", "low"):
        prices[name] = prices[name].copy()
        prices[name][22] = 90.0
    assert labelled(prices) == (-1, pytest.approx(-0.10 - 0.0025), 22)


def test_a_gap_through_the_target_is_sold_at_the_open_whatever_comes_after_it():
    prices = quiet()
    for name in ("open", "high", "low"):
        prices[name] = prices[name].copy()
    prices["open"][22], prices["high"][22], prices["low"][22] = 108.0, 109.0, 95.0
    assert labelled(prices) == (1, pytest.approx(0.08 - 0.0025), 22)


def test_the_range_is_that_of_the_session_the_signal_is_formed_on():
    prices = quiet()
    prices["high"][AT + 1 :] += 4.0  # ranges of ₹6 from the entry on; the target stays at ₹106
    prices["high"][25] = 106.0
    assert labelled(prices) == (1, pytest.approx(0.06 - 0.0025), 25)


def test_a_split_while_a_label_runs_changes_nothing():
    prices = quiet()
    prices["high"][25] = 106.0
    panel = panel_of(**prices)
    halved = {name: prices[name].copy() for name in prices}
    factor = np.ones((40, 1))
    factor[:23] = 2.0
    for name in halved:
        halved[name][23:] /= 2.0
    whole, split = label(panel), label(replace(panel_of(**halved), factor=factor))
    np.testing.assert_array_equal(whole.outcome, split.outcome)
    np.testing.assert_allclose(whole.returns, split.returns)


def test_a_share_that_stood_still_has_no_barriers_and_no_label():
    level = np.full((40, 1), 100.0)
    still = {name: level.copy() for name in ("open", "high", "low", "close")}
    assert labelled(still)[0] == UNKNOWN


def test_a_session_without_trade_is_passed_over_and_the_last_one_decides():
    prices = {name: of.copy() for name, of in quiet().items()}
    for name in prices:
        prices[name][24] = np.nan
    prices["high"][26] = 106.0
    assert labelled(prices)[::2] == (1, 26)
    prices["high"][26] = 101.0
    for name in prices:
        prices[name][30] = np.nan
    assert labelled(prices)[0] == UNKNOWN


@pytest.mark.parametrize("day", [date(2020, 1, 6), date(2021, 1, 4), date(2024, 6, 3),
                                 date(2026, 8, 21)])  # fmt: skip
def test_the_cost_covers_the_charges_of_both_sides_as_they_were_then(day):
    # ₹1 lakh bought and sold: 0.223 to 0.229 % of it, and the DP charge with its GST
    schedule = load_charges(CHARGES)
    sides = [
        exact_charges(
            schedule, broker=Broker.ZERODHA, product=Product.CNC, exchange="NSE", side=side,
            qty=100, price=Money.rupees("1000"), on=day,
        ).total
        for side in (Side.BUY, Side.SELL)
    ]  # fmt: skip
    dp = dp_charge(schedule, broker=Broker.ZERODHA, on=day).in_rupees
    whole = float((sum(sides) + dp) / 100_000)
    assert 0.0022 < whole <= ROUND_TRIP < whole + 0.0005


def test_entry_is_the_next_open_and_its_own_session_can_stop_it():
    prices = quiet()
    prices["open"] = prices["open"].copy()
    prices["open"][AT + 1] = 102.0  # stop 98, and the session's low is 97
    prices["low"][AT + 1] = 97.0
    outcome, paid, ended = labelled(prices)
    assert (outcome, ended) == (-1, AT + 1)
    assert paid == pytest.approx(98 / 102 - 1 - 0.0025)


def test_costs_are_the_callers():
    prices = quiet()
    prices["high"][25] = 106.0
    assert labelled(prices, cost=0.0)[1] == pytest.approx(0.06)


def test_an_undecided_end_of_the_panel_has_no_label():
    found = label(panel_of(**quiet(40)))
    assert (found.outcome[30:, 0] == UNKNOWN).all()
    assert np.isnan(found.returns[30:, 0]).all()
    assert (found.outcome[:13, 0] == UNKNOWN).all()  # no range of 14 sessions yet


def test_a_share_that_does_not_open_next_session_has_no_label():
    prices = quiet()
    prices["open"] = prices["open"].copy()
    prices["open"][AT + 1] = np.nan
    assert labelled(prices)[0] == UNKNOWN


def test_a_label_ends_after_its_session_and_within_ten():
    found = label(noise(seed=21, shares=8, sessions=120))
    known = found.outcome != UNKNOWN
    ages = found.ends - np.arange(120)[:, None]
    assert ages[known].min() >= 1
    assert ages[known].max() <= 10
    assert (found.outcome[:13] == UNKNOWN).all()


def test_the_panel_after_a_labels_end_cannot_change_it():
    panel = noise(seed=22, shares=4, sessions=120)
    whole, cut = label(panel), label(panel.until(panel.sessions[79]))
    known = cut.outcome != UNKNOWN
    np.testing.assert_array_equal(whole.outcome[:80][known], cut.outcome[known])
    np.testing.assert_array_equal(whole.returns[:80][known], cut.returns[known])
