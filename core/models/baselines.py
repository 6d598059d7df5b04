"""What every model has to beat: the base rate, one number's momentum, and five plain features."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.models.cases import Cases, Sample
from core.models.logistic import LogisticLearner
from core.models.port import CLASSES, Learner
from core.panel import Floats

FILE = "base.json"


@dataclass(frozen=True, slots=True)
class Rate:
    """The same chances for everybody."""

    chances: tuple[float, ...]

    def scores(self, cases: Cases) -> Floats:
        """The base rates, once a case."""
        return np.tile(np.array(self.chances), (len(cases), 1))

    def leaning(self, cases: Cases) -> Floats:
        """It leans on nothing."""
        return np.zeros((len(cases), len(cases.names)))

    def files(self) -> dict[str, bytes]:
        """The rates as JSON."""
        return {FILE: json.dumps(list(self.chances)).encode()}


@dataclass(frozen=True, slots=True)
class RateLearner:
    """Says how often each outcome came before."""

    kind: str = "base"
    words: str = "base rate"
    needs: tuple[str, ...] = ()

    def fit(self, sample: Sample, *, seed: int) -> Rate:
        """Weighted rates, an outcome never seen counting as half a case."""
        seen = np.bincount(sample.outcome.astype(np.int64) + 1, sample.weight, CLASSES) + 0.5
        return Rate(tuple((seen / seen.sum()).tolist()))

    def read(self, files: Mapping[str, bytes], names: tuple[str, ...]) -> Rate:
        """The rates back."""
        return Rate(tuple(json.loads(files[FILE])))


FIVE = ("ret_5", "mom_12_1", "rsi_14", "vol_20", "dist_sma_50")
RANKED_BY = {"momentum": "mom_12_1"}  # its shares are ranked by the number as it is
BASELINES: tuple[Learner, ...] = (
    RateLearner(),
    LogisticLearner("momentum", "momentum 12-1 alone", 1.0, only=("mom_12_1",)),
    LogisticLearner("five", "logistic on five features", 1.0, only=FIVE),
)
