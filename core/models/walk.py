"""Walking forward: fit on the past, score the next block, never the other way round.

Folds expand in time. Between what is learnt from and what is scored lie a purge (labels that
end later are dropped) and an embargo of one label length. Calibration obeys the same two rules:
a fold's probabilities come from curves fitted on earlier folds alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.errors import NoData
from core.features.compute import FeaturePanel
from core.models.barriers import Labels
from core.models.calibrate import Bools, Places, fit_curve
from core.models.job import Job
from core.models.port import Learner
from core.models.samples import APART, between, known_by
from core.models.sweep import Progress, Sweep, one_by_one
from core.panel import Floats

Outcomes = NDArray[np.int8]
FOLDS = 4
FIRST_TEST = 0.40  # share of sessions before the first fold
SIGNAL_SHARE = 0.3  # the strongest P(target first) count as signals for the meta-label
SEED = 7


@dataclass(frozen=True, slots=True)
class Unseen:
    """Out-of-fold cases: raw scores (n, 3) and, each (n,), outcome, return and where it was.

    `session` and `ends` are session indices: when the signal was formed, when its label ended.
    """

    raw: Floats
    outcome: Outcomes
    returns: Floats
    session: Places
    ends: Places
    share: Places
    fold: Places

    def only(self, keep: Bools) -> Unseen:
        """Some of the cases."""
        return Unseen(*(getattr(self, name)[keep] for name in self.__slots__))

    def ended_before(self, start: int) -> Unseen:
        """Cases whose labels ended an embargo before session `start`."""
        return self.only(known_by(self.ends, start))


@dataclass(frozen=True, slots=True)
class Judged:
    """Unseen cases of the folds after the first with P(target first) and what it has to beat.

    All come from earlier folds only. `base` is the base rate; `alike` the rate of shares as
    likely to touch either barrier, on a session with the same mean p. Even a random walk's
    restless spells can be foretold, and beating the base rate by them says nothing about which
    way a share goes. `strong` marks a p that was among the strongest.
    """

    cases: Unseen
    p: Floats
    base: Floats
    alike: Floats
    strong: Bools


def walk_forward(
    features: FeaturePanel,
    labels: Labels,
    *,
    learners: Sequence[Learner],
    progress: Progress,
    sweep: Sweep = one_by_one,
    bounds: Sequence[int] = (),
) -> dict[str, Unseen]:
    """Fit each learner on the past and have it score the next block, fold after fold.

    Args:
        sweep: where the jobs run.
        bounds: the session index each fold starts at and, last, where the last one ends; FOLDS
            equal ones over the later sessions unless given.

    Returns:
        The same cases in the same order for every kind.
    """
    edges = list(bounds) or fold_bounds(len(features.sessions))
    folds = list(enumerate(pairwise(edges)))
    blocks = [_block(features, labels, fold, start, end) for fold, (start, end) in folds]
    jobs = [
        Job(one, fold, start, end, keeps=end == edges[-1])
        for fold, (start, end) in folds
        for one in learners
    ]
    done = sweep(features, labels, jobs, seed=SEED, progress=progress)
    raw: dict[str, list[Floats]] = {one.kind: [] for one in learners}
    for job, found in zip(jobs, done, strict=True):
        raw[job.learner.kind].append(found.scores)
    cases = joined(blocks)
    return {kind: replace(cases, raw=np.concatenate(parts)) for kind, parts in raw.items()}


def fold_bounds(sessions: int) -> list[int]:
    """FOLDS equal folds over the later part of some sessions."""
    edges = np.linspace(int(sessions * FIRST_TEST), sessions, FOLDS + 1)
    return [int(edge) for edge in edges]


def _block(features: FeaturePanel, labels: Labels, fold: int, start: int, end: int) -> Unseen:
    """A fold's cases before anybody scored them."""
    here = between(features, labels, start, end)
    place, share = np.nonzero(here)
    if not len(place):
        raise NoData(f"fold {fold + 1} has no labelled case; import more history")
    return Unseen(
        raw=np.empty((len(place), 0)),
        outcome=labels.outcome[here],
        returns=labels.returns[here],
        session=place.astype(np.int64),
        ends=labels.ends[here].astype(np.int64),
        share=share.astype(np.int64),
        fold=np.full(len(place), fold, np.int64),
    )


def judge(unseen: Unseen, *, scored: Callable[[int], Floats] | None = None) -> Judged:
    """Calibrate every fold after the first on the folds before it.

    Args:
        scored: the raw scores (n, 3) of all cases as a fold's own blend makes them, where blends
            change from fold to fold: a curve belongs to the blend whose scores it has seen.

    Raises:
        NoData: a fold begins before the labels of any earlier one had ended.
    """
    parts: list[Judged] = []
    for fold in range(1, int(unseen.fold.max()) + 1):
        cases = unseen if scored is None else replace(unseen, raw=scored(fold))
        now = cases.only(cases.fold == fold)
        start = int(now.session.min())
        past = cases.only(cases.fold < fold).ended_before(start)
        if not len(past.session):
            raise NoData(
                f"fold {fold + 1} begins at session {start} and no label of the folds before it "
                f"had ended {APART} sessions earlier; import more history"
            )
        hits = past.outcome == 1
        curve = fit_curve(past.raw[:, 2], hits, past.session, apart=APART)
        p, before = curve.apply(now.raw[:, 2]), curve.apply(past.raw[:, 2])
        parts.append(
            Judged(
                cases=now,
                p=p,
                base=np.full(len(p), float(np.mean(hits))),
                alike=_alike(p, now, past),
                strong=p >= np.quantile(before, 1 - SIGNAL_SHARE),
            )
        )
    return Judged(
        cases=joined([part.cases for part in parts]),
        p=np.concatenate([part.p for part in parts]),
        base=np.concatenate([part.base for part in parts]),
        alike=np.concatenate([part.alike for part in parts]),
        strong=np.concatenate([part.strong for part in parts]),
    )


def _alike(p: Floats, now: Unseen, past: Unseen) -> Floats:
    """P(target first) from how likely either barrier is touched, lifted to each session's mean p.

    The lift leaves the market's own ups and downs out of the comparison.
    """
    hits = past.outcome == 1
    curve = fit_curve(_touching(past), hits, past.session, apart=APART)
    rate = curve.apply(_touching(now))
    count = np.maximum(np.bincount(now.session), 1)
    lift = np.bincount(now.session, p - rate) / count
    return np.asarray(rate + lift[now.session], np.float64)


def _touching(cases: Unseen) -> Floats:
    """Raw score of stop or target against time, shape (n,)."""
    return np.asarray(cases.raw[:, 0] + cases.raw[:, 2], np.float64)


def joined(parts: list[Unseen]) -> Unseen:
    """Cases one after the other."""
    return Unseen(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Unseen.__slots__)
    )
