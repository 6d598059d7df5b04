"""What a version leans on, pooled by the weights of its members."""

import numpy as np
import pytest

from core.domain.research import Member
from core.models.calibrate import fit_curve
from core.views.models_leans import features_of, groups_of, scaling_of, slope_of


def member(kind: str, share: float) -> Member:
    return Member(kind, 100, 0.2, 0.2, 0.0, 0.0, 0.0, False, share)


MEMBERS = (member("lgbm", 0.75), member("logistic", 0.25))


def test_features_are_pooled_by_weight_and_the_largest_stands_first():
    kept = {"lgbm": [["rsi_14", 0.1], ["gap", 0.04]], "logistic": [["gap", 0.36], ["rsi_14", 0.0]]}
    rows = features_of({"importance": kept}, MEMBERS)
    # gap 0.75 * 0.04 + 0.25 * 0.36 = 0.12, RSI 0.75 * 0.1 = 0.075
    assert [(row.name, row.figure) for row in rows] == [
        ("gap at the last open", "0.120"),
        ("RSI of 14 sessions", "0.075"),
    ]
    assert [row.part.used for row in rows] == pytest.approx([1.0, 0.625])


def test_a_group_that_costs_nothing_to_lose_has_no_bar():
    rows = groups_of({"costs": {"lgbm": [["trend", 0.02], ["volume", -0.004]]}}, MEMBERS)
    assert [(row.name, row.figure, row.part.used) for row in rows] == [
        ("trend", "+1.50", 1.0),
        ("volume", "−0.30", 0.0),
    ]


def test_only_ten_features_are_shown_and_none_of_an_older_version():
    many = {"lgbm": [[f"f{place}", 1.0 - place / 100] for place in range(30)]}
    assert len(features_of({"importance": many}, MEMBERS)) == 10
    assert features_of({}, MEMBERS) == groups_of({}, MEMBERS) == ()


def test_the_scaling_says_which_way_and_what_the_other_came_to():
    rng = np.random.default_rng(1)
    scores = rng.uniform(0.3, 0.7, 12_000)
    hits = rng.random(12_000) < np.where(scores < 0.5, 0.2, 0.6)
    session = np.repeat(np.arange(600), 20)
    whole = fit_curve(scores, hits, session, apart=10)
    assert scaling_of({"target": whole.to_json()}).startswith("isotonic; isotonic saves ")
    few = fit_curve(scores[:900], hits[:900], session[:900], apart=10)
    assert scaling_of({"target": few.to_json()}) == "Platt; too few cases to try isotonic"
    wrong = fit_curve(1 - scores[:900], hits[:900], session[:900], apart=10)
    assert scaling_of({"target": wrong.to_json()}) == (
        "base rate for everybody; higher scores came true no more often"
    )
    assert scaling_of({}) == "–"


def test_a_slope_carries_its_error_and_what_is_right():
    assert slope_of({"slope": 1.039, "slope_se": 0.104}) == "1.04 ± 0.10; 1 is right"
    assert slope_of({"slope": 0.5, "slope_se": None}) == "0.50; 1 is right"
    assert slope_of({}) == "–"
