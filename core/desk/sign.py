"""Approvals carry a signature, so that a row put into the store by hand opens nothing.

Every web session, every approval in a terminal and every script has a key of its own: random
bytes in a file of the desk's home that its owner alone can read, never in the store and never
sent to a browser. The worker recomputes the signature in the transaction that sends. A script's
key signs for one market and never for a live one. The desk signs the models it trains with a key
of its own beside them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.domain.account import LoginMode, Market
from core.domain.audit import canonical
from core.domain.card import Approval, Card
from core.domain.clock import Clock, WallClock
from core.errors import ApprovalRefused, Tampered

KEY_NAME: Final = re.compile(r"(web|terminal|script|desk)-[0-9a-z]{3,64}")
TERMINAL_LIFE: Final = timedelta(minutes=10)
FOREVER: Final = 2**53  # Unix seconds
WALL: Final = WallClock()


class Kind(StrEnum):
    """Who holds a key."""

    WEB = "web"
    TERMINAL = "terminal"
    SCRIPT = "script"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key and whose it is; `market` is empty where it signs for whatever the desk trades."""

    id: str
    kind: Kind
    market: str
    until: int
    key: bytes

    def __repr__(self) -> str:
        return f"Signer({self.id})"


def open_web_key(home: Path, session_hash: str, *, until: int) -> Signer:
    """The key of a web session, made at login; it ends when the session does."""
    return _make(home, Signer(_web(session_hash), Kind.WEB, "", until, secrets.token_bytes(32)))


def web_signer(home: Path, session: str, *, clock: Clock = WALL) -> Signer:
    """The key of the session a browser's cookie names; raises ApprovalRefused without one."""
    found = _read(home, _web(_hash(session))) if session else None
    if found is None or found.until < clock.now().timestamp():
        raise ApprovalRefused(
            "this page has no session that may approve; open the desk again with a link from "
            "munim doctor or with the password"
        )
    return found


def terminal_signer(home: Path, *, clock: Clock = WALL) -> Signer:
    """A fresh key for one approval in a terminal; keys past their time are removed."""
    now = clock.now()
    for file in _folder(home).glob("terminal-*"):
        old = _read(home, file.name)
        if old is None or old.until < now.timestamp():
            file.unlink(missing_ok=True)
    until = int((now + TERMINAL_LIFE).timestamp())
    name = f"{Kind.TERMINAL}-{secrets.token_hex(16)}"
    return _make(home, Signer(name, Kind.TERMINAL, "", until, secrets.token_bytes(32)))


def script_signer(home: Path, market: Market) -> Signer:
    """The key of scripts in one market; raises ApprovalRefused where orders reach a real broker."""
    if market is Market.LIVE:
        raise ApprovalRefused(
            "a script approves in replay and in simulated markets only; under a live market a "
            "person approves on the page or with munim cards approve"
        )
    found = _read(home, f"{Kind.SCRIPT}-{market}")
    if found is not None:
        return found
    name = f"{Kind.SCRIPT}-{market}"
    return _make(home, Signer(name, Kind.SCRIPT, market, FOREVER, secrets.token_bytes(32)))


def desk_signer(home: Path) -> Signer:
    """The key the desk signs its own models with, made at its first use; it approves nothing.

    Raises Tampered for a file that holds no key: with another key every model would be refused.
    """
    name = f"{Kind.DESK}-models"
    there = (_folder(home) / name).exists()
    found = _read(home, name)
    if found is not None:
        return found
    if there:
        raise Tampered(
            f"the key of the desk's models is spoiled: approval_keys/{name} in the desk's home; "
            "put a copy of it back, or remove it and train again"
        )
    return _make(home, Signer(name, Kind.DESK, "", FOREVER, secrets.token_bytes(32)))


def end_web_keys(home: Path) -> None:
    """Forget the key of every web session; what they signed and was not sent is refused."""
    for file in _folder(home).glob(f"{Kind.WEB}-*"):
        file.unlink(missing_ok=True)


def end_web_key(home: Path, session_hash: str) -> None:
    """Forget the key of one web session."""
    (_folder(home) / _web(session_hash)).unlink(missing_ok=True)


def signature(signer: Signer, approval: Approval, *, mode: LoginMode, market: Market) -> str:
    """The HMAC of what was approved, by whom, when, in which mode and market, as hex."""
    return _mac(signer, approval, mode=mode, market=market)


def why_not_genuine(
    home: Path, approval: Approval, card: Card, *, market: Market, clock: Clock = WALL
) -> str:
    """Why an approval is not one that this desk gave; empty when it is."""
    who = f"approval {approval.id} of {card.symbol}"
    if not approval.signature:
        return f"{who} carries no signature, so no session of this desk gave it; approve again"
    signer = _read(home, approval.signed_by)
    if signer is None or signer.until < clock.now().timestamp():
        return f"{who} is signed by a session that has ended or never was; approve again"
    if signer.kind is Kind.DESK:
        return f"{who} is signed with the key of the desk's models, which approves nothing"
    if signer.market and signer.market != market:
        return f"{who} is signed by a script of {signer.market} and this market is {market}"
    if signer.kind is Kind.SCRIPT and market is Market.LIVE:
        return f"{who} is signed by a script, which never approves under a live market"
    meant = _mac(signer, approval, mode=card.mode, market=card.market)
    if not hmac.compare_digest(meant, approval.signature):
        return (
            f"{who} does not carry the signature of its session "
            f"({approval.signature[:8]}, meant {hashlib.sha256(meant.encode()).hexdigest()[:8]})"
        )
    return ""


def why_keys_are_open(home: Path) -> str:
    """Why somebody else could read a key; empty when only the owner can."""
    folder = _folder(home)
    if not folder.is_dir():
        return "no session has a key yet; enter the desk once"
    for path in (folder, *folder.iterdir()):
        if path.stat().st_mode & 0o077:
            return f"{path.name} in the desk's home can be read by others; chmod go-rwx it"
    return ""


def _mac(signer: Signer, approval: Approval, *, mode: LoginMode, market: Market) -> str:
    told = canonical(
        {
            "approval": approval.id,
            "card": approval.card_id,
            "version": approval.card_version,
            "bound_hash": approval.bound_hash,
            "nonce": approval.nonce,
            "clicked_at": approval.clicked_at.timestamp(),
            "clicked": approval.clicked,
            "approver": approval.approver,
            "mode": mode,
            "market": market,
            "key": signer.id,
        }
    )
    return hmac.new(signer.key, told.encode(), hashlib.sha256).hexdigest()


def _folder(home: Path) -> Path:
    return home / "approval_keys"


def _web(session_hash: str) -> str:
    return f"{Kind.WEB}-{session_hash}"


def _hash(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()


def _read(home: Path, name: str) -> Signer | None:
    """The key of that name; None for one that is absent, damaged or no name of a key."""
    if not KEY_NAME.fullmatch(name):
        return None
    try:
        told = json.loads((_folder(home) / name).read_text(encoding="utf-8"))
        key = bytes.fromhex(told["key"])
        return Signer(name, Kind(told["kind"]), str(told["market"]), int(told["until"]), key)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _make(home: Path, signer: Signer) -> Signer:
    """Write a key for its owner alone, whole or not at all; of several at once the first stands."""
    folder = _folder(home)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = {
        "kind": signer.kind,
        "market": signer.market,
        "until": signer.until,
        "key": signer.key.hex(),
    }
    draft = folder / f".{signer.id}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(json.dumps(told))
    try:
        os.link(draft, folder / signer.id)
    except FileExistsError:
        return _read(home, signer.id) or signer
    finally:
        draft.unlink()
    return signer
