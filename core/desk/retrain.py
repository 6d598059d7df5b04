"""A new training is proposed, never begun: by age, or because the world moved from the model.

The worker writes the proposal with its reasons; a person accepts it, and then a training is asked
for, or dismisses it until twenty sessions more have passed. One that nobody answers waits for as
long as its model is in use, and takes up what is found meanwhile.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.jobs import ask_in
from core.domain.clock import ist_day
from core.domain.job import JobRequest
from core.domain.words import counted, pct
from core.errors import NotFound
from core.models.drift import DRIFTED_SHARE, PSI_MUCH, Drift
from core.store import audit, bars, models, settings
from core.store.codec import from_json, to_json

KEY: Final = "retraining"
LOOKED: Final = "drift:looked"
EVERY_SESSIONS = 20
OPEN, ACCEPTED, DISMISSED = "open", "accepted", "dismissed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A wish for a new training of what `version` does.

    `sessions` since its data end; `seconds` that its own training took, None where not known.
    """

    version: str
    made_at: datetime
    sessions: int
    reasons: tuple[str, ...]
    state: str = OPEN
    by: str = ""
    answered_at: datetime | None = None
    seconds: float | None = None


def propose(desk: Desk, drift: Drift) -> Proposal | None:
    """Write a proposal when there is a reason for one and none was made lately.

    An answered one stands until twenty sessions later; one that waits is written anew only with a
    reason of a kind it did not have. Returns what was written, else None.
    """
    reasons = reasons_of(drift)
    with desk.store.write() as tx:
        now = models.current(tx, "primary")
        last = last_proposal(tx)
        if not reasons or now is None or now.version != drift.version:
            return None
        if last is not None and last.version == drift.version:
            rested = drift.sessions_since - last.sessions >= EVERY_SESSIONS
            new = rested if last.state != OPEN else len(reasons) > len(last.reasons)
            if not new:
                return None
        at = desk.clock.now()
        made = Proposal(drift.version, at, drift.sessions_since, reasons, seconds=now.seconds)
        _put(tx, made)
        body = {"reasons": list(reasons), "sessions": made.sessions}
        audit.append(
            tx, at=at, actor="worker", verb="propose training", subject=made.version, body=body
        )
    return made


def reasons_of(drift: Drift) -> tuple[str, ...]:
    """Why a new training is due, a clause each; empty when none is."""
    found = []
    if drift.sessions_since >= EVERY_SESSIONS:
        found.append(f"{drift.sessions_since} sessions have passed since its data end")
    moved = [one for one in drift.features if one.drifted]
    if drift.features and len(moved) >= DRIFTED_SHARE * len(drift.features):
        found.append(
            f"{len(moved)} of {counted(len(drift.features), 'feature')} drifted, with an index of "
            f"{PSI_MUCH} or more and further than in any 60 sessions of training"
        )
    if drift.calibration.drifted:
        said = drift.calibration
        found.append(
            f"targets came first {pct(said.came, digits=1)} of the time where "
            f"{pct(said.said, digits=1)} was said, n {said.n}, beyond what chance gives"
        )
    return tuple(found)


def last_proposal(tx: Session) -> Proposal | None:
    """The newest proposal, answered or not; None before the first."""
    found = settings.get(tx, KEY)
    return None if found is None else from_json(Proposal, json.dumps(found))


def open_proposal(tx: Session) -> Proposal | None:
    """The proposal that waits for a person; one for a model no longer in use does not."""
    last, now = last_proposal(tx), models.current(tx, "primary")
    waits = last is not None and now is not None and last.version == now.version
    return last if waits and last is not None and last.state == OPEN else None


def accept(desk: Desk, *, by: str) -> JobRequest:
    """Ask for the training that is proposed, of the kinds that the model in use has.

    Raises NotFound without a proposal.
    """
    with desk.store.write() as tx:
        _answer(desk, tx, ACCEPTED, by=by)
        now = models.current(tx, "primary")
        kinds = [member.kind for member in now.members] if now else []
        wish: dict[str, object] = {"kinds": kinds} if kinds else {}
        return ask_in(desk, tx, "train", by=by, **wish)


def dismiss(desk: Desk, *, by: str) -> None:
    """Leave the model as it is; raises NotFound without a proposal."""
    with desk.store.write() as tx:
        _answer(desk, tx, DISMISSED, by=by)


def look_when_due(desk: Desk) -> bool:
    """Ask for the drift of the model in use once a session closed that it was not held against.

    Returns whether it was asked for; a session is asked for once.
    """
    with desk.store.read() as tx:
        name = _not_looked_at(tx)
    if not name:
        return False
    with desk.store.write() as tx:
        settings.put(tx, LOOKED, name)
        ask_in(desk, tx, "drift", by="schedule")
    return True


def _not_looked_at(tx: Session) -> str:
    """The model in use and the newest session, where they were not held together; else ""."""
    now = models.current(tx, "primary")
    if now is None or not bars.any_stored(tx):
        return ""
    last = bars.sessions(tx)[-1]
    name = f"{now.version}:{last}"
    seen = last < ist_day(now.trained_at) or settings.get(tx, LOOKED, "") == name
    return "" if seen else name


def _answer(desk: Desk, tx: Session, state: str, *, by: str) -> None:
    at, waits = desk.clock.now(), open_proposal(tx)
    if waits is None:
        raise NotFound("no training is proposed; munim train asks for one all the same")
    _put(tx, replace(waits, state=state, by=by, answered_at=at))
    body = {"answer": state, "reasons": list(waits.reasons)}
    audit.append(tx, at=at, actor=by, verb="answer training", subject=waits.version, body=body)


def _put(tx: Session, one: Proposal) -> None:
    settings.put(tx, KEY, json.loads(to_json(one)))
