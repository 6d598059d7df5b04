from datetime import UTC, date, time, timedelta
from pathlib import Path

import pytest

from core.desk.calendar import set_day, take_back
from core.desk.desk import calendar_now
from core.desk.floor import BEFORE_OPEN
from core.domain.calendar_override import Word
from core.providers.sim.market import SIM_STARTS_ON
from core.store import bars, reports
from core.store.engine import Store
from jobs import work
from jobs.worker import Worker
from tests.jobs.floor import a_worker

SECOND_DAY = calendar_now().next_session(SIM_STARTS_ON)
NOON = ((time(9, 15), time(12, 0)),)


@pytest.fixture
def worker(store: Store, desk_home: Path) -> Worker:
    return a_worker(store, desk_home)


def go_to_the_end_of(worker: Worker, day: date) -> None:
    """Go to the moment the day's work is over by the calendar the worker sees."""
    closes_at = worker.floor.desk.calendar.session(day).closes_at
    worker.floor.clock.jump_to((closes_at + timedelta(minutes=50)).astimezone(UTC))


def test_a_session_closed_by_a_person_is_skipped_without_bars_or_report(worker: Worker):
    work.pulse(worker)
    desk = worker.floor.desk
    set_day(desk, SIM_STARTS_ON, Word.CLOSED, reason="CMTR/1", by="asha")
    work.pulse(worker)
    opens_at = calendar_now().session(SECOND_DAY).opens_at
    assert worker.floor.clock.now() == opens_at - BEFORE_OPEN
    with desk.store.read() as tx:
        assert SIM_STARTS_ON not in bars.sessions(tx)
        assert reports.all_reports(tx) == []
    go_to_the_end_of(worker, SECOND_DAY)
    work.pulse(worker)
    with desk.store.read() as tx:
        assert bars.sessions(tx)[-1] == SECOND_DAY
        assert [report.day for report in reports.all_reports(tx)] == [SECOND_DAY]


def test_a_shortened_session_ends_early_and_one_taken_back_does_not(worker: Worker):
    desk = worker.floor.desk
    set_day(desk, SIM_STARTS_ON, Word.HOURS, reason="CMTR/2", by="asha", trading=NOON)
    go_to_the_end_of(worker, SIM_STARTS_ON)
    assert worker.floor.clock.now().astimezone(UTC).hour == 7  # 12:50 in India
    work.pulse(worker)
    with desk.store.read() as tx:
        assert [report.day for report in reports.all_reports(tx)] == [SIM_STARTS_ON]
    set_day(desk, SECOND_DAY, Word.CLOSED, reason="CMTR/3", by="asha")
    take_back(desk, SECOND_DAY, by="asha")
    before = worker.floor.clock.now()
    work.pulse(worker)
    assert worker.floor.clock.now() == before
