"""A vote that training gave and use takes away: odds that no longer come as they are told.

The desk looks after each session. While what the model in use has said since training differs from
what came beyond chance it goes on predicting without a say; it has its vote back when a later look
finds them agree. Another model put to use stands for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.words import pct
from core.store import audit, models, settings

if TYPE_CHECKING:
    from core.models.drift import CalibrationDrift, Drift

KEY: Final = "vote:lost"


def lost(tx: Session, version: str) -> str:
    """Why a version has lost its vote in use, a clause; "" where it has not."""
    found = settings.get(tx, KEY)
    return str(found["why"]) if found and found["version"] == version else ""


def settle(desk: Desk, drift: Drift) -> str:
    """Take the vote of the model in use or give it back.

    What was measured of a model that is no longer in use changes nothing. Returns why the vote is
    lost, "" where it is not.
    """
    why = _why(drift.calibration)
    with desk.store.write() as tx:
        now = models.current(tx, "primary")
        if now is None or now.version != drift.version or not now.has_vote:
            return ""
        if bool(why) == bool(lost(tx, now.version)):
            return why
        settings.put(tx, KEY, {"version": now.version, "why": why})
        audit.append(
            tx,
            at=desk.clock.now(),
            actor="worker",
            verb="take vote" if why else "give vote back",
            subject=now.version,
            body={"why": why, "n": drift.calibration.n},
        )
    return why


def _why(said: CalibrationDrift) -> str:
    if not said.drifted:
        return ""
    return (
        f"since training targets came first {pct(said.came, digits=1)} of the time where "
        f"{pct(said.said, digits=1)} was said, n {said.n}"
    )
