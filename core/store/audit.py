"""The record in the database: appended inside the transaction of the change it records.

The write lock gives each entry its place: SQLite has one writer, PostgreSQL takes an advisory
lock until the transaction ends, so numbers have no gap and no two entries share a parent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, text
from sqlmodel import Session

from core.domain.audit import (
    GENESIS,
    Anchor,
    AuditEntry,
    Verified,
    canonical,
    check_chain,
    link_hash,
)
from core.store.sql import dialect, flat
from core.store.tables_desk import audit

AUDIT_LOCK = 7_236_002  # any number; every Munim takes the same advisory lock
PAGE = 2_000
U = audit.c


def append(
    tx: Session, *, at: datetime, actor: str, verb: str, subject: str, body: Mapping[str, Any]
) -> AuditEntry:
    """Write the next entry; `body` is plain JSON."""
    take_turn(tx)
    before = head(tx)
    fields: dict[str, Any] = {
        "seq": before.seq + 1,
        "at": at.astimezone(UTC),
        "actor": actor,
        "verb": verb,
        "subject": subject,
        "body": canonical(dict(body)),
        "prev_hash": before.hash,
    }
    entry = AuditEntry(**fields, hash=link_hash(**fields))
    tx.execute(insert(audit).values(**flat(entry)))
    return entry


def take_turn(tx: Session) -> None:
    """Wait until no other recorded change is under way and hold that until this one ends.

    What is read after it stays true until the entry is written; on SQLite a write is alone anyway.
    """
    if dialect(tx) == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": AUDIT_LOCK})


def head(tx: Session) -> Anchor:
    """Number and hash of the last entry; number 0 when nothing is recorded."""
    row = tx.execute(select(U.seq, U.hash).order_by(U.seq.desc()).limit(1)).one_or_none()
    return Anchor(seq=0, hash=GENESIS) if row is None else Anchor(seq=row.seq, hash=row.hash)


def entries(
    tx: Session, *, subject: str | None = None, limit: int | None = None, after: int = 0
) -> list[AuditEntry]:
    """Entries numbered above `after`, oldest first, of one subject or of all."""
    found = select(audit).where(U.seq > after).order_by(U.seq).limit(limit)
    if subject is not None:
        found = found.where(U.subject == subject)
    return [_entry(row) for row in tx.execute(found)]


def last_of(tx: Session, verb: str, subjects: Sequence[str]) -> dict[str, int]:
    """The number of the last entry of a verb for each subject that has one."""
    found = select(U.subject, func.max(U.seq)).where(U.subject.in_(subjects), U.verb == verb)
    return {str(name): int(seq) for name, seq in tx.execute(found.group_by(U.subject))}


def newest_of(tx: Session, subjects: Sequence[str]) -> dict[str, AuditEntry]:
    """The last entry of each subject that has one."""
    last = select(func.max(U.seq)).where(U.subject.in_(subjects)).group_by(U.subject)
    found = tx.execute(select(audit).where(U.seq.in_(last)))
    return {row.subject: _entry(row) for row in found}


def newest(tx: Session, limit: int = 200) -> list[AuditEntry]:
    """The last entries, newest first."""
    found = select(audit).order_by(U.seq.desc()).limit(limit)
    return [_entry(row) for row in tx.execute(found)]


def verify(tx: Session, *, anchor: Anchor | None = None) -> Verified:
    """Walk the whole chain.

    Args:
        anchor: a head noted elsewhere earlier; it finds a cut end and a rebuilt chain.

    Raises:
        Tampered: names the first bad entry and what is wrong with it.
    """
    return check_chain(_all(tx), anchor=anchor)


def _all(tx: Session) -> Iterator[AuditEntry]:
    """Every row by number, a page at a time; a row put in by hand may carry any number."""
    ordered = select(audit).order_by(U.seq).limit(PAGE)
    page = [_entry(row) for row in tx.execute(ordered)]
    while page:
        yield from page
        page = [_entry(row) for row in tx.execute(ordered.where(U.seq > page[-1].seq))]


def _entry(row: Row[tuple[object, ...]]) -> AuditEntry:
    return AuditEntry(
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        verb=row.verb,
        subject=row.subject,
        body=row.body,
        prev_hash=row.prev_hash,
        hash=row.hash,
    )
