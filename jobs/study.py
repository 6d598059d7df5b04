"""The worker of a replay store: the study lane alone, so that a page can ask for work there.

Nothing trades: there is no floor, no broker and no feed, and the market's time stands still. What
is asked is done one at a time: fetches, training, backtests, optimising, reports.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

import structlog

from core.desk.dealer import LEASE, LEASE_SECONDS
from core.desk.desk import Desk
from core.desk.holder import is_gone, named
from core.desk.jobs import job_time
from core.domain.job import Heartbeat, JobStatus
from core.store import heartbeat, jobs, lease
from jobs import child
from jobs.lanes import Lane

log = structlog.get_logger()
KINDS = tuple(kind for kind in child.KINDS if kind not in ("open market", *child.RESEARCH_KINDS))
EVERY = 0.5  # seconds between beats
LOOK_BACK = 100  # requests among which a dead worker's are sought
SENTENCE = "replay store: fetches, training, backtests and reports; nothing trades"


@dataclass(slots=True)
class Study:
    """What the process holds; `under_way` is the request that runs, with its future."""

    desk: Desk
    lane: Lane
    holder: str
    fence: int
    market_at: datetime
    stopping: Event = field(default_factory=Event)
    under_way: tuple[str, Future[str]] | None = None


def open_study(desk: Desk) -> Study:
    """Take the store's lease; raises LeaseLost while another worker holds it."""
    holder = named("study")
    with desk.store.write() as tx:
        fence = lease.acquire(
            tx,
            LEASE,
            holder,
            monotonic=time.monotonic(),
            seconds=LEASE_SECONDS,
            is_gone=is_gone,
        )
        for request in jobs.recent(tx, LOOK_BACK):
            if request.status is JobStatus.RUNNING:
                sentence = "the worker stopped while it ran; ask again"
                now = job_time(desk)
                jobs.finish(tx, request.id, JobStatus.FAILED, sentence, "{}", now)
    return Study(desk, Lane("study", nice=10), holder, fence, desk.clock.now())


def run(study: Study) -> None:
    """Beat and work until told to stop; raises LeaseLost when another took over."""
    log.info("study started", worker=study.holder, fence=study.fence)
    while not study.stopping.is_set():
        step(study)
        study.stopping.wait(EVERY)
    study.lane.close()
    with study.desk.store.write() as tx:
        lease.release(tx, LEASE, study.holder, study.fence)


def step(study: Study) -> None:
    """One beat: the lease, the pulse, and the next request once the last one ended."""
    with study.desk.store.write() as tx:
        lease.renew(tx, LEASE, study.holder, study.fence, time.monotonic())
        heartbeat.beat(
            tx,
            Heartbeat(
                worker=lease.short(study.holder),
                fence=study.fence,
                market_at=study.market_at,
                monotonic=time.monotonic(),
                speed=0.0,
                feed_at=None,
                sentence=SENTENCE,
            ),
        )
    if study.under_way is not None:
        request_id, future = study.under_way
        if not future.done():
            return
        study.under_way = None
        _end_lost(study.desk, request_id, future)
    at = job_time(study.desk)
    with study.desk.store.write() as tx:
        request = jobs.claim(tx, KINDS, at=at)
    if request is not None:
        log.info("study", does=request.kind, request=request.id)
        study.under_way = (request.id, study.lane.submit(child.run_request, request.id))


def _end_lost(desk: Desk, request_id: str, done: Future[str]) -> None:
    """Fail a request whose process died before it said so."""
    failure = done.exception()
    if failure is None:
        return
    with desk.store.write() as tx:
        if jobs.by_id(tx, request_id).status is JobStatus.RUNNING:
            sentence = f"its process ended early ({type(failure).__name__}); ask again"
            jobs.finish(tx, request_id, JobStatus.FAILED, sentence, "{}", job_time(desk))
