"""The worker of a replay store: it beats, does what is asked, and trades nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from core.config import settings_now
from core.desk.desk import Desk, open_desk
from core.desk.fetch_wish import FetchWish, ask_fetch
from core.desk.jobs import ask
from core.domain.job import JobStatus
from core.errors import LeaseLost
from core.store import heartbeat, jobs, lease
from jobs import study


class FakeLane:
    """Keeps what is submitted; a test ends it."""

    def __init__(self) -> None:
        self.submitted: list[tuple[str, Future[str]]] = []

    def submit(self, work: Callable[..., str], *arguments: str) -> Future[str]:
        future: Future[str] = Future()
        self.submitted.append((arguments[0], future))
        return future

    def close(self) -> None:
        """Nothing runs."""


@pytest.fixture
def held(
    sqlite_url: str, own_home: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[study.Study]:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("MUNIM_MARKET", "replay")
    settings_now.cache_clear()
    monkeypatch.setattr(study, "Lane", lambda name, nice: FakeLane())
    yield study.open_study(open_desk())


def status(desk: Desk, id: str) -> JobStatus:
    with desk.store.read() as tx:
        return jobs.by_id(tx, id).status


def test_it_beats_and_takes_one_request_at_a_time(held: study.Study):
    first = ask_fetch(held.desk, FetchWish(symbols=("TCS",)), by="me")
    second = ask(held.desk, "backtest")
    study.step(held)
    study.step(held)
    assert [id for id, _ in held.lane.submitted] == [first.id]
    assert status(held.desk, second.id) is JobStatus.WAITING
    with held.desk.store.read() as tx:
        beat = heartbeat.last(tx)
    assert beat is not None and (beat.speed, beat.worker) == (0.0, lease.short(held.holder))
    held.lane.submitted[0][1].set_result("done")
    study.step(held)
    assert [id for id, _ in held.lane.submitted] == [first.id, second.id]


def test_a_process_that_dies_fails_its_request_and_work_goes_on(held: study.Study):
    asked = ask_fetch(held.desk, FetchWish(symbols=("TCS",)), by="me")
    study.step(held)
    held.lane.submitted[0][1].set_exception(RuntimeError("killed"))
    study.step(held)
    assert status(held.desk, asked.id) is JobStatus.FAILED
    assert held.under_way is None


def test_what_a_dead_worker_left_running_is_failed_and_two_never_work_at_once(
    held: study.Study, monkeypatch: pytest.MonkeyPatch
):
    asked = ask_fetch(held.desk, FetchWish(symbols=("TCS",)), by="me")
    study.step(held)
    monkeypatch.setattr(study, "named", lambda kind: f"{kind}-1@elsewhere")
    with pytest.raises(LeaseLost):
        study.open_study(held.desk)
    held.stopping.set()
    study.run(held)  # gives the lease back
    study.open_study(held.desk)
    assert status(held.desk, asked.id) is JobStatus.FAILED


def test_a_market_is_never_opened_here():
    assert "fetch" in study.KINDS and "open market" not in study.KINDS
