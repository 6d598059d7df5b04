"""How far a piece of work asked of the worker has got, in words; one newest request of a kind."""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.desk.desk import Desk
from core.desk.jobs import job_time
from core.domain.job import JobRequest, JobStatus
from core.domain.words import age_of, ist_time
from core.store import jobs
from core.views.frame import worker_is_silent
from core.views.shown import Meter, Text, Tone

LOOK_BACK = 200
GOING = (JobStatus.WAITING, JobStatus.RUNNING)
TONES: dict[JobStatus, Tone] = {JobStatus.FAILED: "loss", JobStatus.CANCELLED: "warn"}


@dataclass(frozen=True, slots=True)
class JobView:
    """One request; `going` while it waits or runs, and then no second one should be asked."""

    id: str
    state: Text
    used: Meter
    sentence: str
    age: str
    going: bool


def job_view(desk: Desk, kind: str) -> JobView | None:
    """The newest request of a kind, None when it was never asked."""
    request = newest(desk, kind)
    return None if request is None else shown(request, desk)


def newest(desk: Desk, kind: str) -> JobRequest | None:
    """The newest request of a kind."""
    with desk.store.read() as tx:
        found = [request for request in jobs.recent(tx, LOOK_BACK) if request.kind == kind]
    return found[0] if found else None


def newest_result(desk: Desk, kind: str) -> tuple[JobRequest, dict[str, Any]] | None:
    """The newest request of a kind that ended well, with its result."""
    with desk.store.read() as tx:
        for request in jobs.recent(tx, LOOK_BACK):
            if request.kind == kind and request.status is JobStatus.DONE and request.result:
                result: dict[str, Any] = json.loads(request.result)
                return request, result
    return None


def job_signature(desk: Desk, *kinds: str) -> Hashable:
    """Changes when a request of these kinds is asked, starts or ends."""
    with desk.store.read() as tx:
        return tuple((r.id, r.status) for r in jobs.recent(tx, LOOK_BACK) if r.kind in kinds)


def shown(request: JobRequest, desk: Desk) -> JobView:
    """A request in words."""
    at = request.ended_at or request.started_at or request.asked_at
    return JobView(
        id=request.id,
        state=Text(request.status.lower(), TONES.get(request.status, ""), bold=True),
        used=Meter(request.progress, plain=True),
        sentence=_sentence(request, silent=worker_is_silent(desk)),
        age=_age(request, at, job_time(desk)),
        going=request.status in GOING,
    )


def _sentence(request: JobRequest, *, silent: bool) -> str:
    if request.status in GOING and silent:
        return "The worker is silent; this goes on when it is back."
    if request.status is JobStatus.WAITING:
        return "Waits for the worker's turn."
    return request.sentence


def _age(request: JobRequest, at: datetime, now: datetime) -> str:
    if request.status in GOING:
        return f"{request.progress * 100:.0f} % · asked {age_of(request.asked_at, now)} ago"
    return f"ended {ist_time(at)} · {age_of(at, now)} ago"
