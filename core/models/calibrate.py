"""From raw scores to probabilities that mean what they say, as plain tables.

Platt scaling of out-of-fold scores, a logistic line through their log-odds: a walk forward sees
few market regimes, and isotonic regression learns those by heart. Each bin of calibrated
probability then carries how many cases it was measured on and an interval. Labels of
neighbouring sessions overlap, so blocks of sessions are resampled and cases are counted only on
sessions that lie apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.signal import Probability
from core.panel import Floats

BINS = 10
POINTS = 201
RESAMPLES = 2000
LOW, HIGH = 5.0, 95.0  # percentiles of a 90 % interval
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Curve:
    """Score to probability, linear between points; `edges` part the bins measured."""

    scores: Floats
    probabilities: Floats
    edges: Floats
    rates: Floats
    lows: Floats
    highs: Floats
    counts: Floats  # whole numbers

    def to_json(self) -> dict[str, list[float]]:
        """The curve as plain lists."""
        return {name: [float(value) for value in getattr(self, name)] for name in self.__slots__}

    def apply(self, scores: Floats) -> Floats:
        """Calibrated probabilities."""
        return np.asarray(np.interp(scores, self.scores, self.probabilities), np.float64)

    def probability(self, p: float) -> Probability:
        """One calibrated probability with the interval and the count of its bin.

        Beyond what its bin was measured at, the interval is widened until it holds the probability.
        """
        p = float(np.clip(p, 0.0, 1.0))
        place = int(_bins(np.asarray([p]), self.edges)[0])
        low, high = float(self.lows[place]), float(self.highs[place])
        return Probability(
            p, max(0.0, min(low, p)), min(1.0, max(high, p)), int(self.counts[place])
        )


def curve_from(fields: dict[str, Any]) -> Curve:
    """A curve back from plain lists."""
    return Curve(**{name: np.asarray(values, np.float64) for name, values in fields.items()})


def fit_curve(scores: Floats, hits: Bools, sessions: Places, *, apart: int, seed: int) -> Curve:
    """Fit Platt scaling and measure its bins; scores that mislead all become the mean rate.

    Args:
        scores: raw out-of-fold scores, shape (n,).
        hits: whether it came true, shape (n,).
        sessions: session index of each case, shape (n,).
        apart: sessions after which two labels no longer overlap.
    """
    xs, ys = _platt(scores, hits)
    calibrated = np.interp(scores, xs, ys)
    edges = np.unique(np.quantile(calibrated, np.linspace(0, 1, BINS + 1))[:-1])
    places = _bins(calibrated, edges)
    cases, true = _sums(places, hits, sessions // (2 * apart), bins=len(edges))
    rates = true.sum(axis=0) / np.maximum(cases.sum(axis=0), 1)
    draws = _draws(len(cases), seed=seed)
    seen = (draws @ true) / np.maximum(draws @ cases, 1)
    counts = np.bincount(places[sessions % apart == 0], minlength=len(edges))
    return Curve(
        scores=xs,
        probabilities=ys,
        edges=edges,
        rates=rates,
        lows=np.minimum(np.percentile(seen, LOW, axis=0), rates),
        highs=np.maximum(np.percentile(seen, HIGH, axis=0), rates),
        counts=counts.astype(np.float64),
    )


@dataclass(frozen=True, slots=True)
class Skill:
    """Brier score against the base rate's, with a 90 % interval of 1 - brier / base.

    `n` counts cases whose labels do not overlap in time.
    """

    brier: float
    base: float
    skill: float
    low: float
    high: float
    base_rate: float
    n: int


def skill_of(
    p: Floats, base: Floats, hits: Bools, sessions: Places, *, apart: int, seed: int
) -> Skill:
    """Skill of probabilities over a base rate known beforehand; blocks of sessions resampled.

    The interval is widened as Student's t is over the normal for so many blocks, for a bootstrap
    of few blocks comes out too narrow; a single block gives -1 to 1.
    """
    blocks, block = np.unique(sessions // (2 * apart), return_inverse=True)
    ours = np.bincount(block, (p - hits) ** 2, len(blocks))
    theirs = np.bincount(block, (base - hits) ** 2, len(blocks))
    draws = _draws(len(blocks), seed=seed)
    drawn = 1.0 - (draws @ ours) / np.maximum(draws @ theirs, 1e-12)
    skill = float(1.0 - ours.sum() / max(theirs.sum(), 1e-12))
    low, high = (
        skill + _widening(len(blocks)) * (np.percentile(drawn, at) - skill) for at in (LOW, HIGH)
    )
    return Skill(
        brier=float(ours.sum() / len(p)),
        base=float(theirs.sum() / len(p)),
        skill=skill,
        low=float(low) if len(blocks) > 1 else -1.0,
        high=float(high) if len(blocks) > 1 else 1.0,
        base_rate=float(np.mean(hits)),
        n=int((sessions % apart == 0).sum()),
    )


def _widening(blocks: int) -> float:
    """How much wider than its bootstrap an interval over so few blocks is."""
    from scipy.special import ndtri, stdtrit

    if blocks < 2:
        return 1.0
    upper = HIGH / 100
    return float(stdtrit(blocks - 1, upper) / ndtri(upper) * np.sqrt(blocks / (blocks - 1)))


def _platt(scores: Floats, hits: Bools) -> tuple[Floats, Floats]:
    """Points of the calibrated curve over the scores seen, rising or flat."""
    from sklearn.linear_model import LogisticRegression

    xs = np.linspace(scores.min(), scores.max(), POINTS)
    flat = np.full(POINTS, float(np.mean(hits)))
    if hits.all() or not hits.any():
        return xs, flat
    fitted = LogisticRegression(C=1e6).fit(_log_odds(scores)[:, None], hits)
    if fitted.coef_[0, 0] <= 0:
        return xs, flat
    return xs, np.asarray(fitted.predict_proba(_log_odds(xs)[:, None])[:, 1], np.float64)


def _log_odds(p: Floats) -> Floats:
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(p / (1 - p)), np.float64)


def _bins(p: Floats, edges: Floats) -> Places:
    return np.clip(np.searchsorted(edges, p, side="right") - 1, 0, len(edges) - 1)


def _sums(places: Places, hits: Bools, blocks: Places, *, bins: int) -> tuple[Floats, Floats]:
    """Cases and hits by block and bin, each of shape (n_blocks, n_bins)."""
    _, block = np.unique(blocks, return_inverse=True)
    shape = (int(block.max()) + 1, bins)
    cell = block * bins + places
    cases = np.bincount(cell, minlength=shape[0] * bins).astype(np.float64)
    true = np.bincount(cell, hits.astype(np.float64), shape[0] * bins).astype(np.float64)
    return cases.reshape(shape), true.reshape(shape)


def _draws(count: int, *, seed: int) -> Floats:
    """How often each block is drawn, with replacement, in every resample."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(count, np.full(count, 1.0 / count), size=RESAMPLES).astype(np.float64)
