"""The record: one entry per state change, each carrying the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.errors import Tampered

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


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of the chain as it stood once: the last entry's number and hash."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A chain that holds: how many entries it has and where it ends."""

    entries: int
    head: Anchor


def fault(before: Anchor, entry: AuditEntry) -> str:
    """What is wrong with an entry that should follow `before`; empty when nothing is."""
    found = link_hash(
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        verb=entry.verb,
        subject=entry.subject,
        body=entry.body,
        prev_hash=entry.prev_hash,
    )
    if found != entry.hash:
        return f"entry {entry.seq} was changed: its hash is {entry.hash[:12]}, not {found[:12]}"
    if entry.seq != before.seq + 1:
        if entry.seq > before.seq + 1:
            return f"entry {before.seq + 1} is missing: {entry.seq} follows {before.seq}"
        return f"entry {entry.seq} is out of place: it follows {before.seq}"
    if entry.prev_hash != before.hash:
        return (
            f"entry {entry.seq} was put in or moved: it follows {entry.prev_hash[:12]} and entry "
            f"{before.seq} is {before.hash[:12]}"
        )
    return ""


def check_chain(entries: Iterable[AuditEntry], *, anchor: Anchor | None = None) -> Verified:
    """Walk a chain from its first entry; raises Tampered naming the first bad one.

    An `anchor` noted earlier also finds an end that was cut off and a chain built anew.
    """
    before = Anchor(seq=0, hash=GENESIS)
    for entry in entries:
        wrong = fault(before, entry)
        if wrong:
            raise Tampered(f"{wrong}; stop trading and compare with a backup")
        before = Anchor(seq=entry.seq, hash=entry.hash)
        if anchor is not None and before.seq == anchor.seq and before.hash != anchor.hash:
            raise Tampered(
                f"entry {anchor.seq} was rewritten with all before it: its hash is "
                f"{before.hash[:12]} and {anchor.hash[:12]} was noted; compare with a backup"
            )
    if anchor is not None and before.seq < anchor.seq:
        raise Tampered(
            f"entry {before.seq + 1} is missing: the record ends at {before.seq} and "
            f"{anchor.seq} was noted; compare with a backup"
        )
    return Verified(entries=before.seq, head=before)
