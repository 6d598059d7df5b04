"""What a vote has to beat: the base rate, and shares as likely to touch a barrier."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.account import Market
from core.features.compute import compute
from core.models import samples, walk
from core.models.barriers import label
from core.models.calibrate import Skill, skill_of
from core.models.learners import STANDARD, chosen
from core.models.train import pool_members, train
from core.panel import Floats, Panel
from tests.models.made import AT, planted, restless


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
