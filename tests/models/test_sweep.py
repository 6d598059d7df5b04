"""The same jobs give the same results wherever they run, and a stopped sweep goes on."""

from __future__ import annotations

import os
import signal
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, get_ident

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from core.errors import BadInput, CalledOff, SourceFailed
from core.features.compute import compute
from core.models import cluster, made_by
from core.models.barriers import label
from core.models.job import Done, Job, one_thread, run_job
from core.models.kept import keep, kept
from core.models.learners import chosen, learner
from core.models.lgbm import LGBM
from core.models.sweep import SideBySide, fingerprint_of, one_by_one
from tests.models.made import noise

PANEL = noise(seed=5, shares=8, sessions=300)
FEATURES, LABELS = compute(PANEL), label(PANEL)
JOBS = [Job(one, fold, 150 + 50 * fold, 200 + 50 * fold, keeps=fold == 1)
        for fold in range(2) for one in chosen(["lgbm", "logistic"])]  # fmt: skip


def swept(sweep, told=None, jobs=JOBS):
    said = (lambda share, words: told.append((share, words))) if told is not None else None
    return sweep(FEATURES, LABELS, jobs, seed=7, progress=said or (lambda _s, _w: None))


def same(ours: list[Done], theirs: list[Done]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one.scores, other.scores)
        assert one.files == other.files


@pytest.fixture(scope="module")
def alone():
    return swept(one_by_one)


def test_two_processes_give_the_scores_of_one(alone):
    same(swept(SideBySide(workers=2)), alone)


def test_a_job_gives_its_model_only_where_it_is_asked_for(alone):
    assert [sorted(done.files) for done in alone] == [[], [], ["lgbm.txt"], ["logistic.json"]]


def test_a_job_on_all_sessions_scores_nothing_and_gives_the_model_of_all():
    done = run_job(FEATURES, LABELS, Job(LGBM, 4, 310, 310, keeps=True), 7)
    assert done.scores.shape == (0, 3)
    assert Job(LGBM, 4, 310, 310).words == "all sessions, LightGBM, boosted trees"
    again = run_job(FEATURES, LABELS, Job(LGBM, 4, 310, 310, keeps=True), 7)
    assert again.files == done.files and sorted(done.files) == ["lgbm.txt"]


def test_what_was_kept_is_not_run_again(alone, tmp_path: Path):
    sweep = SideBySide(workers=1, shelf=tmp_path)
    swept(sweep)
    places = sorted(tmp_path.iterdir())
    assert len(places) == len(JOBS)
    marked = np.full((3, 3), 0.25)
    keep(places[0], Done(marked))  # were it run again, this would not come back
    places[-1].unlink()  # as if it had been stopped before the last
    told: list[tuple[float, str]] = []
    again = swept(sweep, told)
    assert sum(np.array_equal(one.scores, marked) for one in again) == 1
    assert len(told) == 1 and told[0][0] == pytest.approx(3 / 4)
    assert sorted(tmp_path.iterdir()) == places


@pytest.mark.parametrize("spoil", ["cut", "changed", "empty"])
def test_a_spoiled_result_is_run_again(alone, tmp_path: Path, spoil: str):
    sweep = SideBySide(workers=1, shelf=tmp_path)
    swept(sweep)
    place = sorted(tmp_path.iterdir())[0]
    whole = place.read_bytes()
    changed = whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:]
    place.write_bytes({"cut": whole[: len(whole) // 2], "changed": changed, "empty": b""}[spoil])
    assert kept(place) is None
    told: list[tuple[float, str]] = []
    same(swept(sweep, told), alone)
    assert len(told) == 1 and place.read_bytes() == whole


def places_of(tmp_path: Path, *, features=FEATURES, labels=LABELS, job=JOBS[0], seed=7):
    [place] = SideBySide(shelf=tmp_path)._places(features, labels, [job], seed)
    return place


def test_a_result_of_other_making_has_another_place(tmp_path: Path, monkeypatch):
    usual = places_of(tmp_path)
    other = compute(noise(seed=6, shares=8, sessions=300))
    assert fingerprint_of(FEATURES, LABELS) != fingerprint_of(other, LABELS)
    turned = replace(LABELS, outcome=-LABELS.outcome)
    faster = replace(JOBS[0], learner=replace(LGBM, rounds=81))
    found = {
        usual,
        places_of(tmp_path, features=other),
        places_of(tmp_path, features=replace(FEATURES, version="f0")),
        places_of(tmp_path, labels=turned),
        places_of(tmp_path, job=faster),
        places_of(tmp_path, job=replace(JOBS[0], start=151)),
        places_of(tmp_path, job=replace(JOBS[0], keeps=True)),
        places_of(tmp_path, seed=8),
    }
    monkeypatch.setattr(made_by, "_code", lambda name: f"{name}: a line was changed")
    found.add(places_of(tmp_path))
    monkeypatch.setattr(made_by, "_release", lambda name: f"{name} 99")
    found.add(places_of(tmp_path))
    assert len(found) == 10


def test_the_code_behind_a_learner_is_its_module_and_those_it_imports():
    said = made_by._code("core.models.svr")
    for module in ("svr", "logistic", "samples", "cases", "barriers"):
        assert f"core.models.{module}=" in said
    assert "nets=" not in said and "lgbm=" not in said
    assert "net_shapes=" in made_by._code("core.models.nets")


@dataclass(frozen=True)
class Watched:
    """LightGBM, except that it does something first."""

    kind: str = "watched"
    words: str = "watched"
    needs: tuple[str, ...] = ()
    deadly_after: int = 0

    def fit(self, sample, *, seed):
        if len(sample) > self.deadly_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return LGBM.fit(sample, seed=seed)


def test_a_killed_worker_is_one_sentence_and_what_was_done_is_kept(alone, tmp_path: Path):
    deadly = Job(Watched(), 1, 200, 250)
    with pytest.raises(SourceFailed, match="ended early, killed or out of memory; what was done"):
        swept(SideBySide(workers=2, shelf=tmp_path), jobs=[*JOBS[:2], deadly])
    told: list[tuple[float, str]] = []
    same(swept(SideBySide(workers=1, shelf=tmp_path), told, JOBS[:2]), alone[:2])
    assert len(told) <= 2


def test_called_off_in_the_middle_keeps_what_was_done(alone, tmp_path: Path):
    sweep = SideBySide(workers=1, shelf=tmp_path)

    def off(share: float, _words: str) -> None:
        if share >= 0.5:
            raise CalledOff("called off")

    with pytest.raises(CalledOff):
        sweep(FEATURES, LABELS, JOBS, seed=7, progress=off)
    assert len(list(tmp_path.iterdir())) == 2
    told: list[tuple[float, str]] = []
    same(swept(sweep, told), alone)
    assert [share for share, _ in told] == [0.5, 0.75]


def test_networks_give_the_same_scores_in_threads_of_one_process():
    torch = pytest.importorskip("torch", reason="torch is installed beside the running desk")
    job = Job(replace(learner("mlp"), most=200), 0, 150, 160)
    first = run_job(FEATURES, LABELS, job, 7).scores
    torch.manual_seed(99)  # what is drawn elsewhere changes nothing
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda _: run_job(FEATURES, LABELS, job, 7), range(2)))
    for one in found:
        np.testing.assert_array_equal(one.scores, first)


@pytest.mark.slow
def test_a_dask_cluster_of_two_workers_gives_the_same_scores(alone):
    distributed = pytest.importorskip("distributed", reason="the cluster's package is not here")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as here:
        same(swept(SideBySide(cluster=here.scheduler_address)), alone)


@pytest.fixture
def in_threads():
    """A cluster within this process, reached by TCP as another would be."""
    distributed = pytest.importorskip("distributed", reason="the cluster's package is not here")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp://", host="127.0.0.1",
        dashboard_address=None,
    ) as here:  # fmt: skip
        yield here


def test_a_cluster_without_a_worker_is_refused(in_threads):
    in_threads.scale(0)
    with pytest.raises(BadInput, match="has no worker; start one with dask worker"):
        swept(SideBySide(cluster=in_threads.scheduler_address))


def test_workers_with_other_code_or_packages_take_no_part(in_threads, monkeypatch):
    monkeypatch.setattr(cluster, "made_by", lambda _learners: str(get_ident()))
    with pytest.raises(BadInput, match=r"1 of 1 workers of the cluster .* run another Munim"):
        swept(SideBySide(cluster=in_threads.scheduler_address))


class Client:
    """A connection to a scheduler that counts these workers, one look after the other."""

    def __init__(self, *workers: int) -> None:
        self.workers, self.closed_after = list(workers), 0

    def scheduler_info(self) -> dict[str, dict[str, int]]:
        self.closed_after += 1
        return {"workers": dict.fromkeys(map(str, range(self.workers.pop(0))), 1)}

    def close(self, timeout: float) -> None:
        self.workers.clear()


def test_jobs_that_no_worker_is_left_for_are_given_up_after_a_while(monkeypatch):
    # looked at every hundredth of a second; two looks in a row without a worker are a while
    monkeypatch.setattr(cluster, "LOOKED_AT_EVERY", 0.01)
    monkeypatch.setattr(cluster, "WITHOUT_WORKERS", 0.02)
    seen = Client(2, 0, 1, 0, 0, 7)
    cluster._watch(seen, Event())
    assert seen.closed_after == 5 and not seen.workers


def test_a_cluster_that_is_lost_is_one_sentence(in_threads):
    def lost(_share: float, _words: str) -> None:
        if asked.append(1) or len(asked) == 2:  # the first is before anything is sent
            raise CancelledError("batch-1 cancelled for reason: scheduler-connection-lost")

    asked: list[int] = []
    sweep = SideBySide(cluster=in_threads.scheduler_address)
    with pytest.raises(SourceFailed, match=r"was lost .*; what it had done is kept, so ask again"):
        sweep(FEATURES, LABELS, JOBS[:2], seed=7, progress=lost)


def test_an_address_without_a_scheduler_is_said_so(monkeypatch):
    pytest.importorskip("distributed", reason="the cluster's package is not here")
    monkeypatch.setattr(cluster, "ANSWERS_WITHIN", 1)
    with pytest.raises(BadInput, match="no Dask scheduler answers at tcp"):
        swept(SideBySide(cluster="tcp://127.0.0.1:9"))


@pytest.mark.parametrize("address", ["tcp://10.1.2.3:8786", "10.1.2.3:8786", "scheduler:8786",
                                     "ws://127.0.0.1:8786", "inproc://x", "tcp://"])  # fmt: skip
def test_a_plain_address_elsewhere_is_refused_before_anything_is_sent(address: str):
    with pytest.raises(BadInput, match="neither on this machine nor behind TLS"):
        swept(SideBySide(cluster=address))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "localhost:8786", "tcp://[::1]:8786",
                                     "127.0.0.2:8786", "tls://10.1.2.3:8786"])  # fmt: skip
def test_this_machine_and_tls_are_trusted(address: str):
    cluster.trusted(address)


def test_tls_without_certificates_is_one_sentence():
    pytest.importorskip("distributed", reason="the cluster's package is not here")
    with pytest.raises(BadInput, match=r"Dask's settings name no certificates"):
        swept(SideBySide(cluster="tls://127.0.0.1:9"))


def test_numeric_libraries_get_one_thread_each_and_their_own_number_back():
    with threadpool_limits(limits=2):
        before = {one["filepath"]: one["num_threads"] for one in threadpool_info()}
        with one_thread():
            assert {one["num_threads"] for one in threadpool_info()} == {1}
        after = {one["filepath"]: one["num_threads"] for one in threadpool_info()}
    assert {place: after[place] for place in before} == before
