"""A request run as the child process runs it: its row tells how it ended."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from core.config import settings_now
from core.desk import jobs as requests
from core.desk.desk import Desk, open_desk
from core.desk.fetch_wish import FetchWish
from core.desk.open_market import open_accounts
from core.domain.job import JobRequest, JobStatus
from core.errors import MunimError
from core.store import jobs, reports
from jobs import child


@pytest.fixture
def desk(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    settings_now.cache_clear()
    opened = open_desk()
    open_accounts(opened, at=opened.clock.now())
    return opened


def run(desk: Desk, kind: str, **arguments: object) -> JobRequest:
    """Ask, take and run one request; returns its row."""
    asked = requests.ask(desk, kind, **arguments)
    with desk.store.write() as tx:
        jobs.claim(tx, (kind,), desk.clock.now())
    child.run_request(asked.id)
    with desk.store.read() as tx:
        return jobs.by_id(tx, asked.id)


def test_a_report_is_written_and_the_row_says_of_which_day(desk: Desk):
    done = run(desk, "report")
    assert (done.status, done.sentence) == (
        JobStatus.DONE,
        "the report of 2026-04-06 is written",
    )
    with desk.store.read() as tx:
        assert len(reports.all_reports(tx)) == 1


@pytest.mark.parametrize("kind", ["train", "scan"])
def test_a_request_that_cannot_be_done_fails_with_one_sentence(desk: Desk, kind: str):
    failed = run(desk, kind)
    assert failed.status is JobStatus.FAILED
    assert failed.sentence and "Error" not in failed.sentence


def test_a_bug_fails_the_row_in_the_desks_words_and_goes_on(desk: Desk):
    asked = requests.ask(desk, "backtest")  # its arguments are missing
    with capture_logs() as logged, pytest.raises(MunimError) as told:
        child.run_request(asked.id)
    with desk.store.read() as tx:
        row = jobs.by_id(tx, asked.id)
    assert row.status is JobStatus.FAILED
    assert row.sentence == str(told.value)
    assert row.sentence == (
        "backtest: stopped by a fault in the desk, not by what you asked for; each of its "
        "writes is kept whole or not at all, so nothing is half-written; the worker's log has "
        f"the details under {asked.id}"
    )
    assert isinstance(told.value.__cause__, KeyError)
    [line] = logged
    assert (line["event"], line["request"], line["kind"], line["log_level"]) == (
        "request failed", asked.id, "backtest", "error",
    )  # fmt: skip
    assert line["exception"].startswith("Traceback (most recent call last)")
    assert line["exception"].endswith("KeyError: 'strategy'")


def test_a_fault_of_any_kind_keeps_its_class_and_text_out_of_the_row(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> object:
        raise AttributeError("'NoneType' object has no attribute 'close'")

    monkeypatch.setitem(child.KINDS, "report", broken)
    asked = requests.ask(desk, "report")
    with capture_logs(), pytest.raises(MunimError):
        child.run_request(asked.id)
    with desk.store.read() as tx:
        sentence = jobs.by_id(tx, asked.id).sentence
    assert "Error" not in sentence and "NoneType" not in sentence and asked.id in sentence


def test_warming_up_on_an_empty_desk_says_what_is_missing(desk: Desk):
    assert child.warm() == "no model is trained yet; train one on Predictions or with munim train"


def test_deciding_with_nothing_waiting_needs_no_model(desk: Desk, tmp_path: Path):
    assert child.decide_waiting() == "0 decisions, 0 cards, 0 cards rewritten"


def test_a_fetch_in_a_simulated_store_fails_with_one_sentence(desk: Desk):
    failed = run(desk, "fetch", **asdict(FetchWish(symbols=("TCS",))))
    assert failed.status is JobStatus.FAILED
    assert "stamped sim" in failed.sentence


def test_work_called_off_ends_cancelled_in_its_own_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    asked = requests.ask(desk, "train")
    with desk.store.write() as tx:
        jobs.claim(tx, ("train",), desk.clock.now())
    requests.call_off_job(desk, asked.id, by="asha")

    def long_work(on: Desk, arguments: object, progress: child.Progress) -> child.Answer:
        progress(0.25, "a quarter is done")
        raise AssertionError("it goes on although it was called off")

    monkeypatch.setitem(child.KINDS, "train", long_work)
    child.run_request(asked.id)
    with desk.store.read() as tx:
        row = jobs.by_id(tx, asked.id)
    assert row.status is JobStatus.CANCELLED
    assert row.sentence == "called off at 25%: a quarter is done"
