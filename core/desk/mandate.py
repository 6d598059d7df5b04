"""Sign a mandate: a new version, bound into every card written after it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.supersede import supersede_cards
from core.domain.card import Card
from core.domain.mandate import Mandate
from core.errors import NotFound, Refused
from core.mandates.compare import changes
from core.store import accounts, audit, mandates

OPENED, SIGNED = "open account", "sign mandate"


@dataclass(frozen=True, slots=True)
class Signing:
    """One version with who signed it and why; both are empty where the record names nobody."""

    mandate: Mandate
    by: str
    why: str

    @property
    def at(self) -> datetime:
        return self.mandate.signed_at


def sign(
    desk: Desk, mandate: Mandate, *, by: str, why: str = "", over: int | None = None
) -> Mandate:
    """Store the next version; open cards of the older one are superseded.

    Args:
        over: the version that the person looked at; None takes whatever stands.

    Raises:
        NotFound: no such account.
        Refused: the account is closed, or another version was signed since the one looked at.
    """
    with desk.store.write() as tx:
        return sign_in(tx, mandate, at=desk.clock.now(), by=by, why=why, over=over)


def sign_in(
    tx: Session,
    mandate: Mandate,
    *,
    at: datetime,
    by: str,
    why: str = "",
    over: int | None = None,
) -> Mandate:
    """The same within a transaction that does more."""
    account = accounts.open_by_id(tx, mandate.account_id)
    before = mandates.current(tx, mandate.account_id)
    if over is not None and before.version != over:
        raise Refused(
            f"{account.name}: version {before.version} was signed since version {over} was "
            "read; look at what it says and change that one"
        )
    signed = replace(mandate, version=before.version + 1, signed_at=at)
    mandates.put(tx, signed)
    supersede_cards(tx, account.id, reason=f"mandate version {signed.version} was signed")
    audit.append(
        tx,
        at=at,
        actor=by,
        verb=SIGNED,
        subject=mandate.account_id,
        body={
            "from": before.version,
            "to": signed.version,
            "changed": [one.name for one in changes(before, signed)],
            **({"why": why.strip()} if why.strip() else {}),
        },
    )
    return signed


def why_not_bound(tx: Session, card: Card) -> str:
    """Why a card's account lets no click through: closed, or other rules; empty when it may."""
    account = accounts.by_id(tx, card.account_id)
    if account.closed_at is not None:
        return f"{account.name} is closed; nothing was sent"
    stands = mandates.current(tx, card.account_id).version
    if stands == card.mandate_version:
        return ""
    return (
        f"{card.symbol} card {card.id} was written under mandate version {card.mandate_version} of "
        f"{account.name} and version {stands} stands; a card under that one follows"
    )


def history(tx: Session, account_id: str) -> list[Signing]:
    """Every version with who signed it and why, newest first."""
    told: dict[int, tuple[str, str]] = {}
    for entry in audit.entries(tx, subject=account_id):
        body = json.loads(entry.body)
        if entry.verb in (OPENED, SIGNED):
            told[int(body.get("to", 1))] = (entry.actor, str(body.get("why", "")))
    signed = mandates.versions(tx, account_id)
    return [Signing(one, *told.get(one.version, ("", ""))) for one in reversed(signed)]


def version_of(tx: Session, account_id: str, version: int | None = None) -> Mandate:
    """One version of an account's rules, the one that stands when none is named.

    Raises:
        NotFound: no such version.
    """
    if version is None:
        return mandates.current(tx, account_id)
    known = mandates.versions(tx, account_id)
    found = next((one for one in known if one.version == version), None)
    if found is None:
        raise NotFound(f"{account_id} has no mandate version {version}; it has 1 to {len(known)}")
    return found
