"""LightGBM, as boosted trees and as a random forest, repeatable and kind to a busy machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from core.models.cases import Cases, Sample
from core.models.port import CLASSES
from core.models.tree_text import TextBooster
from core.panel import Floats

if TYPE_CHECKING:
    import lightgbm

COMMON = {
    "objective": "multiclass",
    "num_class": CLASSES,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
BOOSTED = {
    "learning_rate": 0.06,
    "num_leaves": 15,
    "min_data_in_leaf": 300,
    "feature_fraction": 0.7,
    "lambda_l2": 5.0,
}
FOREST = {
    "boosting": "rf",
    "num_leaves": 63,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
}


LEAVES = re.compile(r"^num_leaves=(\d+)$", re.MULTILINE)
NEVER = 1e-15  # LightGBM's own share of an outcome that never came


@dataclass(frozen=True, slots=True)
class Trees:
    """Trained trees; `file` is what they are kept as, in LightGBM's own text.

    `mean_of` is 1 where trees add up, and how many there are where a score is their mean.
    """

    booster: lightgbm.Booster | TextBooster
    file: str
    mean_of: int = 1

    def scores(self, cases: Cases) -> Floats:
        """Raw class chances."""
        found = self.booster.predict(cases.rows(), num_threads=1)
        return np.asarray(found, np.float64).reshape(-1, CLASSES)

    def leaning(self, cases: Cases) -> Floats:
        """LightGBM's own split of each score over its features, which is TreeExplainer's.

        It gives a forest's as a sum over trees, although the score is their mean.
        """
        given = self.booster.predict(cases.rows(), pred_contrib=True, num_threads=1)
        parts = np.asarray(given).reshape(len(cases), CLASSES, len(cases.names) + 1)
        return np.asarray(parts[:, 2, :-1] - parts[:, 0, :-1], np.float64) / self.mean_of

    def files(self) -> dict[str, bytes]:
        """The trees as text."""
        return {self.file: self.booster.model_to_string().encode()}


@dataclass(frozen=True, slots=True)
class TreeLearner:
    """LightGBM with some settings."""

    kind: str
    words: str
    rounds: int
    settings: Mapping[str, Any] = field(hash=False)
    needs: tuple[str, ...] = ("lightgbm",)

    def fit(self, sample: Sample, *, seed: int) -> Trees:
        """Trees for the three outcomes."""
        import lightgbm

        chosen = lightgbm.Dataset(
            sample.cases.rows(),
            label=sample.outcome.astype(np.int32) + 1,
            weight=sample.weight,
            feature_name=list(sample.cases.names),
        )
        settings = {**COMMON, **self.settings, "seed": seed}
        booster = lightgbm.train(settings, chosen, num_boost_round=self.rounds)
        if self._is_forest:
            _say_the_rate(booster, sample)
        return self._trees(booster)

    def read(self, files: Mapping[str, bytes], names: tuple[str, ...]) -> Trees:
        """Trees back from their text."""
        return self._trees(TextBooster(files[f"{self.kind}.txt"].decode()))

    @property
    def _is_forest(self) -> bool:
        return self.settings.get("boosting") == "rf"

    def _trees(self, booster: lightgbm.Booster | TextBooster) -> Trees:
        grown = booster.current_iteration() if self._is_forest else 1
        return Trees(booster, f"{self.kind}.txt", mean_of=max(1, grown))


def _say_the_rate(booster: lightgbm.Booster, sample: Sample) -> None:
    """Let a forest's trees without a split say how often their outcome came.

    LightGBM lets them say nothing, and their mean is then drawn towards a third for each outcome,
    even for one that never came.
    """
    leaves = [int(count) for count in LEAVES.findall(booster.model_to_string())]
    if 1 not in leaves:
        return
    rates = np.bincount(sample.outcome.astype(np.int64) + 1, sample.weight, CLASSES)
    said = np.log(np.maximum(rates / rates.sum(), NEVER)).tolist()
    for tree, count in enumerate(leaves):
        if count == 1:
            booster.set_leaf_output(tree, 0, said[tree % CLASSES])


LGBM = TreeLearner("lgbm", "LightGBM, boosted trees", 80, BOOSTED)
RANDOM_FOREST = TreeLearner("forest", "random forest", 60, FOREST)
EXTRA_TREES = TreeLearner("extra", "extra trees", 60, {**FOREST, "extra_trees": True})
