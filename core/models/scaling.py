"""Two ways from a score to a probability, and which of them held better on sessions left out.

Platt scaling is a logistic line through the score's log-odds; where that line falls, or there is
none, everybody gets the base rate, for a score is not read the wrong way round. Isotonic regression
takes any rising shape and learns a few market regimes by heart, so it needs many cases and has to
save more log loss than chance would. Sources: J. Platt, Probabilistic outputs for support vector
machines (1999); B. Zadrozny and C. Elkan, Transforming classifier scores into accurate multiclass
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
STEPS = 30  # Newton's, of which most lines need fewer than ten
SETTLED = 1e-12  # the step that gains less than this part of the log loss is the last
LEVEL = 1e-12  # a likelihood that bends less has no highest point
LEAST = 1e-3  # no curve says never, nor surely
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scaling:
    """A rising curve through `scores` and `probabilities`, both (n_points,).

    `saved` is the log loss a case that isotonic regression saves over Platt scaling on stretches
    left out, with its standard error; None where it was not tried. `flat` says why everybody gets
    the base rate, "" where the curve rises.
    """

    how: str
    scores: Floats
    probabilities: Floats
    saved: float | None = None
    saved_se: float | None = None
    flat: str = ""


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
    platt = Scaling(PLATT, *_platt(whole), flat=_why_flat(whole, _softened_line(whole)[0]))
    span = int(sessions.max() - sessions.min()) + 1
    if np.count_nonzero(sessions % apart == 0) < ENOUGH_CASES or span < ENOUGH_SESSIONS:
        return platt
    saved, error = _saved(group, means, hits, sessions, apart=apart)
    if saved <= error:
        return replace(platt, saved=saved, saved_se=error)
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
    """Points of the logistic line over the scores seen; level at the base rate unless it rises."""
    from scipy.special import expit

    xs = np.linspace(seen.scores[0], seen.scores[-1], POINTS)
    slope, intercept = _softened_line(seen)
    if _why_flat(seen, slope):
        return xs, _never_sure(np.full(POINTS, seen.hits.sum() / seen.cases.sum()))
    return xs, _never_sure(expit(slope * log_odds(xs) + intercept))


def _why_flat(seen: _Groups, slope: float) -> str:
    """Why a line of such a slope is not used, a clause; "" for one that is."""
    if seen.hits.sum() in (0.0, seen.cases.sum()):
        return "all came true" if seen.hits.any() else "none came true"
    if np.ptp(log_odds(seen.scores)) < SAME:
        return "all scores are the same"
    if np.isnan(slope):
        return f"no logistic line settled within {STEPS} steps"
    return "" if slope > 0 else "higher scores came true no more often"


def _softened_line(seen: _Groups) -> tuple[float, float]:
    """The line over the log-odds of the scores.

    As in Platt's own, a case that came true counts as all but certain, so that few cases which the
    scores happen to part make no certainty.
    """
    true, false = seen.hits.sum(), (seen.cases - seen.hits).sum()
    came, stayed = (true + 1.0) / (true + 2.0), 1.0 / (false + 2.0)
    hits = seen.hits * came + (seen.cases - seen.hits) * stayed
    return _line(replace(seen, scores=log_odds(seen.scores), hits=hits))


def _never_sure(p: Floats) -> Floats:
    return np.asarray(np.clip(p, LEAST, 1.0 - LEAST), np.float64)


def line_through(values: Floats, hits: Bools) -> tuple[float, float]:
    """Slope and intercept of the log-odds of coming true over some values.

    NaN for both where everything or nothing came true, all values are the same, or they part what
    came true from what did not, so that no slope is steep enough.
    """
    group, means = _grouped(values)
    return _line(_counted(group, means, hits))


def _line(seen: _Groups) -> tuple[float, float]:
    """Slope and intercept of greatest likelihood; NaN for both where none settled.

    Newton's steps over standardised scores, so that it is the same line however little they
    differ, each halved until it does not lose.
    """
    from scipy.special import expit

    none = float("nan"), float("nan")
    if seen.hits.sum() in (0.0, seen.cases.sum()) or np.ptp(seen.scores) < SAME:
        return none
    centre = float(np.average(seen.scores, weights=seen.cases))
    spread = float(np.sqrt(np.average((seen.scores - centre) ** 2, weights=seen.cases)))
    z = (seen.scores - centre) / spread
    line = np.array([0.0, np.log(seen.hits.sum() / (seen.cases - seen.hits).sum())])
    for _ in range(STEPS):
        p = expit(line[0] * z + line[1])
        curved, pull = seen.cases * p * (1.0 - p), seen.hits - seen.cases * p
        middle = (curved @ z) / max(curved.sum(), LEVEL)
        bend = curved @ (z - middle) ** 2
        if bend < LEVEL:
            return none
        turn = (pull @ (z - middle)) / bend
        step = np.array([turn, pull.sum() / curved.sum() - turn * middle])
        before = _lost(line, z, seen)
        if turn * (pull @ z) + step[1] * pull.sum() < SETTLED * before:
            slope, level = line + step
            return float(slope / spread), float(level - slope * centre / spread)
        while _lost(line + step, z, seen) > before * (1.0 + LEVEL):
            step /= 2.0
        line += step
    return none


def _lost(line: Floats, z: Floats, seen: _Groups) -> float:
    """Log loss of all cases under a line."""
    odds = line[0] * z + line[1]
    return float((seen.cases * np.logaddexp(0.0, odds) - seen.hits * odds).sum())


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
