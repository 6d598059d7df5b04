"""LightGBM with the settings that make it repeatable and kind to a busy machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import lightgbm

CLASSES = 3  # 0 stop first, 1 time, 2 target first
ROUNDS = 80
SETTINGS = {
    "objective": "multiclass",
    "num_class": CLASSES,
    "learning_rate": 0.06,
    "num_leaves": 15,
    "max_bin": 63,
    "min_data_in_leaf": 300,
    "feature_fraction": 0.7,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 7,
    "verbosity": -1,
}


def fit_trees(
    rows: NDArray[np.float32], outcome: NDArray[np.int8], names: tuple[str, ...]
) -> lightgbm.Booster:
    """Trees for the three outcomes; `outcome` is -1, 0 or 1."""
    import lightgbm

    chosen = lightgbm.Dataset(rows, label=outcome.astype(np.int32) + 1, feature_name=list(names))
    return lightgbm.train(SETTINGS, chosen, num_boost_round=ROUNDS)


def scores(booster: lightgbm.Booster, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Raw class probabilities, shape (n, 3): stop, time, target."""
    return np.asarray(booster.predict(rows, num_threads=1), np.float64).reshape(-1, CLASSES)
