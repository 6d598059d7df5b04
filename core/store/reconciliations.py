"""The last comparison of each login with its broker, one a login."""

from __future__ import annotations

import json

from sqlmodel import Session

from core.domain.reconciliation import Reconciliation
from core.store import settings
from core.store.codec import from_json, to_json

KEY = "reconcile:"


def put(tx: Session, found: Reconciliation) -> None:
    """Keep the newest comparison of a login."""
    settings.put(tx, KEY + found.login_id, json.loads(to_json(found)))


def of_login(tx: Session, login_id: str) -> Reconciliation | None:
    """The last comparison of a login, or None before the first."""
    found = settings.get(tx, KEY + login_id, None)
    return None if found is None else from_json(Reconciliation, json.dumps(found))


def all_latest(tx: Session) -> list[Reconciliation]:
    """The last comparison of every login, by login id."""
    found = settings.starting(tx, KEY)
    return [from_json(Reconciliation, json.dumps(found[key])) for key in sorted(found)]
