"""Ask the worker for work, or call it off; the row's progress outlives a closed tab."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.account import Market
from core.domain.clock import WallClock
from core.domain.job import JobRequest, JobStatus
from core.errors import BadInput
from core.store import audit, jobs, settings

KINDS = (
    "open market",
    "train",
    "scan",
    "backtest",
    "optimize",
    "report",
    "fetch",
    "drift",
    "leaks",
)
CALLED_OFF = "called off:"
BEFORE = "called off before it began"


def job_time(desk: Desk) -> datetime:
    """What requests are stamped with: the market's time, or the wall's where that stands still."""
    return WallClock().now() if desk.market is Market.REPLAY else desk.clock.now()


def ask(
    desk: Desk, kind: str, *, by: str = "person at the desk", **arguments: object
) -> JobRequest:
    """Put one job request in the store; raises BadInput for an unknown kind."""
    if kind not in KINDS:
        raise BadInput(f"{kind!r} is no job; use one of {', '.join(KINDS)}")
    with desk.store.write() as tx:
        return ask_in(desk, tx, kind, by=by, **arguments)


def ask_in(desk: Desk, tx: Session, kind: str, *, by: str, **arguments: object) -> JobRequest:
    """The same inside a transaction that also writes why."""
    at = desk.clock.now()
    request = jobs.ask(tx, kind, arguments, asked_by=by, at=job_time(desk))
    audit.append(
        tx, at=at, actor=by, verb="ask", subject=request.id, body={"kind": kind, **arguments}
    )
    return request


def call_off_job(desk: Desk, id: str, *, by: str) -> None:
    """Stop a request: at once while it waits, else after the step it is at.

    Raises:
        BadInput: it has ended already.
        NotFound: no request has the id.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        request = jobs.by_id(tx, id)
        if request.status is JobStatus.WAITING:
            jobs.finish(tx, id, JobStatus.CANCELLED, BEFORE, "{}", job_time(desk))
        elif request.status is JobStatus.RUNNING:
            settings.put(tx, CALLED_OFF + id, True)
        else:
            raise BadInput(f"{request.kind} has ended as {request.status}; nothing to call off")
        audit.append(tx, at=at, actor=by, verb="call off", subject=id, body={"kind": request.kind})


def is_called_off(desk: Desk, id: str) -> bool:
    """Whether a person wants a running request to stop."""
    with desk.store.read() as tx:
        return bool(settings.get(tx, CALLED_OFF + id, False))
