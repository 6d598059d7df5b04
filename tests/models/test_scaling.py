"""The logistic line through scores however little they differ, and what a curve is without one."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.models import scaling
from core.models.calibrate import curve_from, fit_curve
from core.models.scaling import line_through, log_odds, scaling_of

APART = 10
SESSION = np.repeat(np.arange(40), 10)


def seen(spread: float, *, slope: float, middle: float = 0.3):
    """400 log-odds, so each a group of its own, over a spread; hits of a slope over their z."""
    rng = np.random.default_rng(7)
    z = rng.normal(size=400)
    chance = 1 / (1 + np.exp(-(slope * z + np.log(middle / (1 - middle)))))
    return np.log(middle / (1 - middle)) + spread * z, rng.random(400) < chance


@pytest.mark.parametrize("spread", [1.0, 1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("slope", [0.8, -0.8])
def test_the_line_is_the_one_of_greatest_likelihood_however_little_values_differ(spread, slope):
    values, hits = seen(spread, slope=slope)
    z = (values - values.mean()) / values.std()
    known = LogisticRegression(C=np.inf, tol=1e-12, solver="newton-cholesky").fit(z[:, None], hits)
    found, at_zero = line_through(values, hits)
    there = float(known.coef_[0, 0])
    assert found * values.std() == pytest.approx(there, abs=1e-6)
    assert at_zero + found * values.mean() == pytest.approx(float(known.intercept_[0]), abs=1e-6)


def test_two_values_give_the_line_through_both_rates():
    # 1 of 4 came true at 0.0 and 3 of 4 at 0.1: log-odds -1.0986 and 1.0986, 21.97 a unit
    values = np.repeat([0.0, 0.1], 4)
    hits = np.array([1, 0, 0, 0, 1, 1, 1, 0], bool)
    assert line_through(values, hits) == pytest.approx((20 * np.log(3), -np.log(3)))


def test_a_base_rate_of_each_fold_that_moved_the_wrong_way_has_a_steep_falling_slope():
    # 30.0 % was said where 40 % came and 30.2 % where 20 % came
    values = log_odds(np.repeat([0.300, 0.302], 1000))
    hits = np.concatenate([np.arange(1000) < 400, np.arange(1000) < 200])
    step = log_odds(np.array([0.302]))[0] - log_odds(np.array([0.300]))[0]
    slope, _ = line_through(values, hits)
    assert slope == pytest.approx((np.log(0.2 / 0.8) - np.log(0.4 / 0.6)) / step)  # -103


@pytest.mark.parametrize("values", [np.full(400, 0.3), 0.3 + 1e-12 * np.arange(400)])
def test_values_that_are_the_same_have_no_line(values):
    assert np.isnan(line_through(values, np.arange(400) % 3 == 0)).all()


def test_values_that_part_what_came_true_have_no_line():
    assert np.isnan(line_through(np.arange(40.0), np.arange(40) >= 20)).all()


@pytest.mark.parametrize("spread", [1.0, 1e-2, 1e-4])
def test_scores_that_barely_differ_are_spread_as_those_that_differ_much(spread):
    odds, hits = seen(spread, slope=0.8)
    scores = 1 / (1 + np.exp(-odds))
    wide = 1 / (1 + np.exp(-seen(1.0, slope=0.8)[0]))
    found, known = (scaling_of(one, hits, SESSION, apart=APART) for one in (scores, wide))
    ends = found.probabilities[[0, -1]]
    assert ends == pytest.approx(known.probabilities[[0, -1]], abs=1e-6)
    assert ends[1] - ends[0] > 0.5 and found.flat == ""


def test_scores_that_tell_it_the_wrong_way_round_give_the_base_rate_and_say_so():
    odds, hits = seen(1e-3, slope=-0.8)
    found = fit_curve(1 / (1 + np.exp(-odds)), hits, SESSION, apart=APART)
    assert np.unique(found.probabilities).tolist() == [pytest.approx(hits.mean())]
    assert found.words == "the base rate for everybody; higher scores came true no more often"
    assert curve_from(found.to_json()).words == found.words


@pytest.mark.parametrize(
    ("scores", "hits", "why"),
    [
        (np.full(400, 0.3), np.arange(400) % 4 == 0, "all scores are the same"),
        (np.linspace(0.2, 0.4, 400), np.zeros(400, bool), "none came true"),
        (np.linspace(0.2, 0.4, 400), np.ones(400, bool), "all came true"),
    ],
)
def test_without_a_line_there_is_the_base_rate_and_its_reason(scores, hits, why):
    found = scaling_of(scores, hits, SESSION, apart=APART)
    assert found.flat == why
    assert found.probabilities == pytest.approx(np.clip(hits.mean(), 0.001, 0.999))


def test_a_line_that_did_not_settle_is_not_kept_half_way(monkeypatch):
    odds, hits = seen(1.0, slope=0.8)
    monkeypatch.setattr(scaling, "STEPS", 2)
    assert np.isnan(line_through(odds, hits)).all()
    found = scaling_of(1 / (1 + np.exp(-odds)), hits, SESSION, apart=APART)
    assert found.flat == "no logistic line settled within 2 steps"
    assert np.unique(found.probabilities).tolist() == [pytest.approx(hits.mean())]


def test_a_curve_kept_without_a_reason_had_a_line():
    odds, hits = seen(1.0, slope=0.8)
    fields = fit_curve(1 / (1 + np.exp(-odds)), hits, SESSION, apart=APART).to_json()
    del fields["flat"]
    assert curve_from(fields).words == "Platt scaling; too few cases to try isotonic regression"
