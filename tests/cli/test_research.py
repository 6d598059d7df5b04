"""Model files and training in the terminal."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.cli import research
from core.desk.desk import Desk
from core.desk.jobs import ask
from core.domain.job import JobRequest, JobStatus
from core.store import jobs
from tests.cli.terminal import Terminal
from tests.views.shelf import MODEL


def test_model_files_that_are_gone_fail_the_check(munim: Terminal, desk: Desk):
    said = munim("models", "verify", MODEL.version)
    assert said.code != 0
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1


def ended(status: JobStatus, sentence: str):
    """Asking, and a worker that has done it before anybody looks."""

    def asked(desk: Desk, kind: str, **wish: object) -> JobRequest:
        request = ask(desk, kind, **wish)
        with desk.store.write() as tx:
            jobs.finish(tx, request.id, status, sentence, "{}", desk.clock.now())
        return request

    return asked


def test_waiting_for_a_training_that_fails_says_why_and_fails(
    munim: Terminal, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    lost = "no Dask scheduler answers at tcp://127.0.0.1:9 within 10 s"
    monkeypatch.setattr(research, "ask", ended(JobStatus.FAILED, lost))
    said = munim("train", "--wait", "--cluster", "tcp://127.0.0.1:9")
    assert (said.code, said.out) == (1, "")
    assert said.err.strip().endswith(lost)


def test_waiting_for_a_training_that_is_done_says_what_it_did(
    munim: Terminal, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(research, "ask", ended(JobStatus.DONE, "ensemble-1 has no vote"))
    said = munim("train", "--wait")
    assert (said.code, said.out.strip()) == (0, "ensemble-1 has no vote")


def test_waiting_ends_where_the_worker_stays_silent_and_not_before(
    munim: Terminal, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """The minute is the worker's silence, not the training's: a beat starts it anew."""
    at = iter(range(0, 1000, 25))
    clock = SimpleNamespace(monotonic=lambda: next(at), sleep=lambda _: None)
    beats = [1.0, 1.0, 1.0, *[9.0] * 9]
    monkeypatch.setattr(research, "time", clock)
    monkeypatch.setattr(Desk, "beat_age", lambda self, tx: beats.pop(0))
    said = munim("train", "--wait")
    assert said.code == 1 and "the worker was silent for 60 s" in said.sentence
    assert len(beats) == 7  # looked at 25 and 50 s after the last beat, and gave up past 60


def test_a_cluster_that_is_not_to_be_trusted_is_refused_before_it_is_asked(
    munim: Terminal, desk: Desk
):
    said = munim("train", "--cluster", "tcp://10.1.2.3:8786")
    assert said.code == 2 and "neither on this machine nor behind TLS" in said.err
    with desk.store.read() as tx:
        assert all(request.kind != "train" for request in jobs.recent(tx))
