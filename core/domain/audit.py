"""The record: one entry per state change, each carrying the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One link of the chain; `body` is canonical JSON."""

    seq: int
    at: datetime
    actor: str
    verb: str
    subject: str
    body: str
    prev_hash: str
    hash: str


def canonical(fields: object) -> str:
    """JSON with sorted keys and no blanks, so that equal facts hash alike."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def link_hash(
    *, seq: int, at: datetime, actor: str, verb: str, subject: str, body: str, prev_hash: str
) -> str:
    """The hash of one entry over everything it holds and the hash before it."""
    basis = canonical([seq, at.isoformat(), actor, verb, subject, body, prev_hash])
    return hashlib.sha256(basis.encode()).hexdigest()
