"""The head of the hash chain noted outside the database, one line a time, never rewritten.

A store that was cut short or rolled back no longer holds the noted entry, and `munim audit
verify` says so.
"""

from __future__ import annotations

from pathlib import Path

from core.desk.desk import Desk
from core.domain.audit import Anchor
from core.errors import Tampered
from core.store import audit


def anchor_file(home: Path) -> Path:
    """Where the heads are noted."""
    return home / "audit_anchors.log"


def drop_anchor(desk: Desk) -> Anchor:
    """Note the chain's head as it stands."""
    with desk.store.read() as tx:
        head = audit.head(tx)
    line = f"{desk.clock.now().isoformat()} {head.seq} {head.hash}\n"
    with anchor_file(desk.home).open("a", encoding="utf-8") as notes:
        notes.write(line)
    return head


def last_anchor(home: Path) -> Anchor | None:
    """The newest noted head, None before the first; raises Tampered for an unreadable line."""
    path = anchor_file(home)
    if not path.exists():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines:
        return None
    try:
        _, seq, digest = lines[-1].split(" ")
        return Anchor(seq=int(seq), hash=digest)
    except ValueError:
        raise Tampered(f"{path.name}: line {len(lines)} is no note of the chain's head") from None
