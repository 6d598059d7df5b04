"""XGBoost, kept in its own JSON; its contributions are its own TreeExplainer's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.models.cases import Cases, Sample
from core.models.port import CLASSES
from core.panel import Floats

if TYPE_CHECKING:
    import xgboost

FILE = "xgboost.json"
ROUNDS = 80
SETTINGS = {
    "objective": "multi:softprob",
    "num_class": CLASSES,
    "tree_method": "hist",
    "max_bin": 64,
    "eta": 0.06,
    "max_depth": 4,
    "min_child_weight": 200,
    "colsample_bytree": 0.7,
    "lambda": 5.0,
    "nthread": 1,
    "verbosity": 0,
}


@dataclass(frozen=True, slots=True)
class Boosted:
    """Trained trees."""

    booster: xgboost.Booster

    def scores(self, cases: Cases) -> Floats:
        """Chances of the three outcomes."""
        found = self.booster.inplace_predict(cases.rows())
        return np.asarray(found, np.float64).reshape(-1, CLASSES)

    def leaning(self, cases: Cases) -> Floats:
        """Its own split of each score over the features."""
        import xgboost

        parts = self.booster.predict(xgboost.DMatrix(cases.rows(), nthread=1), pred_contribs=True)
        shaped = np.asarray(parts, np.float64).reshape(len(cases), CLASSES, -1)
        return np.asarray(shaped[:, 2, :-1] - shaped[:, 0, :-1], np.float64)

    def files(self) -> dict[str, bytes]:
        """The trees as JSON."""
        return {FILE: bytes(self.booster.save_raw(raw_format="json"))}


@dataclass(frozen=True, slots=True)
class XgbLearner:
    """XGBoost with histograms."""

    kind: str = "xgboost"
    words: str = "XGBoost"
    needs: tuple[str, ...] = ("xgboost",)

    def fit(self, sample: Sample, *, seed: int) -> Boosted:
        """Trees for the three outcomes."""
        import xgboost

        given = xgboost.DMatrix(
            sample.cases.rows(),
            label=sample.outcome.astype(np.int32) + 1,
            weight=sample.weight,
            nthread=1,
        )
        return Boosted(xgboost.train({**SETTINGS, "seed": seed}, given, num_boost_round=ROUNDS))

    def read(self, files: Mapping[str, bytes], names: tuple[str, ...]) -> Boosted:
        """Trees back from their JSON."""
        import xgboost

        booster = xgboost.Booster({"nthread": 1})
        booster.load_model(bytearray(files[FILE]))
        return Boosted(booster)


XGBOOST = XgbLearner()
