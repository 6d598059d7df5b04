"""Check a chain of entries that was exported, without the database it came from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.audit import GENESIS, Anchor, AuditEntry, Verified, check_chain, fault
from core.errors import BadInput

FIELDS = ("seq", "at", "actor", "verb", "subject", "body", "prev_hash", "hash")


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry that does not hold, and why."""

    seq: int
    sentence: str


def verify(entries: Iterable[AuditEntry], *, anchor: Anchor | None = None) -> Verified:
    """Walk the chain; raises Tampered naming the first bad entry.

    Args:
        entries: in the order they were written.
        anchor: a head noted elsewhere earlier; it finds a cut end and a rebuilt chain.
    """
    return check_chain(entries, anchor=anchor)


def every_fault(entries: Sequence[AuditEntry]) -> tuple[Fault, ...]:
    """All entries that do not hold, each judged against the one before it as it stands."""
    before = Anchor(seq=0, hash=GENESIS)
    found: list[Fault] = []
    for entry in entries:
        wrong = fault(before, entry)
        if wrong:
            found.append(Fault(seq=entry.seq, sentence=wrong))
        before = Anchor(seq=entry.seq, hash=entry.hash)
    return tuple(found)


def read_export(lines: Iterable[str]) -> list[AuditEntry]:
    """Entries from exported lines of JSON; raises BadInput naming the first bad line."""
    return [_entry(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _entry(number: int, line: str) -> AuditEntry:
    try:
        fields = json.loads(line)
        at = datetime.fromisoformat(fields["at"])
        return AuditEntry(**{name: fields[name] for name in FIELDS} | {"at": at})
    except (ValueError, TypeError, KeyError) as wrong:
        raise BadInput(
            f"line {number} of the exported record is no audit entry ({wrong}); export it again"
        ) from None
