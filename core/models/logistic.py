"""Logistic regression on standardised features, kept as a few numbers.

A missing value stands at the mean of those it was fitted on, and values are cut at four standard
deviations, so one wild print cannot carry a probability. Mean and deviation come from the cases
it learns from alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.models.cases import Cases, Sample
from core.panel import Floats

FARTHEST = 4.0  # standard deviations
NEVER = -700.0  # log-odds of what never came


@dataclass(frozen=True, slots=True)
class Line:
    """`weights` (3, n_features) and `bias` (3,) on features less `mean` over `spread`."""

    file: str
    mean: Floats
    spread: Floats
    weights: Floats
    bias: Floats

    def scores(self, cases: Cases) -> Floats:
        """Chances by the softmax of the three lines."""
        logits = standardised(cases, self.mean, self.spread) @ self.weights.T + self.bias
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float64)

    def leaning(self, cases: Cases) -> Floats:
        """Weight times standardised value: exact, since the log-odds are a sum."""
        found = standardised(cases, self.mean, self.spread) * (self.weights[2] - self.weights[0])
        return np.asarray(found, np.float64)

    def files(self) -> dict[str, bytes]:
        """The numbers as JSON."""
        fields = ("mean", "spread", "weights", "bias")
        text = json.dumps({name: getattr(self, name).tolist() for name in fields})
        return {self.file: text.encode()}


@dataclass(frozen=True, slots=True)
class LogisticLearner:
    """Ridge-penalised logistic regression; `names` restricts it to some features."""

    kind: str
    words: str
    strength: float  # inverse of the penalty
    only: tuple[str, ...] = ()
    mixed: float = 0.0  # share of the penalty on absolute values
    needs: tuple[str, ...] = ("sklearn",)

    def fit(self, sample: Sample, *, seed: int) -> Line:
        """Standardise, then fit; features left out keep a weight of zero."""
        mean, spread = spread_of(sample.cases.rows().astype(np.float64))
        standard = standardised(sample.cases, mean, spread)
        names = sample.cases.names
        kept = [names.index(name) for name in self.only] if self.only else list(range(len(names)))
        given, bias = softmax_line(
            standard[:, kept], sample.outcome, sample.weight, self.strength, mixed=self.mixed
        )
        weights = np.zeros((3, len(names)))
        weights[:, kept] = given
        return Line(f"{self.kind}.json", mean, spread, weights, bias)

    def read(self, files: Mapping[str, bytes], names: tuple[str, ...]) -> Line:
        """The numbers back."""
        file = f"{self.kind}.json"
        fields = json.loads(files[file])
        return Line(file, **{name: np.asarray(value, np.float64) for name, value in fields.items()})


def spread_of(rows: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of what is known of each feature; 1 where it never moves."""
    known = ~np.isnan(rows)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, rows, 0.0).sum(axis=0) / count
    spread = np.sqrt(np.where(known, (rows - mean) ** 2, 0.0).sum(axis=0) / count)
    return mean, np.where(spread > 1e-12, spread, 1.0)


def standardised(cases: Cases, mean: Floats, spread: Floats) -> Floats:
    """Features in standard deviations, cut far out, the mean where one is missing."""
    rows = (cases.rows().astype(np.float64) - mean) / spread
    return np.nan_to_num(np.clip(rows, -FARTHEST, FARTHEST), nan=0.0)


def softmax_line(
    rows: Floats,
    outcome: NDArray[np.int8],
    weight: Floats,
    strength: float,
    *,
    mixed: float = 0.0,
) -> tuple[Floats, Floats]:
    """Weights (3, n_columns) and bias (3,) of the three outcomes; one never seen has no chance.

    Args:
        strength: inverse of the penalty.
        mixed: 0 for squares, 1 for absolute values, between for both.
    """
    from sklearn.linear_model import LogisticRegression

    weights, bias = np.zeros((3, rows.shape[1])), np.full(3, NEVER)
    if len(np.unique(outcome)) == 1:  # nothing to tell apart
        bias[int(outcome[0]) + 1] = 0.0
        return weights, bias
    way = {"solver": "saga", "l1_ratio": mixed, "tol": 1e-3, "random_state": 0} if mixed else {}
    fitted = LogisticRegression(C=strength, max_iter=100 if mixed else 300, **way).fit(
        rows, outcome, sample_weight=weight
    )
    seen = fitted.classes_.astype(int) + 1
    given, start = fitted.coef_, fitted.intercept_
    if len(seen) == 2:  # one line says both
        given, start = np.vstack([-given / 2, given / 2]), np.array([-start[0], start[0]]) / 2
    weights[seen], bias[seen] = given, start
    return weights, bias


LASSO = LogisticLearner("lasso", "lasso logistic regression", 0.005, mixed=1.0)
ELASTIC = LogisticLearner("elastic", "elastic-net logistic regression", 0.005, mixed=0.5)
LOGISTIC = LogisticLearner("logistic", "logistic regression", 0.02)
