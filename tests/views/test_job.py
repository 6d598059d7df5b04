"""How a request for work reads while it waits, runs, fails and ends."""

from __future__ import annotations

from pathlib import Path

from core.desk.jobs import ask
from core.domain.job import JobStatus
from core.store import jobs
from core.views.job import job_signature, job_view, newest_result
from tests.views.shelf import empty_desk, filled_desk


def test_work_never_asked_for_has_no_view(tmp_path: Path):
    assert job_view(filled_desk(tmp_path), "train") is None


def test_a_running_request_shows_its_sentence_and_share(tmp_path: Path):
    desk = filled_desk(tmp_path)
    request = ask(desk, "train")
    assert job_view(desk, "train").sentence == "Waits for the worker's turn."
    with desk.store.write() as tx:
        jobs.claim(tx, ["train"], desk.clock.now())
        jobs.progress(tx, request.id, 0.4, "fold 2 of 4")
    view = job_view(desk, "train")
    assert view.going and view.sentence == "fold 2 of 4"
    assert (view.used.used, view.age) == (0.4, "40 % · asked 0 s ago")


def test_with_a_silent_worker_it_says_so(tmp_path: Path):
    desk = empty_desk(tmp_path)
    ask(desk, "train")
    assert job_view(desk, "train").sentence == (
        "The worker is silent; this goes on when it is back."
    )


def test_a_failure_keeps_its_sentence_and_the_last_good_result_stays(tmp_path: Path):
    desk = filled_desk(tmp_path)
    before = job_signature(desk, "scan")
    for status, result in ((JobStatus.DONE, '{"cards": 2}'), (JobStatus.FAILED, "")):
        request = ask(desk, "scan")
        with desk.store.write() as tx:
            jobs.claim(tx, ["scan"], desk.clock.now())
            jobs.finish(tx, request.id, status, "no bars", result, desk.clock.now())
    view = job_view(desk, "scan")
    assert (view.state.text, view.state.tone, view.going) == ("failed", "loss", False)
    assert view.age == "ended 10:42:07 · 0 s ago"
    assert newest_result(desk, "scan")[1] == {"cards": 2}
    assert job_signature(desk, "scan") != before
