"""Figures by hand, a base rate without skill, a leak that is seen, odds that lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from core.domain.account import Market
from core.features.compute import compute
from core.features.regime import regimes
from core.models.against import baselines_of
from core.models.barriers import UNKNOWN, label, uniqueness
from core.models.baselines import BASELINES
from core.models.learners import LEARNERS, chosen, lacking
from core.models.measures import (
    calibration_error,
    measure,
    measure_parts,
    reliability,
)
from core.models.pool import pool_members
from core.models.ranks import daily_of, mean_of, next_returns, rank_correlations
from core.models.record import record_of
from core.models.samples import sample, usable
from core.models.walk import Unseen
from tests.models.made import noise, planted


def quiet(_share, _words):
    return None


def pooled(panel, features, learners):
    return pool_members(features, label(panel), panel, learners=learners, progress=quiet)


@pytest.fixture(scope="module")
def drifting():
    panel, lean = planted(seed=11)
    features = compute(panel, tilt=lean)
    return panel, features, pooled(panel, features, chosen(["lgbm", "logistic"]))


def test_a_base_rate_has_no_skill_and_no_spread():
    panel = noise(seed=3)
    found = measure(pooled(panel, compute(panel), BASELINES[:1]).judged, panel)
    assert found.skill.low <= 0 and abs(found.skill.skill) < 0.01
    assert (found.ic.value, found.accuracy.value) == (0.0, 0.5) and found.sharpness < 0.05
    assert found.top_rate == pytest.approx(found.base_rate, abs=1e-3)  # a fifth of everybody
    assert found.suspect == "" and found.weaker.low <= 0


def test_a_planted_drift_is_found_by_every_figure(drifting):
    panel, _, found = drifting
    said = measure(found.judged, panel)
    assert said.skill.low > 0 and said.skill_alike.low > 0
    assert said.ic.value > 3 * said.ic.se > 0
    assert said.top_rate > said.base_rate + 0.05
    assert said.top_return.value > 0


def test_so_much_skill_is_taken_for_a_leak_until_shown_otherwise(drifting):
    panel, _, found = drifting
    assert "rank IC" in measure(found.judged, panel).suspect


def test_a_feature_that_holds_the_next_return_is_caught():
    panel = noise(seed=4)
    close = panel.close
    tomorrow = np.full(close.shape, np.nan)
    tomorrow[:-5] = close[5:] / close[:-5] - 1
    honest = compute(panel)
    leaky = honest.with_tilt(np.nan_to_num(tomorrow))
    assert measure(pooled(panel, honest, chosen(["lgbm"])).judged, panel).suspect == ""
    assert "is over" in measure(pooled(panel, leaky, chosen(["lgbm"])).judged, panel).suspect


def test_years_and_regimes_part_the_cases_without_losing_any(drifting):
    panel, _, found = drifting
    whole, years, said = measure_parts(found.judged, panel, regimes(panel))
    assert whole == measure(found.judged, panel)
    assert set(years) == {2024, 2025} and sum(one.n for one in years.values()) == whole.n
    assert said and sum(one.n for one in said.values()) == whole.n


def test_a_rank_correlation_by_hand():
    # ranks 1..5 against 2 1 3 4 5: 1 - 6 * 2 / (5 * 24) = 0.9; four cases are too few, and what
    # came the same for all ranks nobody
    said = np.array([[0.1, 0.2, 0.3, 0.4, 0.5], [0.1, 0.2, 0.3, 0.4, np.nan], [1, 2, 3, 4, 5]])
    came = np.array([[2.0, 1, 3, 4, 5], [2, 1, 3, 4, 5], [0.5] * 5])
    assert rank_correlations(said, came) == pytest.approx([0.9, np.nan, np.nan], nan_ok=True)


def test_all_sessions_at_once_give_what_each_alone_gives():
    # sessions of 1 to 30 shares, ranks in tenths so that many tie, some unranked, cases unordered
    rng = np.random.default_rng(12)
    panel = noise(seed=2, shares=30, sessions=60)
    session = rng.permutation(np.repeat(np.arange(5, 45), rng.integers(1, 31, 40)))
    share = np.empty(len(session), np.int64)
    for day in range(5, 45):
        share[session == day] = rng.permutation(30)[: (session == day).sum()]
    cases = replace(two_sessions(rng.normal(0, 0.05, len(session))), session=session, share=share)
    ranks = np.where(rng.random(len(session)) < 0.1, np.nan, rng.integers(0, 10, len(session)) / 10)
    found, ahead = daily_of(cases, ranks, panel), next_returns(panel)[session, share]
    for place, day in enumerate(found.days):
        at = session == day
        alone = one_session(ranks[at], cases.returns[at], ahead[at])
        together = [found.ic[place], found.ic_next[place], found.accuracy[place]]
        assert [*together, found.top_return[place]] == pytest.approx(alone, abs=1e-12, nan_ok=True)


def one_session(said, came, ahead):
    """IC, IC of the next session, accuracy and return of the top fifth, share by share."""
    known = ~np.isnan(said)
    count = max(1, int(0.2 * len(said)))
    order = rankdata(-np.nan_to_num(said, nan=-1.0), method="min")
    top = [max(0, min(1, (count - place + 1) / (order == place).sum())) for place in order]
    paid = np.average(came, weights=top)
    if known.sum() < 5:
        return [np.nan, np.nan, np.nan, paid]
    over, beat = said[known] - np.median(said[known]), ahead[known] - np.median(ahead[known])
    sides = ((over > 0) == (beat > 0))[(over != 0) & (beat != 0)]
    ics = [spearmanr(said[known], what[known])[0] for what in (came, ahead)]
    return [*ics, np.mean(sides), paid]


def test_who_ranks_nobody_on_a_session_foretold_nothing_there():
    # one session ranked perfectly, one left flat: the mean is half, not the one that was ranked
    assert rank_correlations(np.full((1, 5), 0.5), np.arange(5.0)[None]).tolist() == [0.0]
    ranks = np.array([1.0, 2, 3, 4, 5, 7, 7, 7, 7, 7])
    panel = noise(seed=1, shares=5, sessions=30)
    ahead = panel.close[1:3] / panel.close[:2] - 1
    came = np.concatenate([np.arange(5.0), ahead[1]])
    found = daily_of(two_sessions(came), ranks, panel)
    assert found.ic.tolist() == pytest.approx([1.0, 0.0])
    assert mean_of(found.days, found.ic).value == pytest.approx(0.5)
    assert found.accuracy[1] == 0.5


def test_shares_of_one_rank_share_their_places_in_the_top_fifth():
    # two of ten places: 9 has one, the other is shared by three eights, a third each
    ranks = np.array([9.0, 8, 8, 8, 1, 1, 1, 1, 1, np.nan])
    came = np.array([0.09, 0.03, 0.06, 0.0, 1, 1, 1, 1, 1, 1])
    panel = noise(seed=1, shares=10, sessions=30)
    found = daily_of(two_sessions(came, shares=10), ranks, panel)
    assert found.top.tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3, 0, 0, 0, 0, 0, 0])
    assert found.top_return.tolist() == pytest.approx([(0.09 + 0.03) / 2])


def two_sessions(came, *, shares=5):
    """Cases of sessions 0 and 1, every share of a session after the other."""
    session = np.arange(len(came)) // shares
    return Unseen(
        raw=np.empty((len(came), 0)),
        outcome=np.zeros(len(came), np.int8),
        returns=came,
        session=session,
        ends=session + 10,
        share=np.arange(len(came)) % shares,
        fold=session,
    )


def test_a_mean_over_sessions_carries_the_error_of_its_blocks():
    # sessions 0 and 1 lie in one block of twenty, 20 and 21 in the next: block means 1.5 and 3.5,
    # whose deviation is 1.414, over the root of two blocks: 1
    found = mean_of(np.array([0, 1, 20, 21, 22]), np.array([1.0, 2.0, 3.0, 4.0, np.nan]))
    assert (found.value, found.se, found.blocks) == (2.5, pytest.approx(1.0), 2)


def test_odds_that_lie_show_in_the_calibration_error_and_the_table():
    rng = np.random.default_rng(5)
    p = rng.uniform(0.2, 0.4, 4000)
    hits = rng.random(4000) < p
    session = np.arange(4000) // 4
    honest, lying = calibration_error(p, hits), calibration_error(p + 0.2, hits)
    assert honest < 0.03 and lying == pytest.approx(0.2, abs=0.03)
    true, false = reliability(p, hits, session), reliability(p + 0.2, hits, session)
    for bins in (true, false):
        assert len(bins) == 10 and sum(one.n for one in bins) == 400
    within = [sum(one.low <= one.said <= one.high for one in bins) for bins in (true, false)]
    assert within[0] >= 9 and within[1] <= 3


def test_shares_that_come_true_together_are_few_cases_in_the_table():
    # forty stretches of twenty sessions, in each of which ten shares all reach it or none does
    session = np.repeat(np.arange(800), 10)
    [one] = reliability(np.full(8000, 0.5), session // 20 % 2 == 0, session)
    assert (one.said, one.came) == (0.5, 0.5) and 30 <= one.n <= 40
    assert one.high - one.low > 0.28  # of 800 cases that do not overlap it would be 0.07


def test_a_labels_weight_is_what_it_shares_of_its_span():
    # one spans sessions 1-2, one 2-3: each has one session alone and half of session 2; one alone
    panel = noise(seed=1, shares=1, sessions=30)
    labels = label(panel)
    outcome, ends = np.full((30, 1), UNKNOWN, np.int8), np.full((30, 1), -1, np.int32)
    for at, end in ((0, 2), (1, 3), (5, 6)):
        outcome[at], ends[at] = 1, end
    found = uniqueness(replace(labels, outcome=outcome, ends=ends))
    assert found[[0, 1, 5], 0].tolist() == pytest.approx([0.75, 0.75, 1.0])
    assert found.sum() == pytest.approx(2.5)


SLOW = {"gru", "lstm", "cnn_lstm", "transformer"}


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=[pytest.mark.slow] if kind in SLOW else []) for kind in LEARNERS],
)
def test_a_model_read_back_from_its_files_says_the_same(kind, drifting):
    panel, features, _ = drifting
    one = LEARNERS[kind]
    if lacking(one):
        pytest.skip(f"{kind} needs {lacking(one)}")
    past = sample(features, label(panel), until=200)
    fitted = one.fit(past, seed=7)
    again = one.read(fitted.files(), features.names)
    cases = past.cases.only(np.arange(40))
    said = fitted.scores(cases)
    np.testing.assert_allclose(again.scores(cases), said, atol=1e-6)
    np.testing.assert_allclose(said.sum(axis=1), 1.0, atol=1e-6)
    assert fitted.leaning(cases).shape == (40, len(features.names))
    np.testing.assert_allclose(one.fit(past, seed=7).scores(cases), said, atol=1e-6)


EXACT = ("lgbm", "forest", "extra", "xgboost", "catboost", "logistic", "lasso", "elastic")


@pytest.mark.parametrize("kind", [*EXACT, "svr", "mlp"])
def test_reasons_go_with_the_odds_they_explain(kind, drifting):
    panel, features, _ = drifting
    one = LEARNERS[kind]
    if lacking(one):
        pytest.skip(f"{kind} needs {lacking(one)}")
    past = sample(features, label(panel), until=250)
    fitted, cases = one.fit(past, seed=7), past.cases.only(np.arange(0, 1000, 20))
    said = fitted.scores(cases)
    odds, summed = np.log(said[:, 2] / said[:, 0]), fitted.leaning(cases).sum(axis=1)
    if kind in EXACT:  # what no feature explains is the same for every case
        np.testing.assert_allclose(odds - summed, (odds - summed).mean(), atol=1e-4)
    else:
        assert np.corrcoef(odds, summed)[0, 1] > 0.8
        assert 0.3 < summed.std() / odds.std() < 3


def test_what_foretells_the_wrong_way_is_named_with_its_sign(drifting):
    panel, _, found = drifting
    turned = replace(found.judged, p=1 - found.judged.p)
    assert "rank IC -0." in measure(turned, panel).suspect


@pytest.mark.parametrize(("market", "said"), [(Market.SIM, False), (Market.REPLAY, True)])
def test_a_signal_by_construction_is_no_leak(drifting, market, said):
    panel, _, found = drifting
    record = record_of(found.by_kind, found.judged, panel, found.regimes, market=market)
    for kind in ("lgbm", "logistic", "ensemble"):
        assert bool(record[kind]["suspect"]) is said
        assert record[kind]["no_vote"].startswith("its figures look like a leak") is said
        assert set(record[kind]["years"]) == {"2024", "2025"} and record[kind]["regimes"]


def test_momentum_is_ranked_by_its_number_whatever_its_odds_say():
    panel = noise(seed=8, sessions=420)
    features = compute(panel)
    found = baselines_of(features, label(panel), panel, market=Market.SIM)["momentum 12-1 alone"]
    number = features.column("mom_12_1").astype(float)
    labels, cases = label(panel), usable(features, label(panel))
    cases[:231] = False  # the folds after the first
    each = [
        spearmanr(number[day][cases[day]], labels.returns[day][cases[day]], nan_policy="omit")[0]
        for day in range(252, 420)
        if cases[day].sum() >= 5
    ]
    assert found["ic"]["value"] == pytest.approx(np.mean(each))
