"""The newest run of all leak tests, of the desk's own columns and of a file, kept for a screen."""

from __future__ import annotations

import json

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.leak_record import LeakRecord
from core.store import settings
from core.store.codec import from_json, to_json

OWN, FILE = "leaks:own", "leaks:file"


def keep_leaks(desk: Desk, found: LeakRecord) -> None:
    """Put a run in the place of the one before of its kind."""
    with desk.store.write() as tx:
        settings.put(tx, OWN if found.features else FILE, json.loads(to_json(found)))


def last_leaks(tx: Session, *, of_file: bool = False) -> LeakRecord | None:
    """The newest run; None when there was none yet."""
    found = settings.get(tx, FILE if of_file else OWN)
    return None if found is None else from_json(LeakRecord, json.dumps(found))
