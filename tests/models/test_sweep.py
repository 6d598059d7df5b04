"""The same jobs give the same scores wherever they run, and a stopped sweep goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from core.errors import BadInput
from core.features.compute import compute
from core.models.barriers import label
from core.models.learners import chosen
from core.models.sweep import Job, SideBySide, fingerprint_of, one_by_one, one_thread
from tests.models.made import noise

PANEL = noise(seed=5, shares=8, sessions=300)
FEATURES, LABELS = compute(PANEL), label(PANEL)
JOBS = [Job(one, fold, 150 + 50 * fold, 200 + 50 * fold)
        for fold in range(2) for one in chosen(["lgbm", "logistic"])]  # fmt: skip


def swept(sweep, told=None):
    said = (lambda share, words: told.append((share, words))) if told is not None else None
    return sweep(FEATURES, LABELS, JOBS, seed=7, progress=said or (lambda _s, _w: None))


@pytest.fixture(scope="module")
def alone():
    return swept(one_by_one)


def test_two_processes_give_the_scores_of_one(alone):
    for ours, theirs in zip(swept(SideBySide(workers=2)), alone, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_what_was_kept_is_not_run_again(alone, tmp_path: Path):
    sweep = SideBySide(workers=1, shelf=tmp_path)
    swept(sweep)
    kept = sorted(tmp_path.iterdir())
    assert len(kept) == len(JOBS)
    marked = np.full_like(np.load(kept[0]), 0.25)
    np.save(kept[0], marked)  # were it run again, this would not come back
    kept[-1].unlink()  # as if it had been stopped before the last
    told: list[tuple[float, str]] = []
    again = swept(sweep, told)
    assert sum(np.array_equal(one, marked) for one in again) == 1
    assert len(told) == 1 and told[0][0] == pytest.approx(3 / 4)
    assert sorted(tmp_path.iterdir()) == kept


def test_other_features_are_other_jobs(tmp_path: Path):
    other = compute(noise(seed=6, shares=8, sessions=300))
    assert fingerprint_of(FEATURES, LABELS) != fingerprint_of(other, LABELS)


def test_a_half_written_result_is_run_again(alone, tmp_path: Path):
    sweep = SideBySide(workers=1, shelf=tmp_path)
    swept(sweep)
    first = sorted(tmp_path.iterdir())[0]
    first.rename(first.with_suffix(".half"))
    for ours, theirs in zip(swept(sweep), alone, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
def test_a_dask_cluster_of_two_workers_gives_the_same_scores(alone):
    distributed = pytest.importorskip("distributed", reason="the cluster's package is not here")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        found = swept(SideBySide(cluster=cluster.scheduler_address))
    for ours, theirs in zip(found, alone, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_an_address_without_a_scheduler_is_said_so(monkeypatch):
    pytest.importorskip("distributed", reason="the cluster's package is not here")
    monkeypatch.setattr("core.models.sweep.CLUSTER_SECONDS", 1)
    with pytest.raises(BadInput, match="no Dask scheduler answers at tcp"):
        swept(SideBySide(cluster="tcp://127.0.0.1:9"))


def test_numeric_libraries_get_one_thread_each_and_their_own_number_back():
    with threadpool_limits(limits=2):
        before = {one["filepath"]: one["num_threads"] for one in threadpool_info()}
        with one_thread():
            assert {one["num_threads"] for one in threadpool_info()} == {1}
        after = {one["filepath"]: one["num_threads"] for one in threadpool_info()}
    assert {place: after[place] for place in before} == before
