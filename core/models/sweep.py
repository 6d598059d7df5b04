"""Many training jobs: here one by one, side by side in processes, or on a cluster, all by joblib.

The same jobs give the same results wherever they run. What is done is kept, so a sweep that was
stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.errors import SourceFailed
from core.features.compute import FeaturePanel
from core.models.barriers import Labels
from core.models.cluster import on_cluster
from core.models.job import Done, Job, run_job
from core.models.kept import ENDING, keep, kept
from core.models.made_by import made_by

Progress = Callable[[float, str], None]


class Sweep(Protocol):
    """Runs jobs and gives their results in the order asked."""

    def __call__(
        self,
        features: FeaturePanel,
        labels: Labels,
        jobs: Sequence[Job],
        *,
        seed: int,
        progress: Progress,
    ) -> list[Done]:
        """Each job's scores, and its model where that was asked for."""
        ...


def one_by_one(
    features: FeaturePanel,
    labels: Labels,
    jobs: Sequence[Job],
    *,
    seed: int,
    progress: Progress,
) -> list[Done]:
    """Every job here, in its turn."""
    found: list[Done] = []
    for job in jobs:
        progress(len(found) / len(jobs), job.words)
        found.append(run_job(features, labels, job, seed))
    return found


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Jobs in worker processes of this machine, or of a Dask cluster by its address.

    Done jobs are kept under `shelf` by a hash of what they were made from; None keeps nothing.
    """

    workers: int = 2
    cluster: str = ""
    shelf: Path | None = None

    def __call__(
        self,
        features: FeaturePanel,
        labels: Labels,
        jobs: Sequence[Job],
        *,
        seed: int,
        progress: Progress,
    ) -> list[Done]:
        """Results in the order of the jobs; what was kept whole is read and not run again.

        Raises:
            BadInput: a cluster that is not to be trusted or cannot be used.
            SourceFailed: workers were lost; what they had done is kept.
        """
        places = self._places(features, labels, jobs, seed)
        found = {at: done for at, place in enumerate(places) if place and (done := kept(place))}
        waiting = [at for at in range(len(jobs)) if at not in found]
        if waiting:
            progress(len(found) / len(jobs), jobs[waiting[0]].words)
            with (
                self._backend(features, labels, [jobs[at] for at in waiting]),
                closing(self._run(features, labels, jobs, tuple(waiting), seed)) as results,
            ):
                for at, done in results:
                    found[at] = done
                    if (place := places[at]) is not None:
                        keep(place, done)
                    waiting.remove(at)
                    if waiting:
                        progress(len(found) / len(jobs), jobs[waiting[0]].words)
        return [found[at] for at in range(len(jobs))]

    def _places(
        self, features: FeaturePanel, labels: Labels, jobs: Sequence[Job], seed: int
    ) -> list[Path | None]:
        if self.shelf is None:
            return [None] * len(jobs)
        made_from = fingerprint_of(features, labels)
        return [_place(self.shelf, made_from, job, seed) for job in jobs]

    def _backend(
        self, features: FeaturePanel, labels: Labels, jobs: Sequence[Job]
    ) -> AbstractContextManager[Any]:
        if self.cluster:
            learners = list({job.learner.kind: job.learner for job in jobs}.values())
            return on_cluster(self.cluster, learners, (features, labels))
        return _processes()

    def _run(
        self,
        features: FeaturePanel,
        labels: Labels,
        jobs: Sequence[Job],
        waiting: Sequence[int],
        seed: int,
    ) -> Generator[tuple[int, Done]]:
        """Results with the place of their job, each as soon as it is there."""
        from joblib import Parallel, delayed

        side_by_side = Parallel(
            n_jobs=-1 if self.cluster else self.workers,
            batch_size=1,
            return_as="generator_unordered",
        )
        found: Generator[tuple[int, Done]] = side_by_side(
            delayed(_placed)(features, labels, jobs[at], seed, at) for at in waiting
        )
        return found


def _placed(
    features: FeaturePanel, labels: Labels, job: Job, seed: int, at: int
) -> tuple[int, Done]:
    return at, run_job(features, labels, job, seed)


def _place(shelf: Path, made_from: str, job: Job, seed: int) -> Path:
    """Where a result is kept: another name for other data, learner, code, sessions or seed."""
    made_of = (
        f"{made_from}|{made_by([job.learner])}|{job.learner!r}|{job.start}|{job.end}|{seed}|"
        f"{job.keeps}"
    )
    name = hashlib.sha256(made_of.encode()).hexdigest()[:16]
    return shelf / f"{job.learner.kind}-{job.fold}-{name}{ENDING}"


@contextmanager
def _processes() -> Iterator[None]:
    """Worker processes of this machine, each with one numeric thread."""
    from joblib import parallel_config

    try:
        with parallel_config(backend="loky", inner_max_num_threads=1):
            yield
    except BrokenProcessPool as lost:
        raise SourceFailed(
            "a worker process of the training ended early, killed or out of memory; what was done "
            "is kept, so ask again"
        ) from lost


def fingerprint_of(features: FeaturePanel, labels: Labels) -> str:
    """A hash that is equal for equal features, labels and cases."""
    found = hashlib.sha256(f"{features.version}|{features.names}|{features.isins}".encode())
    found.update(str(features.sessions).encode())
    for part in (features.values, labels.outcome, labels.ends):
        found.update(np.ascontiguousarray(part).tobytes())
    return found.hexdigest()
