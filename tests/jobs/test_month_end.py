"""The worker writes a month's report with that of its last session."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from core.desk.close import close_day
from core.desk.desk import calendar_now
from core.store import reports
from core.store.engine import Store
from jobs import work
from tests.jobs.floor import a_worker


def test_the_last_session_of_a_month_writes_its_report_and_no_other_does(
    store: Store, desk_home: Path
) -> None:
    worker = a_worker(store, desk_home)
    work.pulse(worker)
    kinds = []
    for on in (date(2026, 11, 27), date(2026, 11, 30)):
        closes_at = calendar_now().session(on).closes_at
        worker.floor.clock.jump_to(closes_at + timedelta(minutes=30))
        close_day(worker.floor)
        with worker.floor.desk.store.read() as tx:
            kinds.append(sorted(one.kind for one in reports.all_reports(tx)))
    assert kinds == [["eod"], ["eod", "eod", "month"]]
