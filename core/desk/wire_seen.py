"""Real answers that this desk itself got, kept as proof of how an adapter reads a call.

The first proof of a call is kept with its day and its hash, and the answer that contradicts it
takes its place. Only the worker writes here, from a broker's own host.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.account import BrokerLogin
from core.domain.evidence import Evidence
from core.store import audit, settings
from core.store.codec import from_json, to_json

PREFIX: Final = "wire:proof:"


def evidence_of(tx: Session, broker: str) -> dict[str, Evidence]:
    """What was kept of a broker's calls."""
    kept = settings.get(tx, f"{PREFIX}{broker}", {})
    return {call: from_json(Evidence, json.dumps(row)) for call, row in kept.items()}


def note_evidence(desk: Desk, login: BrokerLogin, found: Mapping[str, Evidence]) -> list[str]:
    """Keep what is new: a first proof, or an answer that says otherwise; returns its sentences."""
    if login.is_sandbox or not found:
        return []
    with desk.store.read() as tx:
        kept = evidence_of(tx, login.broker)
    new = [one for call, one in found.items() if _says_more(kept.get(call), one)]
    if not new:
        return []
    kept |= {one.call: one for one in new}
    with desk.store.write() as tx:
        rows = {call: json.loads(to_json(one)) for call, one in sorted(kept.items())}
        settings.put(tx, f"{PREFIX}{login.broker}", rows)
        for one in new:
            body = {"call": one.call, "rows": one.rows, "sha256": one.sha256, "fits": one.proves}
            at = desk.clock.now()
            audit.append(tx, at=at, actor="worker", verb="wire proof", subject=login.id, body=body)
    return [f"{one.call}: {one.sentence}" for one in new]


def _says_more(kept: Evidence | None, one: Evidence) -> bool:
    if kept is None:
        return True
    return (kept.strange, kept.missing) != (one.strange, one.missing)
