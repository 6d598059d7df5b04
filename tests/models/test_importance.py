"""The feature that carries a planted drift is the one that every figure names first."""

import numpy as np
import pytest

from core.features.table import WORDS
from core.models.barriers import label
from core.models.cases import Cases
from core.models.importance import costs
from core.models.lgbm import LGBM


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


def test_costs_are_measured_with_a_model_that_never_saw_the_fold(learnt):
    # what happens in the fold changes what losing a group costs, never the model it is measured on
    labels = label(learnt.panel)
    asked = {"start": 340, "end": 420, "seed": 7}
    seen = []

    class Watched:
        kind, words, needs = "lgbm", "watched", ()

        def fit(self, sample, *, seed):
            seen.append(int(sample.cases.session.max()))
            return LGBM.fit(sample, seed=seed)

    told = []
    found = costs(
        [Watched()], learnt.features, labels, **asked, progress=lambda *said: told.append(said)
    )
    assert seen[0] < 340 - 10 and set(found) == {"lgbm"}
    assert told == [(0.0, "measuring what watched leans on")]
