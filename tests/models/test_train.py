from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from core.domain.account import Market
from core.errors import NoData
from core.features.compute import compute
from core.models import samples, walk
from core.models.barriers import BARRIERS, label
from core.models.lgbm import LGBM
from core.models.train import NEEDED_SESSIONS, train
from core.panel import Panel
from tests.models.made import AT, noise, planted


def test_a_planted_drift_earns_both_models_a_vote(learnt):
    primary, meta = learnt.trained.primary, learnt.trained.meta
    assert primary.has_vote and 0 < primary.skill_low <= primary.skill <= primary.skill_high
    assert primary.brier < primary.brier_base
    assert primary.skill == pytest.approx(1 - primary.brier / primary.brier_base)
    assert meta.kind == "meta" and meta.n_out_of_sample < primary.n_out_of_sample


def test_pure_noise_has_no_vote(tmp_path):
    panel = noise(seed=21)
    found = train(panel, compute(panel), market=Market.SIM, trained_at=AT, folder=tmp_path)
    assert not found.primary.has_vote and not found.meta.has_vote
    assert found.primary.skill_low <= 0


def test_a_drift_whose_sessions_are_shuffled_has_no_vote(tmp_path):
    # the same features and the same labels, but of other days: nothing is left to learn
    panel, lean = planted(seed=11)
    features = compute(panel, tilt=lean)
    values = features.values.copy()
    values[60:] = np.random.default_rng(4).permutation(values[60:], axis=0)
    shuffled = replace(features, values=values)
    found = train(panel, shuffled, market=Market.SIM, trained_at=AT, folder=tmp_path)
    assert not found.primary.has_vote


def test_training_twice_gives_the_same_versions_and_the_same_files(learnt, tmp_path):
    again = train(learnt.panel, learnt.features, market=Market.SIM, trained_at=AT, folder=tmp_path)
    for first, second in (
        (learnt.trained.primary, again.primary),
        (learnt.trained.meta, again.meta),
    ):
        assert (first.version, first.sha256) == (second.version, second.sha256)
        files = sorted(Path(first.path).iterdir())
        assert "manifest.json" in [file.name for file in files]
        for file in files:
            assert file.read_bytes() == (Path(second.path) / file.name).read_bytes()


def test_a_version_says_what_it_was_made_of(learnt):
    primary = learnt.trained.primary
    assert primary.features == learnt.features.names and primary.barriers == BARRIERS
    assert primary.market is Market.SIM and primary.trained_at == AT and primary.folds == 4
    assert primary.version == f"ensemble-{primary.sha256[:8]}" and primary.seconds >= 0
    manifest = learnt.primary.manifest
    assert manifest["sessions"] == [
        str(learnt.panel.sessions[0]),
        str(learnt.panel.sessions[-1]),
    ]
    # a target pays three ranges or more, a stop costs two or more, a gap makes it more
    assert manifest["moves"]["target"] > 2.9 and manifest["moves"]["stop"] < -1.9


def test_cases_are_counted_only_where_labels_do_not_overlap(learnt):
    # 420 sessions, folds after the first from 168 + 63 = 231 on; every tenth of those whose
    # label is decided: all 24 shares of 240, 250, ... 400, and some of 410
    assert 17 * 24 <= learnt.trained.primary.n_out_of_sample <= 18 * 24


def test_progress_only_rises_and_is_said_in_words(learnt):
    shares = [share for share, _ in learnt.told]
    assert shares == sorted(shares) and shares[0] == 0.0 and shares[-1] < 1.0
    assert "fold 1, random forest" in [words for _, words in learnt.told]


def test_a_short_panel_says_how_short(tmp_path):
    panel = noise(seed=1, shares=2, sessions=249)
    with pytest.raises(NoData, match="needs 250 sessions and the panel has 249"):
        train(panel, compute(panel), market=Market.SIM, trained_at=AT, folder=tmp_path)


@pytest.mark.parametrize("seed", range(4))
def test_the_least_history_trains_even_five_shares(tmp_path, seed):
    panel = noise(seed=seed, shares=5, sessions=NEEDED_SESSIONS)
    found = train(panel, compute(panel), market=Market.SIM, trained_at=AT, folder=tmp_path)
    assert found.primary.n_out_of_sample > 0 and found.meta.n_out_of_sample > 0


def test_no_training_label_ends_near_or_after_the_test_starts():
    panel = noise(seed=1)
    features, labels = compute(panel), label(panel)
    for start in (168, 231, 300):
        chosen = samples.training_cases(features, labels, until=start)
        assert chosen.any() and labels.ends[chosen].max() < start - samples.APART
        assert np.flatnonzero(chosen.any(axis=1)).max() < start - samples.APART - 1


def test_too_few_sessions_before_a_fold_say_so():
    panel = noise(seed=1)
    with pytest.raises(NoData, match="no labelled case lies before session 70"):
        samples.training_cases(compute(panel), label(panel), until=70)


def forward(panel: Panel) -> walk.Unseen:
    said = walk.walk_forward(
        compute(panel), label(panel), learners=[LGBM], progress=lambda _share, _words: None
    )
    return said["lgbm"]


@pytest.fixture(scope="module")
def unseen() -> walk.Unseen:
    panel = noise(seed=1)
    return forward(panel)


def test_folds_follow_each_other_in_time_and_cover_every_case_once(unseen):
    for earlier, later in pairwise(range(walk.FOLDS)):
        last = unseen.session[unseen.fold == earlier].max()
        assert last < unseen.session[unseen.fold == later].min()
    places = unseen.session * 1000 + unseen.share
    assert len(np.unique(places)) == len(places)


def test_calibration_learns_nothing_from_the_fold_it_judges_or_just_before_it(unseen):
    # turning over every outcome of the last fold, and of labels that end in it or just before
    # it, changes none of the last fold's probabilities
    start = int(unseen.session[unseen.fold == walk.FOLDS - 1].min())
    late = unseen.ends >= start - samples.APART
    turned = np.where(late, 1, unseen.outcome).astype(np.int8)
    before, after = walk.judge(unseen), walk.judge(replace(unseen, outcome=turned))
    last = before.cases.fold == walk.FOLDS - 1
    assert last.any()
    np.testing.assert_array_equal(before.p[last], after.p[last])
    np.testing.assert_array_equal(before.base[last], after.base[last])
    np.testing.assert_array_equal(before.strong[last], after.strong[last])


def test_the_future_changes_no_earlier_fold(unseen):
    panel = noise(seed=1)
    cut = int(unseen.session[unseen.fold == 1].max()) + 12
    wild = {name: getattr(panel, name).copy() for name in ("open", "high", "low", "close")}
    for values in wild.values():
        values[cut:] *= 3.0
    changed = replace(panel, **wild)
    again = forward(changed)
    for fold in (0, 1):
        np.testing.assert_array_equal(
            unseen.raw[unseen.fold == fold], again.raw[again.fold == fold]
        )
