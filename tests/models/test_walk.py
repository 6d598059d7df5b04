"""What a vote has to beat: the base rate, and shares as likely to touch a barrier."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.domain.account import Market
from core.errors import NoData
from core.features.compute import compute
from core.models import samples, walk
from core.models.barriers import label
from core.models.calibrate import Skill, skill_of
from core.models.learners import STANDARD, chosen
from core.models.pool import pool_members
from core.models.train import train
from core.panel import Floats, Panel
from tests.models.made import AT, noise, planted, restless


def judged(panel: Panel, lean: Floats) -> walk.Judged:
    features, labels = compute(panel, tilt=lean), label(panel)
    said = {"learners": chosen(STANDARD), "progress": lambda _share, _words: None}
    return pool_members(features, labels, panel, **said).judged


def skill(found: walk.Judged, benchmark: Floats) -> Skill:
    hits, when = found.cases.outcome == 1, found.cases.session
    return skill_of(found.p, benchmark, hits, when, apart=samples.APART, seed=walk.SEED)


def test_foretelling_restlessness_beats_the_base_rate_and_still_has_no_vote(tmp_path):
    # a larger move reaches the target more often, and the stop too: nothing to trade on
    panel, lean = restless(seed=31)
    found = judged(panel, lean)
    assert skill(found, found.base).low > 0
    assert skill(found, found.alike).low <= 0
    features = compute(panel, tilt=lean)
    trained = train(panel, features, market=Market.SIM, trained_at=AT, folder=tmp_path)
    assert not trained.primary.has_vote
    assert trained.primary.skill_low == skill(found, found.alike).low


def test_foretelling_the_way_beats_both():
    found = judged(*planted(seed=31))
    assert skill(found, found.base).low > 0
    assert skill(found, found.alike).low > 0


def test_the_second_benchmark_has_the_models_own_mean_on_every_session():
    found = judged(*restless(seed=32))
    count = np.maximum(np.bincount(found.cases.session), 1)
    mean_p = np.bincount(found.cases.session, found.p) / count
    mean_alike = np.bincount(found.cases.session, found.alike) / count
    assert mean_alike == pytest.approx(mean_p)


def test_an_interval_from_few_blocks_is_wider_than_the_draws():
    # two blocks of 20 sessions: t(97.5 %, 1) / z(97.5 %) * sqrt(2) = 12.706 / 1.960 * 1.414 = 9.17
    hits = np.array([True, False])
    found = skill_of(
        np.array([0.9, 0.4]), np.full(2, 0.5), hits, np.array([0, 20]), apart=10, seed=7
    )
    # both blocks: 1 - 0.17 / 0.5 = 0.66; the worse alone 0.36, the better 0.96; 0.30 away each
    assert found.skill == pytest.approx(0.66)
    assert found.low == pytest.approx(0.66 - 9.17 * 0.30, abs=0.01)
    assert found.high == pytest.approx(0.66 + 9.17 * 0.30, abs=0.01)


def cases_of_three_folds(true: Floats) -> walk.Unseen:
    """Twenty shares over 600 sessions whose target comes as often as told."""
    session = np.repeat(np.arange(600), 20)
    hits = np.random.default_rng(1).random(len(session)) < true
    return walk.Unseen(
        raw=np.column_stack([1 - true, np.zeros(len(true)), true]),
        outcome=np.where(hits, 1, -1).astype(np.int8),
        returns=np.zeros(len(true)),
        session=session,
        ends=session + 10,
        share=np.tile(np.arange(20), 600),
        fold=session // 200,
    )


def test_a_folds_curve_belongs_to_the_blend_that_made_its_scores():
    # every fold's blend has a sharpness of its own: what 0.3 means changes from fold to fold
    true = np.random.default_rng(2).uniform(0.1, 0.5, 12_000)
    unseen = cases_of_three_folds(true)
    sharp = np.array([0.5, 1.0, 2.0])

    def scored(fold):
        return np.column_stack([1 - true, np.zeros(len(true)), true ** sharp[fold]])

    mixed = np.column_stack([1 - true, np.zeros(len(true)), true ** sharp[unseen.fold]])
    kept = walk.judge(unseen, scored=scored)
    lost = walk.judge(replace(unseen, raw=mixed))
    told = true[unseen.fold > 0]
    assert np.abs(kept.p - told).mean() < 0.02
    assert np.abs(lost.p - told).mean() > 0.08


def test_a_fold_without_an_ended_label_before_it_is_refused():
    unseen = cases_of_three_folds(np.full(12_000, 0.3))
    early = unseen.only((unseen.session < 5) | (unseen.session >= 200))
    late = replace(early, ends=np.where(early.fold == 0, 195, early.ends))
    with pytest.raises(NoData, match="fold 2 begins at session 200 and no label"):
        walk.judge(late)


@pytest.mark.parametrize("shares", [1, 3])
def test_a_few_shares_with_holes_train_and_say_that_nothing_is_known(shares, tmp_path):
    panel = noise(seed=5, shares=shares)
    features = compute(panel)
    values = features.values.copy()
    values[:, :, features.names.index("mom_12_1")] = np.nan  # known for nobody
    holes = replace(features, values=values)
    found = train(panel, holes, market=Market.SIM, trained_at=AT, folder=tmp_path).primary
    assert not found.has_vote and found.n_out_of_sample > 0


def test_a_market_that_only_falls_fits_every_model_and_leaves_nothing_to_measure(tmp_path):
    falling = noise(seed=6, shares=4, drift=np.full((420, 4), -0.05))
    features = compute(falling)
    with pytest.raises(NoData, match="the meta-label needs signals that paid"):
        train(falling, features, market=Market.SIM, trained_at=AT, folder=tmp_path)
    found = judged(falling, np.zeros((420, 4)))
    assert found.p.max() == 0.001
