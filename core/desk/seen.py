"""What brokers hold while the store cannot be used: a file the worker writes and pages show.

Nothing here reads the store or a broker. The file is there only while the worker looks on; its
next start on a whole store takes it away.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.domain.account import BrokerLogin
from core.domain.instrument import Instrument
from core.domain.ports import BrokerOrder, GttOrder
from core.errors import Tampered
from core.store.codec import from_json, to_json

GUIDE = "docs/restore.md"


@dataclass(frozen=True, slots=True)
class Held:
    """Shares of one instrument at a broker, unsettled ones included."""

    isin: str
    symbol: str
    qty: int


@dataclass(frozen=True, slots=True)
class Sight:
    """One login as its broker told it; `trouble` says why nothing newer than `read_at` is known."""

    login_id: str
    label: str
    read_at: datetime | None
    trouble: str
    held: tuple[Held, ...] = ()
    orders: tuple[BrokerOrder, ...] = ()
    gtts: tuple[GttOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Why the store is not used, since when, and every login."""

    sentence: str
    since: datetime
    at: datetime
    sights: tuple[Sight, ...]


@dataclass(frozen=True, slots=True)
class Outside:
    """Logins and shares as the worker last used them: enough to ask a broker without the store."""

    logins: tuple[BrokerLogin, ...]
    shares: tuple[Instrument, ...]


def seen_file(home: Path) -> Path:
    """Where pages find what is seen without the store."""
    return home / "seen_without_store.json"


def outside_file(home: Path) -> Path:
    """Where the worker keeps how its logins are reached; it holds no secret."""
    return home / "known_logins.json"


def keep_seen(home: Path, seen: Seen) -> None:
    """Put what is seen there whole; raises OSError."""
    _put(seen_file(home), to_json(seen))


def read_seen(home: Path) -> Seen | None:
    """What is seen now; None while the store is used."""
    text = _text(seen_file(home))
    return None if text is None else from_json(Seen, text)


def forget_seen(home: Path) -> None:
    """The store is used again."""
    seen_file(home).unlink(missing_ok=True)


def keep_outside(home: Path, known: Outside) -> None:
    """Remember how logins are reached, unless that stands there already."""
    text = to_json(known)
    if _text(outside_file(home)) != text:
        _put(outside_file(home), text)


def read_outside(home: Path) -> Outside:
    """How logins were reached last; nothing before the first. Raises Tampered."""
    text = _text(outside_file(home))
    return Outside((), ()) if text is None else from_json(Outside, text)


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as wrong:
        raise Tampered(f"{path.name} cannot be read ({wrong}); remove it") from None


def _put(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        number = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
