"""A store that takes no row pauses the desk by the file beside it, and a person lets it go."""

from __future__ import annotations

import errno
from dataclasses import replace

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError

from core.desk import kill_file as kill_files
from core.desk.kill import effective_level, resume
from core.desk.kill_file import kill_file, level_in_file, pause, told_in_file
from core.domain.risk import KillLevel
from core.store import alerts
from core.views.frame import frame_view
from jobs import work
from jobs.__main__ import _guarded
from jobs.schedule import JOBS, Job
from jobs.worker import Worker
from tests.jobs.floor import a_worker

PULSE = next(job for job in JOBS if job.name == "pulse")


@pytest.fixture
def worker(store, desk_home) -> Worker:
    return a_worker(store, desk_home)


def is_full(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA max_page_count = 1")
    connection.exec_driver_sql("CREATE TABLE more AS SELECT zeroblob(100000) AS page")


def test_a_full_disk_pauses_by_the_file_and_is_alarmed_once_there_is_room(worker: Worker):
    desk = worker.floor.desk
    if not desk.store.url.startswith("sqlite"):
        pytest.skip("a full disk is made by SQLite's own limit of pages")
    pulse = _guarded(worker, PULSE)
    event.listen(desk.store.engine, "begin", is_full)
    for _ in range(3):
        pulse()
    event.remove(desk.store.engine, "begin", is_full)
    assert kill_file(desk.home).read_text().splitlines()[0] == "PAUSE"
    said = told_in_file(desk.home)
    assert "database or disk is full" in said and "stops at the broker stand" in said
    assert frame_view(desk).paused == said
    event.listen(
        desk.store.engine,
        "begin",
        lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1000000"),
    )
    pulse()
    with desk.store.read() as tx:
        assert [one.sentence for one in alerts.recent(tx)] == [said]
    assert (effective_level(desk), told_in_file(desk.home)) == (KillLevel.PAUSE, "")
    assert frame_view(desk).paused == said
    resume(desk, reason="there is room", by="me")
    with desk.store.read() as tx:
        assert [one.seen_at is not None for one in alerts.recent(tx)] == [True]
    pulse()
    assert (effective_level(desk), frame_view(desk).paused) == (KillLevel.NORMAL, "")


def test_a_disk_that_takes_no_file_either_holds_the_level_until_it_does(worker, monkeypatch):
    home = worker.floor.desk.home

    def no_room(path, level, sentence=""):
        raise OSError(errno.ENOSPC, "No space left on device")

    real = kill_files.note_level
    monkeypatch.setattr(kill_files, "note_level", no_room)
    assert pause(home, "the disk is full")
    assert not kill_file(home).exists()
    assert (level_in_file(home), told_in_file(home)) == (KillLevel.PAUSE, "the disk is full")
    monkeypatch.setattr(kill_files, "note_level", real)
    assert level_in_file(home) is KillLevel.PAUSE
    assert kill_file(home).read_text() == "PAUSE\nthe disk is full\n"


def test_a_stricter_level_is_kept_and_the_first_reason_stands(worker: Worker):
    home = worker.floor.desk.home
    kill_file(home).write_text("HALT")
    assert pause(home, "first") and not pause(home, "second")
    assert (level_in_file(home), told_in_file(home)) == (KillLevel.HALT, "first")
    assert work.take_in(worker.floor.desk) == "first"
    assert (effective_level(worker.floor.desk), work.take_in(worker.floor.desk)) == (
        KillLevel.HALT,
        "",
    )


@pytest.mark.parametrize(
    "fault", [OSError(errno.ENOENT, "gone"), IntegrityError("insert", {}, Exception("unique"))]
)
def test_a_fault_that_is_not_the_disks_pauses_nothing_and_goes_on(worker: Worker, fault):
    def fails(worker: Worker) -> str:
        raise fault

    with pytest.raises(type(fault)):
        _guarded(worker, replace(PULSE, run=fails))()
    assert level_in_file(worker.floor.desk.home) is KillLevel.NORMAL


def test_no_room_for_a_file_pauses_as_well(worker: Worker):
    def fails(worker: Worker) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    _guarded(worker, Job("anchor", fails, every=60.0, floor=False))()
    assert "(No space left on device)" in told_in_file(worker.floor.desk.home)
