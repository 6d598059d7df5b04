"""When the universe was last scanned, in words for an empty queue."""

from __future__ import annotations

from sqlmodel import Session

from core.domain.job import JobStatus
from core.domain.words import ist_time
from core.store import jobs

RECENT = 20


def no_cards(tx: Session) -> str:
    """One sentence: nothing waits, when the last scan ended, and what brings a card."""
    ended = [
        one.ended_at
        for one in jobs.recent(tx, RECENT)
        if one.kind == "scan" and one.status is JobStatus.DONE and one.ended_at is not None
    ]
    last = f"Last scan {ist_time(ended[0])}" if ended else "No scan has run yet"
    return f"No cards are waiting. {last}; a card comes when an event or a scan finds one."
