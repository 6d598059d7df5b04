"""Every learner, held to what the port promises: the same again, back from files, any sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from core.features.compute import compute
from core.models.barriers import label
from core.models.cases import Sample
from core.models.learners import LEARNERS, lacking
from core.models.logistic import LASSO
from core.models.nets import NetLearner
from core.models.port import Fitted, Learner
from core.models.samples import sample
from tests.models.made import noise

PANEL = noise(seed=5, shares=8, sessions=200)
FEATURES = compute(PANEL)
SAMPLE = sample(FEATURES, label(PANEL), until=190)


def small(one: Learner) -> Learner:
    """The same on few windows, which take a tenth of the time."""
    return replace(one, most=60, length=min(one.length, 8)) if isinstance(one, NetLearner) else one


EVERY = [pytest.param(small(one), id=kind, marks=pytest.mark.skipif(
    bool(lacking(one)), reason=f"{lacking(one)} is installed beside the running desk"))
    for kind, one in LEARNERS.items()]  # fmt: skip
every = pytest.mark.parametrize("one", EVERY)


@cache
def fitted(one: Learner) -> Fitted:
    return one.fit(SAMPLE, seed=7)


def of(keep: np.ndarray, *, weight: np.ndarray | None = None) -> Sample:
    """Some of the cases, or all with other weights."""
    weights = SAMPLE.weight if weight is None else weight / weight.mean()
    return Sample(SAMPLE.cases.only(keep), SAMPLE.outcome[keep], weights[keep])


def on(change: Callable[[np.ndarray], None]) -> Sample:
    """The same cases on features that were changed."""
    values = FEATURES.values.copy()
    change(values)
    return replace(SAMPLE, cases=replace(SAMPLE.cases, features=replace(FEATURES, values=values)))


@every
def test_a_model_back_from_its_files_says_the_same_to_the_bit(one: Learner):
    made = fitted(one)
    again = one.read(made.files(), FEATURES.names)
    scores = made.scores(SAMPLE.cases)
    assert scores.shape == (len(SAMPLE), 3) and np.isfinite(scores).all()
    np.testing.assert_allclose(scores.sum(axis=1), 1.0, atol=1e-6)
    np.testing.assert_array_equal(again.scores(SAMPLE.cases), scores)
    few = SAMPLE.cases.only(np.arange(3))
    np.testing.assert_array_equal(again.leaning(few), made.leaning(few))


@every
def test_the_same_sample_and_seed_give_the_same_files(one: Learner):
    assert one.fit(SAMPLE, seed=7).files() == fitted(one).files()


@every
def test_what_is_infinite_is_missing_and_a_dead_column_does_no_harm(one: Learner):
    def spoiled(by: float) -> Sample:
        def change(values: np.ndarray) -> None:
            values[80:90, :, 2] = by
            values[:, :, 0], values[:, :, 1] = 3.0, np.nan

        return on(change)

    missing, infinite = spoiled(np.nan), spoiled(np.inf)
    found = one.fit(missing, seed=7).scores(missing.cases)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(one.fit(infinite, seed=7).scores(infinite.cases), found)


@every
@pytest.mark.parametrize("outcome", [-1, 1])
def test_a_fold_in_which_all_ended_alike_says_so_of_everybody(one: Learner, outcome: int):
    made = one.fit(of(SAMPLE.outcome == outcome), seed=7)
    found = one.read(made.files(), FEATURES.names).scores(SAMPLE.cases).mean(axis=0)
    assert found[outcome + 1] > fitted(one).scores(SAMPLE.cases)[:, outcome + 1].mean() + 0.05
    if not isinstance(one, NetLearner):
        assert found[outcome + 1] > 0.7
    assert np.isfinite(made.leaning(SAMPLE.cases.only(np.arange(2)))).all()


@every
def test_an_outcome_that_never_came_gets_the_smallest_chance(one: Learner):
    # no stops: what is left are the classes 1 and 2, and 1 came more often
    made = one.fit(of(SAMPLE.outcome != -1), seed=7)
    mean = made.scores(SAMPLE.cases).mean(axis=0)
    assert mean[0] < mean[2] < mean[1]
    if not isinstance(one, NetLearner):
        assert mean[0] < 0.1


@pytest.mark.parametrize("one", [LEARNERS["forest"], LEARNERS["extra"]], ids=["forest", "extra"])
def test_a_forest_with_too_few_cases_to_split_says_how_often_each_outcome_came(one: Learner):
    few = of(np.arange(len(SAMPLE)) % 3 == 0)
    rates = [np.average(few.outcome == said, weights=few.weight) for said in (-1, 0, 1)]
    made = one.fit(few, seed=7)
    np.testing.assert_allclose(made.scores(SAMPLE.cases), [rates] * len(SAMPLE), atol=1e-9)
    np.testing.assert_array_equal(made.leaning(SAMPLE.cases), 0.0)


@every
def test_a_case_counts_by_its_weight(one: Learner):
    everybody = np.ones(len(SAMPLE), bool)
    heavy = of(everybody, weight=np.where(SAMPLE.outcome == 1, 8.0, 1.0))
    usual = fitted(one).scores(SAMPLE.cases)[:, 2].mean()
    assert one.fit(heavy, seed=7).scores(SAMPLE.cases)[:, 2].mean() > usual + 0.05


def test_lasso_leaves_features_out_and_ridge_leaves_none():
    weights = {
        kind: LEARNERS[kind].fit(SAMPLE, seed=7).weights
        for kind in ("lasso", "elastic", "logistic")
    }
    zeros = {kind: int((found == 0).all(axis=0).sum()) for kind, found in weights.items()}
    assert zeros["lasso"] >= zeros["elastic"] >= zeros["logistic"]
    assert zeros["lasso"] > 0 and LASSO.mixed == 1.0
