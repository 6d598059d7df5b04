"""From raw scores to probabilities that mean what they say, as plain tables.

Isotonic regression on out-of-fold scores; each bin of calibrated probability then carries how
many cases it was measured on and an interval from resampling whole sessions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.signal import Probability
from core.panel import Floats

BINS = 10
RESAMPLES = 200
LOW, HIGH = 5.0, 95.0  # percentiles of a 90 % interval


@dataclass(frozen=True, slots=True)
class Curve:
    """Score to probability, linear between points; `edges` part the bins measured."""

    scores: Floats
    probabilities: Floats
    edges: Floats
    rates: Floats
    lows: Floats
    highs: Floats
    counts: NDArray[np.int64]

    def to_json(self) -> dict[str, list[float]]:
        """The curve as plain lists."""
        return {name: [float(value) for value in getattr(self, name)] for name in self.__slots__}

    def apply(self, scores: Floats) -> Floats:
        """Calibrated probabilities."""
        return np.interp(scores, self.scores, self.probabilities)

    def probability(self, p: float) -> Probability:
        """One calibrated probability with the interval and the count of its bin."""
        place = int(
            np.clip(np.searchsorted(self.edges, p, side="right") - 1, 0, len(self.rates) - 1)
        )
        p = float(np.clip(p, 0.0, 1.0))
        low, high = float(self.lows[place]), float(self.highs[place])
        return Probability(
            p, max(0.0, min(low, p)), min(1.0, max(high, p)), int(self.counts[place])
        )


def curve_from(fields: dict[str, Any]) -> Curve:
    """A curve back from plain lists."""
    arrays = {name: np.asarray(values, np.float64) for name, values in fields.items()}
    arrays["counts"] = arrays["counts"].astype(np.int64)
    return Curve(**arrays)


def fit_curve(
    scores: Floats, hits: NDArray[np.bool_], sessions: NDArray[np.int64], *, seed: int
) -> Curve:
    """Fit isotonic regression and measure its bins.

    Args:
        scores: raw out-of-fold scores, shape (n,).
        hits: whether it came true, shape (n,).
        sessions: session index of each case; resampling draws whole sessions.
    """
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(
        scores, hits.astype(np.float64)
    )
    xs = np.asarray(fitted.X_thresholds_, np.float64)
    ys = np.asarray(fitted.y_thresholds_, np.float64)
    calibrated = np.interp(scores, xs, ys)
    edges = np.unique(np.quantile(calibrated, np.linspace(0, 1, BINS + 1))[:-1])
    places = np.clip(np.searchsorted(edges, calibrated, side="right") - 1, 0, len(edges) - 1)
    rates, lows, highs, counts = _measure(places, hits, sessions, bins=len(edges), seed=seed)
    return Curve(xs, ys, edges, rates, lows, highs, counts)


def _measure(
    places: NDArray[np.int64],
    hits: NDArray[np.bool_],
    sessions: NDArray[np.int64],
    *,
    bins: int,
    seed: int,
) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    days, day = np.unique(sessions, return_inverse=True)
    cases = np.zeros((len(days), bins))
    true = np.zeros((len(days), bins))
    np.add.at(cases, (day, places), 1.0)
    np.add.at(true, (day, places), hits.astype(np.float64))
    rates = true.sum(axis=0) / np.maximum(cases.sum(axis=0), 1)
    draw = np.random.default_rng(seed).integers(0, len(days), size=(RESAMPLES, len(days)))
    seen = true[draw].sum(axis=1) / np.maximum(cases[draw].sum(axis=1), 1)
    lows, highs = np.percentile(seen, LOW, axis=0), np.percentile(seen, HIGH, axis=0)
    return (
        rates,
        np.minimum(lows, rates),
        np.maximum(highs, rates),
        cases.sum(axis=0).astype(np.int64),
    )


@dataclass(frozen=True, slots=True)
class Skill:
    """Brier score against the base rate's, with a 90 % interval of 1 - brier / base."""

    brier: float
    base: float
    skill: float
    low: float
    high: float
    base_rate: float


def skill_of(
    p: Floats, base: Floats, hits: NDArray[np.bool_], sessions: NDArray[np.int64], *, seed: int
) -> Skill:
    """Skill of probabilities over a base rate known beforehand; whole sessions are resampled."""
    days, day = np.unique(sessions, return_inverse=True)
    ours, theirs = np.zeros(len(days)), np.zeros(len(days))
    np.add.at(ours, day, (p - hits) ** 2)
    np.add.at(theirs, day, (base - hits) ** 2)
    draw = np.random.default_rng(seed).integers(0, len(days), size=(10 * RESAMPLES, len(days)))
    drawn = 1.0 - ours[draw].sum(axis=1) / theirs[draw].sum(axis=1)
    return Skill(
        brier=float(ours.sum() / len(p)),
        base=float(theirs.sum() / len(p)),
        skill=float(1.0 - ours.sum() / theirs.sum()),
        low=float(np.percentile(drawn, LOW)),
        high=float(np.percentile(drawn, HIGH)),
        base_rate=float(np.mean(hits)),
    )
