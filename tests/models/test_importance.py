"""The feature that carries a planted drift is the one that every figure names first."""

import numpy as np
import pytest

from core.features.table import WORDS
from core.models.barriers import label
from core.models.cases import Cases
from core.models.importance import costs
from core.models.lgbm import LGBM
from core.models.samples import sample
from core.models.walk import SEED, fold_bounds


@pytest.mark.parametrize("kind", ["lgbm", "forest", "logistic"])
def test_the_planted_feature_moves_every_member_most(kind, learnt):
    ranked = learnt.primary.manifest["importance"][kind]
    assert ranked[0][0] == "tilt" and {name for name, _ in ranked} == set(learnt.features.names)
    values = [value for _, value in ranked]
    assert values == sorted(values, reverse=True) and values[-1] >= 0


def test_importance_is_the_mean_size_of_the_newest_contributions(learnt):
    features, trees = learnt.features, learnt.primary.members["lgbm"]
    place, share = np.nonzero(~np.isnan(features.column("ret_60")[-5:]))
    cases = Cases(features, place + len(features.sessions) - 5, share)
    mean = np.abs(trees.leaning(cases)).mean(axis=0)
    kept = dict(learnt.primary.manifest["importance"]["lgbm"])
    assert kept["tilt"] == pytest.approx(mean[features.names.index("tilt")])


@pytest.mark.parametrize("kind", ["lgbm", "forest", "logistic"])
def test_losing_the_planted_group_costs_most_and_losing_the_others_little(kind, learnt):
    ranked = learnt.primary.manifest["costs"][kind]
    assert ranked[0][0] == WORDS["tilt"].group == "events" and ranked[0][1] > 0.01
    assert all(abs(cost) < 0.3 * ranked[0][1] for _, cost in ranked[1:])
    assert {name for name, _ in ranked} == {WORDS[name].group for name in learnt.features.names}


def test_costs_are_measured_on_the_fold_with_the_models_given(learnt):
    features, labels = learnt.features, label(learnt.panel)
    before = LGBM.fit(sample(features, labels, until=340), seed=7)
    asked = {"start": 340, "end": 420, "seed": 7}
    told = []
    found = costs(
        {"lgbm": before}, features, labels, **asked, progress=lambda *said: told.append(said)
    )
    assert set(found) == {"lgbm"} and found["lgbm"][0][0] == "events"
    assert told == [(0.0, "measuring what lgbm leans on")]


def test_the_costs_kept_are_those_of_models_fitted_before_the_last_fold(learnt):
    features, labels = learnt.features, label(learnt.panel)
    start, end = fold_bounds(len(features.sessions))[-2:]
    before = LGBM.fit(sample(features, labels, until=start), seed=SEED)
    found = costs(
        {"lgbm": before}, features, labels,
        start=start, end=end, seed=SEED, progress=lambda _share, _words: None,
    )  # fmt: skip
    assert learnt.primary.manifest["costs"]["lgbm"] == found["lgbm"]
