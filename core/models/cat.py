"""CatBoost, kept in its own binary; its contributions are its own SHAP values.

A missing value is less than any other to it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.models.cases import Cases, Rows, Sample
from core.models.port import CLASSES
from core.panel import Floats

if TYPE_CHECKING:
    import catboost

FILE = "catboost.cbm"
OF_THE_MOMENT = ("model_guid", "train_finish_time")  # else no two files of one model are equal
NEXT_TO_NONE = 1e-6  # of a usual case's weight
SETTINGS = {
    "iterations": 80,
    "depth": 5,
    "learning_rate": 0.08,
    "l2_leaf_reg": 20.0,
    "border_count": 64,
    "loss_function": "MultiClass",
    "classes_count": CLASSES,
    "nan_mode": "Min",
    "thread_count": 1,
    "allow_writing_files": False,
    "logging_level": "Silent",
}


@dataclass(frozen=True, slots=True)
class Symmetric:
    """Trained trees."""

    model: catboost.CatBoostClassifier

    def scores(self, cases: Cases) -> Floats:
        """Chances of the three outcomes."""
        found = self.model.predict(cases.rows(), prediction_type="Probability", thread_count=1)
        return np.asarray(found, np.float64).reshape(-1, CLASSES)

    def leaning(self, cases: Cases) -> Floats:
        """Its own split of each score over the features."""
        import catboost

        parts = self.model.get_feature_importance(
            catboost.Pool(cases.rows()), type="ShapValues", thread_count=1
        )
        return np.asarray(parts[:, 2, :-1] - parts[:, 0, :-1], np.float64)

    def files(self) -> dict[str, bytes]:
        """The trees in CatBoost's own format."""
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / FILE
            self.model.save_model(str(place))
            return {FILE: place.read_bytes()}


@dataclass(frozen=True, slots=True)
class CatLearner:
    """CatBoost on numeric features."""

    kind: str = "catboost"
    words: str = "CatBoost"
    needs: tuple[str, ...] = ("catboost",)

    def fit(self, sample: Sample, *, seed: int) -> Symmetric:
        """Trees for the three outcomes."""
        import catboost

        rows, truth, weight = with_every_outcome(sample)
        model = catboost.CatBoostClassifier(**SETTINGS, random_seed=seed)
        model.fit(rows, truth, sample_weight=weight)
        made = model.get_metadata()
        for name in OF_THE_MOMENT:
            made[name] = ""
        return Symmetric(model)

    def read(self, files: Mapping[str, bytes], names: tuple[str, ...]) -> Symmetric:
        """Trees back from CatBoost's own format, which holds numbers alone."""
        import catboost

        model = catboost.CatBoostClassifier()
        model.load_model(blob=files[FILE])
        return Symmetric(model)


def with_every_outcome(sample: Sample) -> tuple[Rows, NDArray[np.int32], Floats]:
    """Rows, classes and weights, with one empty row of next to no weight for each class unseen.

    CatBoost drops a class that never came and would call the others by its number.
    """
    rows, truth = sample.cases.rows(), sample.outcome.astype(np.int32) + 1
    unseen = np.setdiff1d(np.arange(CLASSES, dtype=np.int32), truth)
    return (
        np.concatenate([rows, np.full((len(unseen), rows.shape[1]), np.nan, np.float32)]),
        np.concatenate([truth, unseen]),
        np.concatenate([sample.weight, np.full(len(unseen), NEXT_TO_NONE)]),
    )


CATBOOST = CatLearner()
