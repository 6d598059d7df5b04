"""When the universe was last scanned, and what keeps cards from being written."""

from __future__ import annotations

from sqlmodel import Session

from core.desk.supersede import stopped
from core.domain.job import JobStatus
from core.domain.risk import KillLevel
from core.domain.words import ist_time
from core.store import accounts, jobs

RECENT = 20
DECIDE = "decide"
TRAINED_NOW = "; a training was asked for, and cards come once it is done"


def no_cards(tx: Session) -> str:
    """One sentence: nothing waits, when the last scan ended, and what brings a card."""
    ended = [
        one.ended_at
        for one in jobs.recent(tx, RECENT)
        if one.kind == "scan" and one.status is JobStatus.DONE and one.ended_at is not None
    ]
    last = f"Last scan {ist_time(ended[0])}" if ended else "No scan has run yet"
    return f"No cards are waiting. {last}; a card comes when an event or a scan finds one."


def undecided(tx: Session) -> tuple[str, ...]:
    """Why no card is written for any account, where the worker's last try to decide failed."""
    training = any(
        one.kind == "train" and one.status in (JobStatus.WAITING, JobStatus.RUNNING)
        for one in jobs.recent(tx, RECENT)
    )
    return tuple(
        f"No new card is written: {one.sentence}"
        + (TRAINED_NOW if training and one.sentence.endswith("train again") else "")
        for one in jobs.runs(tx)
        if one.job == DECIDE and not one.ok
    )


def stand_still(tx: Session) -> tuple[str, ...]:
    """Why no card comes for each account that is paused or stopped, by its name."""
    names = {one.id: one.name for one in accounts.accounts(tx) if one.closed_at is None}
    found = []
    for one in stopped(tx):
        if one.scope in names:
            paused = one.level is KillLevel.PAUSE
            how = "is paused" if paused else f"stands at {one.level.name}"
            found.append(
                f"{names[one.scope]} {how}: {one.reason}. Its cards ended; new ones are written "
                "once it is resumed."
            )
    return tuple(sorted(found))
