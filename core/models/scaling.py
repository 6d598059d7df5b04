"""Two ways from a score to a probability, and which of them held better on sessions left out.

Platt scaling is a logistic line through the score's log-odds; isotonic regression takes any
rising shape and learns a few market regimes by heart, so it needs many cases and has to save more
log loss than chance would. Sources: J. Platt, Probabilistic outputs for support vector machines
(1999); B. Zadrozny and C. Elkan, Transforming classifier scores into accurate multiclass
probability estimates, KDD (2002).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.panel import Floats

PLATT, ISOTONIC = "platt", "isotonic"
GROUPS = 400  # of about equal scores; a curve is fitted on their rates
POINTS = 201  # of a Platt curve
PARTS = 5  # stretches of sessions, each scored by curves fitted on the others
ENOUGH_CASES = 1000  # that do not overlap, before isotonic regression is tried
ENOUGH_SESSIONS = 400
SAME = 1e-9  # values closer than this make no line
LEAST = 1e-3  # no curve says never, nor surely
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scaling:
    """A rising curve through `scores` and `probabilities`, both (n_points,).

    `saved` is the log loss a case that isotonic regression saves over Platt scaling on stretches
    left out, with its standard error; None where it was not tried.
    """

    how: str
    scores: Floats
    probabilities: Floats
    saved: float | None = None
    saved_se: float | None = None


@dataclass(frozen=True, slots=True)
class _Groups:
    """Cases of about the same score: their mean score, how many, and how many came true."""

    scores: Floats
    cases: Floats
    hits: Floats


Fit = Callable[[_Groups], tuple[Floats, Floats]]


def scaling_of(scores: Floats, hits: Bools, sessions: Places, *, apart: int) -> Scaling:
    """The way that held better out of sample, fitted on everything; Platt where it is too little.

    Args:
        scores: raw out-of-fold scores, shape (n,); `hits` whether it came true.
        sessions: session index of each case.
        apart: sessions after which two labels no longer overlap.
    """
    group, means = _grouped(scores)
    whole = _counted(group, means, hits)
    xs, ys = _platt(whole)
    span = int(sessions.max() - sessions.min()) + 1
    if np.count_nonzero(sessions % apart == 0) < ENOUGH_CASES or span < ENOUGH_SESSIONS:
        return Scaling(PLATT, xs, ys)
    saved, error = _saved(group, means, hits, sessions, apart=apart)
    if saved <= error:
        return Scaling(PLATT, xs, ys, saved, error)
    return Scaling(ISOTONIC, *_isotonic(whole), saved, error)


def _saved(
    group: Places, means: Floats, hits: Bools, sessions: Places, *, apart: int
) -> tuple[float, float]:
    """Log loss a case that isotonic regression saves on stretches left out, and its error."""
    found: list[float] = []
    for days in np.array_split(np.unique(sessions), PARTS):
        first, last = days[0], days[-1]
        learnt = (sessions < first - apart) | (sessions > last + apart)
        held = (sessions >= first) & (sessions <= last)
        past = _counted(group[learnt], means, hits[learnt])
        now = _counted(group[held], means, hits[held])
        found.append(_loss(_platt, past, now) - _loss(_isotonic, past, now))
    return float(np.mean(found)), float(np.std(found, ddof=1) / np.sqrt(PARTS))


def _loss(fit: Fit, past: _Groups, now: _Groups) -> float:
    """Mean log loss of some cases under a curve fitted on others."""
    p = np.clip(np.interp(now.scores, *fit(past)), LEAST, 1.0 - LEAST)
    lost = now.hits * np.log(p) + (now.cases - now.hits) * np.log(1.0 - p)
    return float(-lost.sum() / now.cases.sum())


def _grouped(scores: Floats) -> tuple[Places, Floats]:
    """Which group each case is in, and each group's mean score."""
    count = len(scores)
    kept = min(GROUPS, count)
    group = np.empty(count, np.int64)
    group[np.argsort(scores, kind="stable")] = np.arange(count) * kept // count
    return group, np.bincount(group, scores) / np.bincount(group)


def _counted(group: Places, means: Floats, hits: Bools) -> _Groups:
    """The groups that have a case."""
    cases = np.bincount(group, minlength=len(means)).astype(np.float64)
    true = np.bincount(group, hits.astype(np.float64), len(means)).astype(np.float64)
    there = cases > 0
    return _Groups(means[there], cases[there], true[there])


def _platt(seen: _Groups) -> tuple[Floats, Floats]:
    """Points of the logistic line over the scores seen, rising or flat.

    As in Platt's own, a case that came true counts as all but certain, so that few cases which the
    scores happen to part make no certainty.
    """
    from scipy.special import expit

    xs = np.linspace(seen.scores[0], seen.scores[-1], POINTS)
    slope, intercept = _line(replace(seen, scores=log_odds(seen.scores), hits=_softened(seen)))
    rate = seen.hits.sum() / seen.cases.sum()
    if not slope > 0 or rate in (0.0, 1.0):
        return xs, _never_sure(np.full(POINTS, rate))
    return xs, _never_sure(expit(slope * log_odds(xs) + intercept))


def _softened(seen: _Groups) -> Floats:
    true, false = seen.hits.sum(), (seen.cases - seen.hits).sum()
    came, stayed = (true + 1.0) / (true + 2.0), 1.0 / (false + 2.0)
    return np.asarray(seen.hits * came + (seen.cases - seen.hits) * stayed, np.float64)


def _never_sure(p: Floats) -> Floats:
    return np.asarray(np.clip(p, LEAST, 1.0 - LEAST), np.float64)


def line_through(values: Floats, hits: Bools) -> tuple[float, float]:
    """Slope and intercept of the log-odds of coming true over some values.

    NaN for both where everything or nothing came true, or all values are the same.
    """
    group, means = _grouped(values)
    return _line(_counted(group, means, hits))


def _line(seen: _Groups) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    weight = np.concatenate([seen.hits, seen.cases - seen.hits])
    true = np.repeat([True, False], len(seen.scores))
    values = np.tile(seen.scores, 2)
    if seen.hits.sum() in (0.0, seen.cases.sum()) or np.ptp(values) < SAME:
        return float("nan"), float("nan")
    kept = weight > 0
    fitted = LogisticRegression(C=1e6).fit(
        values[kept, None], true[kept], sample_weight=weight[kept]
    )
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _isotonic(seen: _Groups) -> tuple[Floats, Floats]:
    """Points of the best rising shape, straight between them."""
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=LEAST, y_max=1.0 - LEAST).fit(
        seen.scores, seen.hits / seen.cases, sample_weight=seen.cases
    )
    return (
        np.asarray(fitted.X_thresholds_, np.float64),
        np.asarray(fitted.y_thresholds_, np.float64),
    )


def log_odds(p: Floats) -> Floats:
    """Log of the odds, of probabilities kept a millionth away from 0 and 1."""
    kept = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(kept / (1 - kept)), np.float64)
