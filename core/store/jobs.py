"""Work asked of the worker, and what each scheduled run did.

A request equal to one that still waits is that one, so a double click asks once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, update
from sqlmodel import Session

from core.domain.audit import canonical
from core.domain.job import JobRequest, JobRun, JobStatus
from core.errors import IllegalTransition, NotFound
from core.store.sql import changed, flat
from core.store.tables_desk import job_runs, jobs

J = jobs.c
WAITING, RUNNING = JobStatus.WAITING.value, JobStatus.RUNNING.value


def ask(
    tx: Session, kind: str, arguments: Mapping[str, Any], *, asked_by: str, at: datetime
) -> JobRequest:
    """Ask for work, or return the equal request that still waits."""
    words = canonical(dict(arguments))
    same = select(J.id).where(J.status == WAITING, J.kind == kind, J.arguments == words)
    found = tx.execute(same.order_by(J.number)).scalar()
    if found is not None:
        return by_id(tx, found)
    number = (tx.execute(select(func.max(J.number))).scalar() or 0) + 1
    basis = "\x1f".join((str(number), kind, words, asked_by, at.isoformat()))
    request = JobRequest(
        id="jb" + hashlib.sha256(basis.encode()).hexdigest()[:14],
        kind=kind,
        arguments=words,
        asked_by=asked_by,
        asked_at=at,
    )
    tx.execute(insert(jobs).values(**flat(request)))
    return request


def claim(tx: Session, kinds: Sequence[str], at: datetime) -> JobRequest | None:
    """Take the oldest waiting request of some kinds; None when there is none.

    Two workers never take the same one.
    """
    oldest = select(J.id).where(J.status == WAITING, J.kind.in_(kinds)).order_by(J.number)
    found = tx.execute(oldest.limit(1).with_for_update(skip_locked=True)).scalar()
    if found is None:
        return None
    taken = update(jobs).where(J.id == found, J.status == WAITING)
    if changed(tx, taken.values(status=RUNNING, started_at=at)) != 1:
        return None
    return by_id(tx, found)


def progress(tx: Session, id: str, fraction: float, sentence: str) -> None:
    """Say how far a running request got, as a fraction in [0, 1]; others are left alone."""
    kept = min(1.0, max(0.0, fraction))
    running = update(jobs).where(J.id == id, J.status == RUNNING)
    tx.execute(running.values(progress=kept, sentence=sentence))


def finish(
    tx: Session, id: str, status: JobStatus, sentence: str, result: str, at: datetime
) -> None:
    """End a request; raises IllegalTransition when it ended before."""
    before = by_id(tx, id)
    going = update(jobs).where(J.id == id, J.status.in_((WAITING, RUNNING)))
    done = 1.0 if status is JobStatus.DONE else before.progress
    row = {"status": status.value, "sentence": sentence, "result": result, "ended_at": at}
    if changed(tx, going.values(progress=done, **row)) != 1:
        raise IllegalTransition(f"job {id} is {before.status} and cannot become {status}")


def by_id(tx: Session, id: str) -> JobRequest:
    """One request; raises NotFound."""
    row = tx.execute(select(jobs).where(J.id == id)).mappings().first()
    if row is None:
        raise NotFound(f"no job has the id {id}")
    return _request(row)


def recent(tx: Session, limit: int = 50) -> list[JobRequest]:
    """The newest requests, newest first."""
    rows = tx.execute(select(jobs).order_by(J.number.desc()).limit(limit)).mappings()
    return [_request(row) for row in rows]


def put_run(tx: Session, run: JobRun) -> None:
    """Keep what one scheduled run did."""
    tx.execute(insert(job_runs).values(**flat(run)))


def runs(tx: Session) -> list[JobRun]:
    """The last run of each scheduled job, by job."""
    newest = select(func.max(job_runs.c.id)).group_by(job_runs.c.job)
    found = select(job_runs).where(job_runs.c.id.in_(newest)).order_by(job_runs.c.job)
    rows = tx.execute(found).mappings()
    return [JobRun(**{name: row[name] for name in row if name != "id"}) for row in rows]


def _request(row: RowMapping) -> JobRequest:
    kept = {name: row[name] for name in row if name != "number"}
    return JobRequest(**{**kept, "status": JobStatus(row["status"])})
