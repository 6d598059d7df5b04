"""Support vector regression with a Gaussian kernel on a sample, kept as its support vectors.

It learns the outcome as a number from -1 to 1; a logistic line on the later part of what it is
given, which it has not learnt from, turns that number into chances.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.models.calibrate import Places
from core.models.cases import Cases, Sample
from core.models.logistic import softmax_line, spread_of, standardised
from core.models.samples import APART
from core.panel import Floats

MOST = 4_000  # cases; the time it takes grows with their square
LATER = 0.3  # of them, the last in time, for the line
FILE = "svr.json"
STRENGTH, TUBE = 0.3, 0.2
FIELDS = ("mean", "spread", "vectors", "duals", "bias", "line", "starts")


@dataclass(frozen=True, slots=True)
class Vectors:
    """Support vectors (m, n_features) with their duals (m,); `line` and `starts` (3,) make chances.

    `bias` and `width` are single numbers, `width` the kernel's.
    """

    mean: Floats
    spread: Floats
    vectors: Floats
    duals: Floats
    bias: Floats
    line: Floats
    starts: Floats
    width: float

    def scores(self, cases: Cases) -> Floats:
        """Chances of the three outcomes."""
        logits = self._score(self._standard(cases))[:, None] * self.line + self.starts
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float64)

    def leaning(self, cases: Cases) -> Floats:
        """What each feature moves target against stop: the log-odds less those at its mean."""
        rows = self._standard(cases)
        whole, out = self._score(rows), np.empty(rows.shape)
        for column in range(rows.shape[1]):
            without = rows.copy()
            without[:, column] = 0.0
            out[:, column] = whole - self._score(without)
        return np.asarray(out * (self.line[2] - self.line[0]), np.float64)

    def files(self) -> dict[str, bytes]:
        """The numbers as JSON."""
        arrays = {name: getattr(self, name).tolist() for name in FIELDS}
        return {FILE: json.dumps({**arrays, "width": self.width}).encode()}

    def _standard(self, cases: Cases) -> Floats:
        return standardised(cases, self.mean, self.spread)

    def _kernel(self, rows: Floats) -> Floats:
        if not len(self.vectors):  # all outcomes were the same: the bias says all
            return np.zeros((len(rows), 0))
        apart = (
            (rows**2).sum(axis=1)[:, None]
            + (self.vectors**2).sum(axis=1)
            - 2.0 * rows @ self.vectors.T
        )
        return np.asarray(np.exp(-self.width * np.maximum(apart, 0.0)), np.float64)

    def _score(self, rows: Floats) -> Floats:
        return np.asarray(self._kernel(rows) @ self.duals + self.bias, np.float64)


@dataclass(frozen=True, slots=True)
class SvrLearner:
    """Support vector regression on at most MOST cases."""

    kind: str = "svr"
    words: str = "support vectors"
    needs: tuple[str, ...] = ("sklearn",)

    def fit(self, sample: Sample, *, seed: int) -> Vectors:
        """Learn from the earlier cases of a sample, then fit the line on its later ones."""
        from sklearn.svm import SVR

        taken = np.sort(np.random.default_rng(seed).permutation(len(sample))[:MOST])
        cut = max(1, int((1.0 - LATER) * len(taken)))
        early, late = _parted(sample.cases.session, taken, cut)
        mean, spread = spread_of(sample.cases.only(early).rows().astype(np.float64))
        rows = standardised(sample.cases.only(early), mean, spread)
        width = 1.0 / rows.shape[1]
        found = SVR(C=STRENGTH, epsilon=TUBE, gamma=width).fit(
            rows, sample.outcome[early].astype(np.float64), sample_weight=sample.weight[early]
        )
        made = Vectors(
            mean=mean,
            spread=spread,
            vectors=np.asarray(found.support_vectors_, np.float64).reshape(-1, rows.shape[1]),
            duals=np.asarray(found.dual_coef_, np.float64).ravel(),
            bias=np.asarray(found.intercept_, np.float64),
            line=np.zeros(3),
            starts=np.zeros(3),
            width=width,
        )
        said = made._score(standardised(sample.cases.only(late), mean, spread))
        line, starts = softmax_line(said[:, None], sample.outcome[late], sample.weight[late], 1.0)
        return Vectors(mean, spread, made.vectors, made.duals, made.bias, line[:, 0], starts, width)

    def read(self, files: Mapping[str, bytes], names: tuple[str, ...]) -> Vectors:
        """The numbers back."""
        fields = json.loads(files[FILE])
        arrays = {name: np.asarray(fields[name], np.float64) for name in FIELDS}
        return Vectors(width=float(fields["width"]), **arrays)


def _parted(session: Places, taken: Places, cut: int) -> tuple[Places, Places]:
    """Earlier and later cases whose labels do not overlap; both are all of them where none is left.

    Args:
        taken: places of cases, in the order of their sessions.
    """
    begins = session[taken[min(cut, len(taken) - 1)]]
    early, late = taken[session[taken] < begins - APART], taken[session[taken] >= begins]
    return (early, late) if len(early) else (taken, taken)


SVR_SAMPLED = SvrLearner()
