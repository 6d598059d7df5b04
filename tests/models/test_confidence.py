"""Every ground by hand, and the one word they make."""

import numpy as np
import pytest

from core.domain.research import Confidence, Ground, Prediction
from core.domain.signal import Regime
from core.models.calibrate import fit_curve
from core.models.confidence import (
    Inputs,
    agreement_of,
    confidence_of,
    history_ground,
    history_of,
    horizon_of,
    like_cases,
    quality_of,
    stability_of,
)
from core.models.conformal import Coverage
from core.store.codec import from_json, to_json
from tests.made.market import a_prediction


def of(*scores):
    return Confidence(*(Ground(score, "") for score in scores))


@pytest.mark.parametrize(
    ("members", "score"),
    [((0.2, 0.2, 0.2), 1.0), ((0.2, 0.23, 0.26), 0.6), ((0.1, 0.4), 0.0), ((0.2,), None)],
)
def test_members_agree_by_how_far_apart_they_lie(members, score):
    # 6 points of 15 leave 0.6
    found = agreement_of(members)
    assert found.score == (None if score is None else pytest.approx(score))


def test_agreement_says_how_far_apart_and_no_percentage():
    assert agreement_of((0.21, 0.26)).words == "2 models lie 5.0 points apart"


@pytest.mark.parametrize(
    ("inputs", "score", "words"),
    [
        (Inputs(0.0), 1.0, "0 % of features missing, bars up to date, prices score 100"),
        (Inputs(0.1), 0.8, "10 % of features missing, bars up to date, prices score 100"),
        (Inputs(0.9), 0.0, "90 % of features missing, bars up to date, prices score 100"),
        (Inputs(0.0, stale=1), 2 / 3, "0 % of features missing, bars 1 session late, prices sc"),
        (Inputs(0.0, stale=9), 0.0, "0 % of features missing, bars 9 sessions late, prices sc"),
        (Inputs(0.1, standing=0.7), 0.7, "10 % of features missing, bars up to date, prices sc"),
        (Inputs(0.1, standing=None), 0.8, "10 % of features missing, bars up to date, prices nev"),
        (Inputs(0.0, novelty="unlike"), 0.2, "0 % of features missing, bars up to date, prices s"),
    ],
)
def test_data_are_as_good_as_what_is_worst_about_them(inputs, score, words):
    found = quality_of(inputs)
    assert found.score == pytest.approx(score) and found.words.startswith(words)
    assert inputs.novelty in found.words


def test_a_regime_is_stable_when_it_is_likely_and_outlasts_the_horizon():
    assert stability_of(Regime.BULL, 0.9, 40.0, horizon=10).score == pytest.approx(0.9)
    short = stability_of(Regime.BEAR, 0.9, 5.0, horizon=10)
    assert short.score == pytest.approx(0.45)
    assert short.words == (
        "bear is 90 % likely and lasts 5 sessions on average; the prediction looks 10 ahead"
    )
    assert stability_of(Regime.BULL, 0.998, 40.0, horizon=10).words.startswith(
        "bull is over 99 % likely and lasts 40 sessions"
    )
    assert stability_of(None, None, None, horizon=10).score is None
    assert "plain rule" in stability_of(Regime.BULL, None, None, horizon=10).words


@pytest.mark.parametrize(("worth", "score"), [(0, 0.0), (29, 0.0), (100, 0.5), (300, 0.75)])
def test_history_counts_from_thirty_independent_cases(worth, score):
    assert history_ground(400, 100, worth, regime=Regime.BULL).score == pytest.approx(score)


def test_history_says_what_came():
    assert history_ground(29, 3, 9, regime=None) == Ground(
        0.0, "29 like cases in any market, fewer than 30"
    )
    assert history_ground(200, 50, 64, regime=Regime.BEAR).words == (
        "200 like cases in a bear market, worth 64 independent ones, target first in 25 % of them"
    )
    assert history_ground(206, 51, 2, regime=Regime.VOLATILE) == Ground(
        0.0, "206 like cases in a volatile market go together as 2 would, fewer than 30"
    )
    assert history_ground(200, 50, None, regime=None) == Ground(
        None, "200 like cases in any market, not told how many of them are independent; train again"
    )


@pytest.mark.parametrize(
    ("inside", "skilled", "score"),
    [(0.8, True, 1.0), (0.76, True, 0.6), (0.76, False, 0.3), (0.95, True, 0)],
)
def test_a_record_is_worth_what_its_ranges_held(inside, skilled, score):
    found = horizon_of(Coverage(10, inside, 0.7, 0.9, 500), horizon=10, skilled=skilled)
    assert found.score == pytest.approx(score)


@pytest.mark.parametrize("coverage", [None, Coverage(10, float("nan"), 0.0, 1.0, 0)])
def test_what_was_never_measured_is_no_ground(coverage):
    found = horizon_of(coverage, horizon=10, skilled=True)
    assert found == Ground(None, "nothing was measured over 10 sessions")


def test_ranges_measured_on_fewer_than_thirty_cases_are_no_ground():
    found = horizon_of(Coverage(10, 0.8, 0.6, 0.9, 29), horizon=10, skilled=True)
    assert found == Ground(
        None, "over 10 sessions ranges were measured on 29 independent cases, fewer than 30"
    )


@pytest.mark.parametrize(
    ("scores", "word"),
    [
        ((0.9, 0.9, 0.9, 0.9, 0.6), "high"),
        ((0.9, 0.9, 0.9, 0.9, 0.59), "medium"),
        ((0.9, 0.9, 0.9, 0.9, None), "medium"),
        ((0.9, 0.9, 0.9, 0.9, 0.29), "low"),
        ((None, None, None, None, 0.1), "low"),
        ((None,) * 5, "medium"),
    ],
)
def test_one_word_for_all_is_that_of_the_weakest(scores, word):
    assert of(*scores).overall == word


def test_like_cases_are_of_the_same_regime_and_bin_and_do_not_overlap():
    rng = np.random.default_rng(1)
    session = np.repeat(np.arange(400), 10)
    raw = rng.uniform(0.1, 0.9, 4000)
    hits = rng.random(4000) < raw
    regimes = [None if at < 100 else Regime.BULL if at < 300 else Regime.BEAR for at in range(400)]
    curve = fit_curve(raw, hits, session, apart=10)
    p = curve.apply(raw)
    kept = history_of(p, hits, session, regimes, curve)
    assert set(kept) == {"any", "bull", "bear"}
    # sessions 100, 110, ... 290 of ten shares each
    assert sum(cases for cases, _, _ in kept["bull"]) == 200
    here = (curve.bins(p) == 9) & (session % 10 == 0) & (session >= 100) & (session < 300)
    top = float(curve.edges[9]) + 1e-9
    cases, came, worth = like_cases(kept, top, Regime.BULL, curve)
    assert (cases, came) == (here.sum(), hits[here].sum()) and 0 < worth <= cases
    assert like_cases(kept, top, Regime.VOLATILE, curve) == (0, 0, 0)
    older = {"bull": [[30, 9]] * len(curve.edges)}
    assert like_cases(older, top, Regime.BULL, curve) == (30, 9, None)


def test_like_cases_of_two_sessions_are_worth_next_to_nothing():
    # a hundred shares on each of two sessions; on one all came true, on the other none
    session = np.repeat([1000, 1020], 100)
    curve = fit_curve(np.full(6000, 0.4), np.arange(6000) % 5 < 2, np.arange(6000) // 10, apart=10)
    kept = history_of(np.full(200, 0.4), session == 1000, session, [None] * 1100, curve)
    assert like_cases(kept, 0.4, None, curve) == (200, 100, 0)


def test_a_prediction_keeps_its_confidence_and_an_older_one_reads_without():
    found = confidence_of(
        members=(0.2, 0.23),
        inputs=Inputs(0.1, novelty="odd"),
        regime=Regime.BULL,
        regime_p=0.8,
        lasts=20.0,
        horizon=10,
        like=(120, 30, 60),
        coverage=Coverage(10, 0.79, 0.7, 0.9, 500),
        skilled=True,
    )
    assert found.overall == "low" and [len(ground.words) > 10 for _, ground in found.grounds]
    one = a_prediction(confidence=found, novelty="odd")
    assert from_json(Prediction, to_json(one)) == one
    older = to_json(a_prediction()).replace(',"confidence":null', "").replace(',"novelty":""', "")
    assert "confidence" not in older and "novelty" not in older
    assert from_json(Prediction, older) == a_prediction()
