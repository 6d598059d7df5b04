"""The newest scan, kept beside the settings for the page that shows who was left out and why."""

from __future__ import annotations

import json

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.scanned import ScanRecord
from core.store import settings
from core.store.codec import from_json, to_json

KEY = "scan:newest"


def keep_scan(desk: Desk, done: ScanRecord) -> None:
    """Put the newest scan in the place of the one before; its decisions stay, one by one."""
    with desk.store.write() as tx:
        settings.put(tx, KEY, json.loads(to_json(done)))


def last_scan(tx: Session) -> ScanRecord | None:
    """The newest scan; None when there was none yet."""
    found = settings.get(tx, KEY)
    return None if found is None else from_json(ScanRecord, json.dumps(found))
