"""Ask the worker for work; the page shows the row's progress and survives a closed tab."""

from __future__ import annotations

from core.desk.desk import Desk
from core.domain.job import JobRequest
from core.errors import BadInput
from core.store import audit, jobs

KINDS = ("open market", "train", "scan", "backtest", "optimize", "report")


def ask(
    desk: Desk, kind: str, *, by: str = "person at the desk", **arguments: object
) -> JobRequest:
    """Put one job request in the store; raises BadInput for an unknown kind."""
    if kind not in KINDS:
        raise BadInput(f"{kind!r} is no job; use one of {', '.join(KINDS)}")
    at = desk.clock.now()
    with desk.store.write() as tx:
        request = jobs.ask(tx, kind, arguments, asked_by=by, at=at)
        audit.append(
            tx, at=at, actor=by, verb="ask", subject=request.id, body={"kind": kind, **arguments}
        )
    return request
