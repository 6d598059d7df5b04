"""What was read about each order of unknown outcome, so that a restart does not forget it.

There are few and each is replaced by its next, so they stand among the settings, one a key.
"""

from __future__ import annotations

import json

from sqlmodel import Session

from core.domain.reconciliation import Lookup
from core.store import settings
from core.store.codec import from_json, to_json

KEY = "lookup:"


def put(tx: Session, lookup: Lookup) -> None:
    """Keep the newest lookup of an order."""
    settings.put(tx, KEY + lookup.order_id, json.loads(to_json(lookup)))


def of_order(tx: Session, order_id: str) -> Lookup | None:
    """The lookup of one order, or None before the first read."""
    found = settings.get(tx, KEY + order_id, None)
    return None if found is None else from_json(Lookup, json.dumps(found))


def all_lookups(tx: Session) -> list[Lookup]:
    """Every lookup, by order id."""
    found = settings.starting(tx, KEY)
    return [from_json(Lookup, json.dumps(found[key])) for key in sorted(found)]


def drop(tx: Session, order_id: str) -> None:
    """Forget a lookup; the audit entry of what came of it stays."""
    settings.drop(tx, KEY + order_id)
