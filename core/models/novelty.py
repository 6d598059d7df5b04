"""Whether a share's features are unlike anything a model learnt from.

An isolation forest: what few random cuts set apart from the rest is odd. It is fitted by
scikit-learn and kept as plain numbers, so that reading it runs no code and a row is scored in well
under a millisecond. A missing value stands at the usual one; that it is missing is told by the
quality of the data, not here. Source: F. T. Liu, K. M. Ting, Z.-H. Zhou, Isolation forest, ICDM
(2008).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.features.table import WORDS
from core.models.cases import Rows
from core.panel import Floats

if TYPE_CHECKING:
    from sklearn.ensemble import IsolationForest

FILE = "novelty.json"
TREES, ROWS_A_TREE = 64, 256
CASES = 20_000  # training rows that say what is usual
USUAL = 0.999  # of the training rows are less odd than what is flagged
AT_ONCE = 4096
NAMED = 2  # features named as far out
UNLIKE = "unlike anything the model learnt from"
EULER = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class Novelty:
    """Trees laid end to end: `feature`, `cut`, `left`, `right` and `length` of every node.

    A leaf leads to itself; `length` is the mean path to it. `roots` are the first nodes and
    `usual_path` what scores are measured against. `fill`, `low` and `high` (n_features,) are the
    usual, least and greatest value seen. A row is odd from the score `limit` on.
    """

    names: tuple[str, ...]
    fill: Floats
    low: Floats
    high: Floats
    feature: NDArray[np.int64]
    cut: NDArray[np.float32]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    length: Floats
    roots: NDArray[np.int64]
    usual_path: float
    limit: float

    def scores(self, rows: Rows) -> Floats:
        """How odd each row is, from 0 to 1, shape (n,); the ordinary lies below one half."""
        filled = np.where(np.isnan(rows), self.fill.astype(np.float32), rows)
        starts = range(0, len(rows), AT_ONCE)
        parts = [self._scored(filled[start : start + AT_ONCE]) for start in starts]
        return np.concatenate(parts) if parts else np.empty(0)

    def words(self, rows: Rows) -> list[str]:
        """What is odd about each row, "" for one like those seen.

        A single value further beyond all seen than those span is odd too: among many features no
        random cut may meet it.
        """
        span = self.high - self.low
        with np.errstate(invalid="ignore"):
            out = np.maximum(rows - self.high, self.low - rows) / np.where(span > 0, span, 1.0)
        far = np.nan_to_num(out, nan=0.0)
        odd = (self.scores(rows) >= self.limit) | (far > 1.0).any(axis=1)
        found = [""] * len(rows)
        for place in np.flatnonzero(odd).tolist():
            found[place] = self._said(rows[place], far[place])
        return found

    def to_bytes(self) -> bytes:
        """The forest as JSON."""
        arrays = {name: getattr(self, name).tolist() for name in _ARRAYS}
        plain = {"names": self.names, "usual_path": self.usual_path, "limit": self.limit}
        return json.dumps({**plain, **arrays}).encode()

    def _scored(self, rows: Rows) -> Floats:
        at = np.tile(self.roots, (len(rows), 1))
        line = np.arange(len(rows))[:, None]
        while True:
            lower = rows[line, self.feature[at]] <= self.cut[at]
            below = np.where(lower, self.left[at], self.right[at])
            if np.array_equal(below, at):
                break
            at = below
        return np.asarray(2.0 ** (-self.length[at].mean(axis=1) / self.usual_path))

    def _said(self, row: Rows, far: Floats) -> str:
        """The sentence, with the features that lie furthest beyond those seen.

        Where none does, those are named without which the row would be least odd.
        """
        order = _largest(far)
        if order:
            verb = "lies" if len(order) == 1 else "lie"
            return f"{UNLIKE}: {self._named(order)} {verb} beyond all it saw"
        usual = np.where(np.eye(len(row), dtype=bool), self.fill.astype(np.float32), row)
        order = _largest(self.scores(row[None]) - self.scores(usual))
        return f"{UNLIKE}, taken together" + (
            f", most of all {self._named(order)}" if order else ""
        )

    def _named(self, order: list[int]) -> str:
        return " and ".join(WORDS[self.names[i]].words for i in order)


def _largest(values: Floats) -> list[int]:
    """The places of the largest values above zero, at most `NAMED`."""
    return [int(i) for i in np.argsort(-values, kind="stable")[:NAMED] if values[i] > 0]


_ARRAYS = ("fill", "low", "high", "feature", "cut", "left", "right", "length", "roots")
_WHOLE = ("feature", "left", "right", "roots")


def novelty_from(content: bytes) -> Novelty:
    """A forest back from JSON."""
    fields: dict[str, Any] = json.loads(content)
    kinds: dict[str, type[np.generic]] = {"cut": np.float32} | dict.fromkeys(_WHOLE, np.int64)
    arrays: dict[str, Any] = {
        name: np.asarray(fields[name], kinds.get(name, np.float64)) for name in _ARRAYS
    }
    return Novelty(
        names=tuple(fields["names"]),
        usual_path=float(fields["usual_path"]),
        limit=float(fields["limit"]),
        **arrays,
    )


def fit_novelty(rows: Rows, names: tuple[str, ...], *, seed: int) -> Novelty:
    """Learn what is usual from training rows, shape (n, n_features), NaN for missing."""
    from sklearn.ensemble import IsolationForest

    chosen = rows[np.linspace(0, len(rows) - 1, min(CASES, len(rows))).astype(np.int64)]
    known = ~np.isnan(chosen).all(axis=0)
    fill, low, high = (np.zeros(rows.shape[1]) for _ in range(3))
    fill[known] = np.nanmedian(chosen[:, known], axis=0)
    low[known], high[known] = (
        np.nanmin(chosen[:, known], axis=0),
        np.nanmax(chosen[:, known], axis=0),
    )
    a_tree = min(ROWS_A_TREE, len(chosen))
    forest = IsolationForest(n_estimators=TREES, max_samples=a_tree, random_state=seed).fit(
        np.where(np.isnan(chosen), fill.astype(np.float32), chosen)
    )
    path = float(_mean_paths(np.array([a_tree]))[0])
    found = Novelty(names, fill, low, high, **_laid_out(forest), usual_path=path, limit=1.0)
    return replace(found, limit=float(np.quantile(found.scores(chosen), USUAL)))


def flagged_later(past: Rows, later: Rows, names: tuple[str, ...], *, seed: int) -> float:
    """What share of later rows a forest that learnt from earlier ones alone takes for odd."""
    found = fit_novelty(past, names, seed=seed)
    return float(np.mean([bool(words) for words in found.words(later)]))


def _laid_out(forest: IsolationForest) -> dict[str, NDArray[Any]]:
    """The forest's trees end to end."""
    parts: dict[str, list[NDArray[Any]]] = {
        name: [] for name in ("feature", "cut", "left", "right", "length")
    }
    roots = [0]
    for one in forest.estimators_:
        tree, first = one.tree_, roots[-1]
        here = first + np.arange(tree.node_count)
        leaf = tree.children_left < 0
        parts["feature"].append(np.where(leaf, 0, tree.feature))
        parts["cut"].append(_just_below(tree.threshold))
        parts["left"].append(np.where(leaf, here, first + tree.children_left))
        parts["right"].append(np.where(leaf, here, first + tree.children_right))
        parts["length"].append(_depths(tree) + _mean_paths(tree.n_node_samples))
        roots.append(first + int(tree.node_count))
    joined = {name: np.concatenate(found) for name, found in parts.items()}
    return {**joined, "roots": np.array(roots[:-1], np.int64)}


def _just_below(cuts: Floats) -> NDArray[np.float32]:
    """The largest single-precision number that is no greater, so that `<=` says the same."""
    found = cuts.astype(np.float32)
    return np.where(found > cuts, np.nextafter(found, np.float32(-np.inf)), found)


def _depths(tree: Any) -> Floats:
    """Steps from the root to each node; a child stands behind its parent."""
    depth = np.zeros(tree.node_count)
    for place in range(tree.node_count):
        for below in (tree.children_left[place], tree.children_right[place]):
            if below >= 0:
                depth[below] = depth[place] + 1
    return depth


def _mean_paths(counts: NDArray[np.int64]) -> Floats:
    """Mean path in a tree of so many rows that was not grown further."""
    n = np.maximum(counts.astype(np.float64), 2.0)
    long = 2.0 * (np.log(n - 1.0) + EULER) - 2.0 * (n - 1.0) / n
    return np.where(counts <= 1, 0.0, np.where(counts == 2, 1.0, np.where(counts > 2, long, 0.0)))
