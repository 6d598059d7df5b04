"""One training job: a learner on one fold, or on all sessions, with one thread and by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from core.features.compute import FeaturePanel
from core.models.barriers import Labels
from core.models.cases import cases_where
from core.models.port import CLASSES, Learner
from core.models.samples import between, sample
from core.panel import Floats

_ALONE = Lock()


@dataclass(frozen=True, slots=True)
class Job:
    """Learn before session `start` and score the sessions from there up to `end`.

    `keeps` asks for the model itself as well. Where `end` is no later than `start` nothing is
    scored.
    """

    learner: Learner
    fold: int
    start: int
    end: int
    keeps: bool = False

    @property
    def words(self) -> str:
        """The job as the progress bar names it."""
        if self.start >= self.end:
            return f"all sessions, {self.learner.words}"
        return f"fold {self.fold + 1}, {self.learner.words}"


@dataclass(frozen=True, slots=True)
class Done:
    """Scores of the job's cases, shape (n, 3), and the model by file name where asked for."""

    scores: Floats
    files: Mapping[str, bytes] = field(default_factory=dict)


def run_job(features: FeaturePanel, labels: Labels, job: Job, seed: int) -> Done:
    """Learn and score with one thread, one job at a time in each process.

    A worker that runs jobs in threads would else mix the random numbers of two networks, which
    they draw from one place.
    """
    past = sample(features, labels, until=job.start)
    here = cases_where(features, between(features, labels, job.start, job.end))
    with _ALONE, one_thread():
        fitted = job.learner.fit(past, seed=seed)
        scores = fitted.scores(here) if len(here) else np.empty((0, CLASSES))
        return Done(scores, dict(fitted.files()) if job.keeps else {})


@contextmanager
def one_thread() -> Iterator[None]:
    """Numeric libraries get one thread each: two that wait for each other take many times as long.

    A library obeys only once it is loaded, so those that fits use are loaded first; networks,
    whose library takes seconds to load, see to their own.
    """
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield
