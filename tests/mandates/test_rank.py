"""In which order an objective wants its candidates."""

from dataclasses import replace

import numpy as np
import pytest

from core.domain.mandate import Objective
from core.mandates.rank import added_volatility, expected_gain, ranked
from core.mandates.slate import Covariances
from tests.made import a_book, a_held, a_mandate
from tests.made.slate import a_slate, one_factor

ALL = np.arange(6)


def order(slate, objective, book=None, kept=ALL):
    rules = a_mandate(objective=objective)
    return [one.symbol for one in ranked(slate, kept, rules, book or a_book())]


def test_max_profit_goes_by_expected_gain_for_each_rupee_at_risk():
    # 2 % at a stop 8 % away is ₹0.25, 1.5 % at one 3 % away ₹0.50
    slate = a_slate(2, edge=np.array([0.02, 0.015]), risk=np.array([0.08, 0.03]))
    assert expected_gain(slate) == pytest.approx([0.25, 0.5])
    first, _ = ranked(slate, np.arange(2), a_mandate(objective=Objective.MAX_PROFIT), a_book())
    assert (first.symbol, first.place) == ("S001", 1)
    assert first.words == "₹0.50 expected after charges for each ₹1 at risk"


def test_an_edge_that_is_not_measured_goes_by_the_rule_and_says_no_percentage():
    slate = a_slate(3, edge=np.full(3, np.nan), score=np.array([0.1, 0.3, 0.2]))
    rules = a_mandate(objective=Objective.MAX_PROFIT)
    best = ranked(slate, np.arange(3), rules, a_book())
    assert [one.symbol for one in best] == ["S001", "S002", "S000"]
    assert best[0].words == "by the rule's score 0.30, edge not measured"


def test_risk_minimized_goes_by_what_the_book_would_gain_in_volatility():
    calm = np.array([0.40, 0.20, 0.30, 0.25, 0.35, 0.45])
    spread = np.outer(calm, calm) * (one_factor(6) / 0.09)
    slate = a_slate(vol=calm, edge=np.full(6, np.nan),
                    together=Covariances(a_slate().isins, spread))  # fmt: skip
    assert order(slate, Objective.RISK_MINIMIZED) == [
        "S001", "S003", "S002", "S004", "S000", "S005",
    ]  # fmt: skip


def test_a_share_that_moves_against_the_book_adds_least():
    # S001 moves with the S000 that is held, S002 against it; all have 30 % a year
    matrix = 0.09 * np.array([[1.0, 0.8, -0.5], [0.8, 1.0, 0.0], [-0.5, 0.0, 1.0]])
    slate = a_slate(3, together=Covariances(a_slate(3).isins, matrix))
    book = a_book(positions=(a_held(isin="INE000A01018", value=500_000),), gross=0.5)
    with_book = added_volatility(slate, a_mandate(), book)
    # weight 1/12: (0.5 x -0.045 + 0.0075) / sqrt(0.0225 - 2/12 x 0.0225 + 0.000625) = -0.1078
    assert with_book[2] == pytest.approx(-0.1078, abs=1e-4)
    assert order(slate, Objective.RISK_MINIMIZED, book, np.array([1, 2])) == ["S002", "S001"]
    assert order(a_slate(3, together=slate.together, direction=-1), Objective.RISK_MINIMIZED,
                 book, np.array([1, 2])) == ["S001", "S002"]  # fmt: skip


def test_measured_odds_of_the_stop_count_as_much_as_volatility():
    slate = a_slate(2, vol=np.array([0.30, 0.30]), p_stop=np.array([0.4, 0.2]))
    assert order(slate, Objective.RISK_MINIMIZED, kept=np.arange(2)) == ["S001", "S000"]


def test_balanced_is_half_of_each():
    # by gain S000, S001, S002; by volatility S002, S000, S001: places 0+1, 1+2, 2+0
    calm = np.array([0.30, 0.40, 0.20])
    matrix = np.diag(calm**2)
    slate = a_slate(3, vol=calm, together=Covariances(a_slate(3).isins, matrix))
    assert order(slate, Objective.BALANCED, kept=np.arange(3)) == ["S000", "S002", "S001"]


def test_what_orders_is_what_is_shown():
    """A sum of places is said as such: no figure of one order alone falls down the page."""
    calm = np.array([0.30, 0.40, 0.20])
    matrix = np.diag(calm**2)
    slate = a_slate(3, vol=calm, together=Covariances(a_slate(3).isins, matrix))
    rules = a_mandate(objective=Objective.BALANCED)
    said = [one.words.split(":")[0] for one in ranked(slate, np.arange(3), rules, a_book())]
    assert said == [
        "place 1 by gain and 2 by risk, 3 together",  # S000
        "place 3 by gain and 1 by risk, 4 together",  # S002
        "place 2 by gain and 3 by risk, 5 together",  # S001
    ]
    slate = a_slate(2, vol=np.array([0.30, 0.30]), p_stop=np.array([0.4, 0.2]))
    rules = a_mandate(objective=Objective.RISK_MINIMIZED)
    first, second = (one.words for one in ranked(slate, np.arange(2), rules, a_book()))
    assert first.startswith("place 1 by volatility and 1 by its stop, 2 together: 1 % of weight")
    assert first.endswith("its stop comes first 20.00 %")
    assert second.startswith("place 1 by volatility and 2 by its stop, 3 together")


def test_where_the_book_is_not_covered_a_share_adds_its_own_volatility():
    book = a_book(positions=(a_held(isin="INE999A01018"),), gross=0.05)
    assert added_volatility(a_slate(), a_mandate(), book) == pytest.approx(np.full(6, 0.30))


def test_equal_shares_stand_by_symbol_whatever_order_they_came_in():
    level = a_slate(edge=np.full(6, 0.01))
    turned = a_slate(edge=np.full(6, 0.01), shares=level.shares[::-1],
                     together=level.together)  # fmt: skip
    for objective in Objective:
        found = order(level, objective)
        assert found == order(turned, objective) == sorted(found)


def test_a_share_without_a_number_comes_last_and_nothing_is_ranked_from_nothing():
    slate = a_slate(3, edge=np.array([np.nan, 0.01, 0.02]))
    assert order(slate, Objective.MAX_PROFIT, kept=np.arange(3)) == ["S002", "S001", "S000"]
    assert order(slate, Objective.BALANCED, kept=np.array([], dtype=int)) == []


def test_what_a_short_position_adds_counts_with_its_sign():
    # +20 % of one and -20 % of the other of two shares that move as one: no risk is left
    slate = a_slate(2, together=Covariances(a_slate(2).isins, 0.09 * np.ones((2, 2))))
    long = a_held(isin="INE000A01018", value=200_000)
    short = replace(a_held(isin="INE001A01018", value=200_000), qty=-10)
    risks = slate.risks(a_book(positions=(long, short), gross=0.4))
    assert risks == {long.isin: (0.2, 0.0), short.isin: (-0.2, 0.0)}
