"""Weights that obey their caps and do what their name says."""

import numpy as np
import pytest

from core.domain.money import Money
from core.errors import BadInput, NoData, NotFound
from core.portfolio.constraints import Constraints, check
from core.portfolio.moments import moments, risk_parity
from core.portfolio.optimize import Method, frontier, optimize
from core.portfolio.trades import trades_to_reach

ISINS = ("A", "B", "C", "D")


def some_returns(vols=(0.01, 0.01, 0.02, 0.03), means=(0.0, 0.0002, 0.0006, 0.0008)):
    rng = np.random.default_rng(7)
    market = rng.normal(0, 0.005, (500, 1))
    return market + rng.normal(0, 1, (500, 4)) * np.array(vols) + np.array(means)


def as_dict(found):
    return dict(found.weights)


@pytest.mark.parametrize("method", list(Method))
def test_every_method_is_long_only_within_caps_and_sums_to_the_invested_share(method):
    rules = Constraints(weight_max=0.4, sector_max=0.55, sectors={"A": "x", "B": "x"}, invested=0.9)
    found = as_dict(optimize(ISINS, some_returns(), method, rules))
    assert sum(found.values()) == pytest.approx(0.9, abs=1e-6)
    assert all(-1e-9 <= w <= 0.4 + 1e-5 for w in found.values())
    assert found["A"] + found["B"] <= 0.55 + 1e-5


def test_least_variance_of_two_independent_shares_is_the_textbook_one():
    # inverse variances: 1/0.01^2 : 1/0.02^2 = 4 : 1
    base = np.random.default_rng(3).normal(0, 1, (4000, 2))
    base = (base - base.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(base.T))).T
    found = as_dict(optimize(("A", "B"), base * np.array([0.01, 0.02]), "min_variance"))
    assert found["A"] == pytest.approx(0.8, abs=1e-3)


def test_risk_parity_shares_the_variance_equally():
    _, covariance = moments(some_returns())
    weights = risk_parity(covariance)
    shares = weights * (covariance @ weights)
    assert shares == pytest.approx(np.full(4, shares.mean()), rel=1e-6)
    assert weights.sum() == pytest.approx(1.0)


def test_no_method_beats_the_one_that_aims_at_its_measure():
    returns = some_returns()
    found = {m: optimize(ISINS, returns, m) for m in Method}
    assert min(found.values(), key=lambda w: w.vol).method is Method.MIN_VARIANCE
    assert max(found.values(), key=lambda w: w.sharpe).method is Method.MAX_SHARPE


def test_equal_is_equal_when_the_caps_allow_it():
    found = as_dict(optimize(ISINS, some_returns(), "equal"))
    assert list(found.values()) == pytest.approx([0.25] * 4, abs=1e-6)


def test_the_frontier_rises_in_mean_and_volatility():
    points = frontier(ISINS, some_returns(), Constraints(weight_max=0.6), points=8)
    means, vols = [p.mean for p in points], [p.vol for p in points]
    assert len(points) == 8
    assert means == pytest.approx(sorted(means), abs=1e-6)
    assert vols == pytest.approx(sorted(vols), abs=1e-6)
    assert vols[-1] > vols[0]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (Constraints(weight_max=0.2), "4 shares of at most 20.0% reach 80.0%"),
        (Constraints(weight_min=0.3), "at least 30.0%"),
        (Constraints(invested=1.2), "120.0% invested"),
        (
            Constraints(sector_max=0.3, sectors=dict.fromkeys(ISINS, "x")),
            "1 sectors of at most 30.0% leave room for 30.0%",
        ),
    ],
)
def test_contradicting_caps_say_both_numbers(rules, words):
    with pytest.raises(BadInput, match=words):
        optimize(ISINS, some_returns(), "equal", rules)


def test_unusable_input_is_refused():
    returns = some_returns()
    with pytest.raises(BadInput, match="'best' is no method; use one of equal"):
        optimize(ISINS, returns, "best")
    with pytest.raises(BadInput, match="no shares"):
        check((), returns[:, :0], Constraints())
    with pytest.raises(BadInput, match="cannot meet 2 shares"):
        optimize(("A", "B"), returns, "equal")
    with pytest.raises(NoData, match="60 sessions"):
        optimize(ISINS, returns[:20], "equal")
    holed = returns.copy()
    holed[3:5, 2] = np.nan
    with pytest.raises(NoData, match="C has 2 missing returns of 500"):
        optimize(ISINS, holed, "equal")
    flat = returns.copy()
    flat[:, 1] = 0.0
    with pytest.raises(NoData, match="never moved"):
        optimize(ISINS, flat, "min_variance")


def test_trades_sell_first_and_round_down():
    marks = {"A": Money.rupees(100), "B": Money.rupees(333), "C": Money.rupees(50)}
    trades = trades_to_reach({"A": 0.5, "B": 0.4}, {"A": 80, "C": 20}, Money.rupees(10_000), marks)
    # A: 50 wanted, 30 sold; C: 20 sold; B: 4000 / 333 = 12
    assert [(t.isin, t.qty) for t in trades] == [("A", -30), ("C", -20), ("B", 12)]
    assert trades[0].weight_before == pytest.approx(0.8)
    assert trades[0].weight_after == pytest.approx(0.5)


def test_a_share_without_a_mark_stops_the_list():
    with pytest.raises(NotFound, match="B has no mark"):
        trades_to_reach({"B": 0.5}, {}, Money.rupees(1000), {})
    assert trades_to_reach({"A": 0.0}, {}, Money.rupees(1), {"A": Money(1)}) == ()
