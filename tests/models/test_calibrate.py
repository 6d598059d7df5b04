import json
from dataclasses import replace

import numpy as np
import pytest

from core.models.calibrate import BINS, curve_from, fit_curve, skill_of

APART = 10


def tossed(seed: int, *, n: int = 6000, slope: float = 1.0, shares: int = 10):
    """Scores in [0, 1] and hits whose chance is 1/2 + slope * (score - 1/2)."""
    rng = np.random.default_rng(seed)
    scores = rng.uniform(0.05, 0.95, n)
    hits = rng.random(n) < 0.5 + slope * (scores - 0.5)
    return scores, hits, np.arange(n) // shares


@pytest.fixture(scope="module")
def curve():
    scores, hits, sessions = tossed(1, slope=0.4)
    return fit_curve(scores, hits, sessions, apart=APART)


def test_the_curve_rises_and_stays_within_zero_and_one(curve):
    p = curve.apply(np.linspace(-1, 2, 500))
    assert (np.diff(p) >= 0).all() and p[0] >= 0 and p[-1] <= 1


def test_overconfident_scores_are_pulled_to_the_rate_they_had(curve):
    # at 0.9 the chance is 0.5 + 0.4 * 0.4 = 0.66, at 0.1 it is 0.34
    p = curve.apply(np.array([0.1, 0.5, 0.9]))
    assert p == pytest.approx([0.34, 0.5, 0.66], abs=0.04)


def test_scores_beyond_those_seen_get_the_last_one_seen(curve):
    assert curve.apply(np.array([5.0]))[0] == curve.probabilities[-1]


def test_a_probability_lies_in_its_interval_with_the_cases_of_its_bin(curve):
    for p in np.linspace(0, 1, 101):
        found = curve.probability(float(p))
        assert found.low <= found.p <= found.high
        assert found.n in curve.counts.astype(int)


def test_the_interval_mostly_covers_the_true_rate(curve):
    low, high = curve.lows, curve.highs
    assert len(curve.rates) == BINS and ((low <= curve.rates) & (curve.rates <= high)).all()
    middle = curve.probability(0.5)
    assert middle.low < 0.5 < middle.high and middle.high - middle.low < 0.2


def test_no_more_cases_are_counted_than_sessions_that_lie_apart_have(curve):
    # 600 sessions of ten independent cases: every tenth session gives 60 * 10
    assert curve.counts.sum() == 600


def test_scores_that_mislead_all_become_the_mean_rate():
    scores, hits, sessions = tossed(2, slope=-0.5)
    found = fit_curve(scores, hits, sessions, apart=APART)
    assert np.unique(found.probabilities).tolist() == [pytest.approx(float(np.mean(hits)))]


@pytest.mark.parametrize("said", [True, False])
def test_what_always_or_never_came_true_is_not_sure(said):
    # sixty sessions are three blocks of twenty, so three cases: too few to show a percentage
    scores, _, sessions = tossed(3, n=600)
    found = fit_curve(scores, np.full(600, said), sessions, apart=APART)
    chance = found.probability(float(found.apply(np.array([0.5]))[0]))
    assert chance.p == (0.999 if said else 0.001)
    assert (chance.low, chance.high) == pytest.approx(
        (0.526, 1.0) if said else (0.0, 0.474), abs=1e-3
    )
    assert chance.n == 3 and not chance.shown


def test_few_outcomes_that_scores_happen_to_part_make_no_certainty():
    # four of forty came true and had the highest scores: Platt's targets are 5 / 6 and 1 / 38
    scores = np.linspace(0.1, 0.5, 40)
    p = fit_curve(scores, scores > 0.46, np.arange(40), apart=APART).apply(scores)
    assert 0.3 < p[-4] < p[-1] < 0.6


def test_shares_of_one_session_that_go_together_are_not_counted_each():
    # in each of thirty stretches of twenty sessions fifty shares come true together or not at all
    session = np.repeat(np.arange(600), 50)
    hits = (session // 20) % 2 == 0
    found = fit_curve(np.full(30_000, 0.4), hits, session, apart=APART)
    [low], [high], [n] = found.lows, found.highs, found.counts
    assert 25 <= n <= 30 and high - low == pytest.approx(2 * 1.645 * np.sqrt(0.25 / n), rel=0.06)


def test_a_probability_lies_inside_its_interval_where_its_bin_was_measured_elsewhere(curve):
    # a bin that said 0.32 and saw 0.26 to 0.35: 0.40 lies 0.348 of log-odds further on, where
    # those ends come to 0.332 and 0.433
    one = replace(
        curve, edges=np.array([0.3]), said=np.array([0.32]), rates=np.array([0.3]),
        lows=np.array([0.26]), highs=np.array([0.35]), counts=np.array([400.0]),
    )  # fmt: skip
    far = one.probability(0.40)
    assert (far.low, far.high) == (0.26, pytest.approx(0.4327, abs=1e-4))
    near = one.probability(0.32)
    assert (near.low, near.high) == (pytest.approx(0.26), pytest.approx(0.35))


def test_a_curve_kept_without_what_its_bins_said_takes_what_came(curve):
    fields = curve.to_json()
    del fields["said"]
    assert curve_from(fields).said.tolist() == fields["rates"]


def test_a_curve_survives_json(curve):
    again = curve_from(json.loads(json.dumps(curve.to_json())))
    assert again.probability(0.61) == curve.probability(0.61)


def test_skill_by_hand():
    # hits 1, 0; said 0.8, 0.2: mean (0.04 + 0.04) / 2 = 0.04; base 0.5: 0.25; 1 - 0.16 = 0.84
    found = skill_of(
        np.array([0.8, 0.2]), np.full(2, 0.5), np.array([True, False]), np.array([0, 20]),
        apart=APART, seed=7,
    )  # fmt: skip
    assert (found.brier, found.base) == (pytest.approx(0.04), pytest.approx(0.25))
    assert [found.low, found.skill, found.high] == pytest.approx([0.84, 0.84, 0.84])
    assert (found.base_rate, found.n) == (0.5, 2)


def test_saying_the_base_rate_has_no_skill_and_no_doubt_about_it():
    _, hits, sessions = tossed(4)
    base = np.full(len(hits), 0.5)
    found = skill_of(base, base, hits, sessions, apart=APART, seed=7)
    assert found.skill == found.low == found.high == 0.0


def test_noise_round_the_base_rate_has_no_skill_and_truth_has():
    scores, hits, sessions = tossed(5)
    base = np.full(len(hits), 0.5)
    noise = np.random.default_rng(9).permutation(scores)
    assert skill_of(noise, base, hits, sessions, apart=APART, seed=7).high < 0
    assert skill_of(scores, base, hits, sessions, apart=APART, seed=7).low > 0


def test_a_single_block_of_sessions_proves_nothing():
    found = skill_of(
        np.array([0.9]), np.array([0.5]), np.array([True]), np.array([3]), apart=APART, seed=7
    )
    assert found.skill > 0.9 and (found.low, found.high) == (-1.0, 1.0)


def test_few_blocks_make_a_wider_interval_than_many():
    scores, hits, sessions = tossed(6)
    base = np.full(len(hits), 0.5)
    few = sessions < 80  # four blocks of twenty
    many = skill_of(scores, base, hits, sessions, apart=APART, seed=7)
    some = skill_of(scores[few], base[few], hits[few], sessions[few], apart=APART, seed=7)
    assert some.high - some.low > 2 * (many.high - many.low)


def stepped(seed: int, *, shares: int = 20, sessions: int = 600):
    """Scores whose chance jumps from 0.2 to 0.6 at one half, which no logistic line follows."""
    rng = np.random.default_rng(seed)
    scores = rng.uniform(0.3, 0.7, shares * sessions)
    hits = rng.random(len(scores)) < np.where(scores < 0.5, 0.2, 0.6)
    return scores, hits, np.repeat(np.arange(sessions), shares)


def test_a_step_is_learnt_by_isotonic_regression():
    found = fit_curve(*stepped(1), apart=APART)
    assert found.how == "isotonic" and found.saved > found.saved_se > 0
    assert found.apply(np.array([0.4, 0.6])) == pytest.approx([0.2, 0.6], abs=0.04)
    assert found.words.startswith("isotonic regression; it saves 0.0")


def test_a_logistic_line_stays_platt_scaling():
    rng = np.random.default_rng(2)
    scores = rng.uniform(0.2, 0.8, 12_000)
    found = fit_curve(
        scores, rng.random(12_000) < scores, np.repeat(np.arange(600), 20), apart=APART
    )
    assert found.how == "platt" and found.saved <= found.saved_se
    assert found.words.startswith("Platt scaling; isotonic regression")


@pytest.mark.parametrize(("shares", "sessions"), [(20, 300), (5, 600)])
def test_isotonic_regression_is_not_tried_on_few_sessions_or_few_cases(shares, sessions):
    found = fit_curve(*stepped(3, shares=shares, sessions=sessions), apart=APART)
    assert (found.how, found.saved, found.saved_se) == ("platt", None, None)
    assert found.words == "Platt scaling; too few cases to try isotonic regression"


def test_isotonic_regression_never_says_never_and_survives_json():
    scores, _, sessions = stepped(4)
    found = fit_curve(scores, scores > 0.5, sessions, apart=APART)
    assert found.how == "isotonic"
    assert found.apply(np.array([0.3, 0.7])) == pytest.approx([0.001, 0.999])
    again = curve_from(json.loads(json.dumps(found.to_json())))
    assert (again.how, again.saved, again.words) == ("isotonic", found.saved, found.words)


def test_a_curve_kept_without_its_way_was_platt_scaling(curve):
    fields = curve.to_json()
    for name in ("how", "saved", "saved_se"):
        del fields[name]
    assert curve_from(fields).how == "platt"


def test_the_interval_of_skill_is_95_percent():
    # 200 blocks of ten cases: 1.972 standard errors of the sum of the blocks on either side
    rng = np.random.default_rng(8)
    sessions = np.arange(0, 4000, 2)
    hits = rng.random(2000) < 0.5
    p = np.clip(0.5 + rng.normal(0, 0.1, 2000), 0, 1)
    found = skill_of(p, np.full(2000, 0.5), hits, sessions, apart=APART, seed=7)
    gains = (0.25 - (p - hits) ** 2).reshape(200, 10).sum(axis=1) / (0.25 * 2000)
    error = gains.std(ddof=1) * np.sqrt(200)
    assert found.high - found.low == pytest.approx(2 * 1.972 * error, rel=0.08)
