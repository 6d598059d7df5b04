"""Training jobs, one learner on one fold each: here one by one, side by side, or on a cluster.

The same jobs give the same scores wherever they run. What is done is kept, so a sweep that was
stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.errors import BadInput
from core.features.compute import FeaturePanel
from core.models.barriers import Labels
from core.models.cases import cases_where
from core.models.port import Learner
from core.models.samples import between, sample
from core.panel import Floats

Progress = Callable[[float, str], None]
CLUSTER_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Job:
    """Learn before session `start` and score the sessions from there up to `end`."""

    learner: Learner
    fold: int
    start: int
    end: int

    @property
    def words(self) -> str:
        """The job as the progress bar names it."""
        return f"fold {self.fold + 1}, {self.learner.words}"


def run_job(features: FeaturePanel, labels: Labels, job: Job, seed: int) -> Floats:
    """Scores of the job's cases, shape (n, 3); numeric libraries get one thread."""
    past = sample(features, labels, until=job.start)
    scored = cases_where(features, between(features, labels, job.start, job.end))
    with one_thread():
        return job.learner.fit(past, seed=seed).scores(scored)


@contextmanager
def one_thread() -> Iterator[None]:
    """Numeric libraries get one thread each: two that wait for each other take many times as long.

    A library obeys only once it is loaded, so those that fits use are loaded first.
    """
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


class Sweep(Protocol):
    """Runs jobs and gives their scores in the order asked."""

    def __call__(
        self,
        features: FeaturePanel,
        labels: Labels,
        jobs: Sequence[Job],
        *,
        seed: int,
        progress: Progress,
    ) -> list[Floats]:
        """Scores of each job's cases, shape (n, 3)."""
        ...


def one_by_one(
    features: FeaturePanel,
    labels: Labels,
    jobs: Sequence[Job],
    *,
    seed: int,
    progress: Progress,
) -> list[Floats]:
    """Every job here, in its turn."""
    found: list[Floats] = []
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
    ) -> list[Floats]:
        """Scores in the order of the jobs; what was kept is read and not run again."""
        data = fingerprint_of(features, labels)
        places = [self._place(data, job, seed) for job in jobs]
        waiting = [at for at, place in enumerate(places) if place is None or not place.is_file()]
        done = len(jobs) - len(waiting)
        found: dict[int, Floats] = {}
        with self._backend(features, labels):
            run = self._run(features, labels, [jobs[at] for at in waiting], seed)
            for at in waiting:
                progress((done + len(found)) / len(jobs), jobs[at].words)
                found[at] = next(run)
                _keep(places[at], found[at])
        return [found[at] if at in found else _kept(place) for at, place in enumerate(places)]

    def _place(self, data: str, job: Job, seed: int) -> Path | None:
        if self.shelf is None:
            return None
        made_of = f"{data}|{job.learner!r}|{job.start}|{job.end}|{seed}"
        name = hashlib.sha256(made_of.encode()).hexdigest()[:16]
        return self.shelf / f"{job.learner.kind}-{job.fold}-{name}.npy"

    def _backend(self, features: FeaturePanel, labels: Labels) -> AbstractContextManager[Any]:
        from joblib import parallel_config

        if not self.cluster:
            here: AbstractContextManager[Any] = parallel_config(
                backend="loky", inner_max_num_threads=1
            )
            return here
        return _on_cluster(self.cluster, (features, labels))

    def _run(
        self, features: FeaturePanel, labels: Labels, jobs: Sequence[Job], seed: int
    ) -> Iterator[Floats]:
        """Scores in the order of the jobs, each as soon as it and those before it are there."""
        from joblib import Parallel, delayed

        side_by_side = Parallel(
            n_jobs=-1 if self.cluster else self.workers, batch_size=1, return_as="generator"
        )
        found: Iterator[Floats] = side_by_side(
            delayed(run_job)(features, labels, job, seed) for job in jobs
        )
        return found


@contextmanager
def _on_cluster(address: str, sent_once: tuple[object, ...]) -> Iterator[None]:
    """Jobs go to the workers of a Dask scheduler; raises BadInput when none can be reached."""
    try:
        from distributed import Client
    except ImportError:
        raise BadInput(
            "a cluster needs the package distributed; install requirements-cluster.txt or leave "
            "--cluster out"
        ) from None
    from joblib import parallel_config

    try:
        client = Client(address, timeout=f"{CLUSTER_SECONDS}s")  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as wrong:
        raise BadInput(
            f"no Dask scheduler answers at {address} within {CLUSTER_SECONDS} s; start one with "
            "dask scheduler, or leave --cluster out"
        ) from wrong
    with client:
        if not client.scheduler_info()["workers"]:
            raise BadInput(f"the cluster at {address} has no worker; start one with dask worker")
        with parallel_config(backend="dask", scatter=list(sent_once)):
            yield


def fingerprint_of(features: FeaturePanel, labels: Labels) -> str:
    """A hash that is equal for equal features, labels and cases."""
    found = hashlib.sha256(f"{features.version}|{features.names}|{features.isins}".encode())
    found.update(str(features.sessions).encode())
    for part in (features.values, labels.outcome, labels.ends):
        found.update(np.ascontiguousarray(part).tobytes())
    return found.hexdigest()


def _keep(place: Path | None, scores: Floats) -> None:
    """Written beside and moved there, so that a file that is there is whole."""
    if place is None:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    half = place.with_suffix(".half")
    with half.open("wb") as file:
        np.save(file, scores, allow_pickle=False)
    half.replace(place)


def _kept(place: Path | None) -> Floats:
    if place is None:
        raise ValueError("a job without a place was neither run nor kept")
    return np.asarray(np.load(place, allow_pickle=False), np.float64)
