"""Work asked of the worker, how far it got, and what each scheduled run did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobStatus(StrEnum):
    """Where a request is."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class JobRequest:
    """One piece of work: `kind` names a use case, `arguments` is canonical JSON.

    `progress` is a fraction in [0, 1]; `sentence` says what is happening or what failed, and
    `result` is JSON once done.
    """

    id: str
    kind: str
    arguments: str
    asked_by: str
    asked_at: datetime
    status: JobStatus = JobStatus.WAITING
    progress: float = 0.0
    sentence: str = ""
    result: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a scheduled job."""

    job: str
    started_at: datetime
    seconds: float
    ok: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The worker's pulse: market time beside the monotonic clock, so that others can tell both."""

    worker: str
    fence: int
    market_at: datetime
    monotonic: float
    speed: float
    feed_at: datetime | None
    sentence: str = ""
