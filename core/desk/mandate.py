"""Sign a mandate: a new version, bound into every card written after it."""

from __future__ import annotations

from dataclasses import replace

from core.desk.desk import Desk
from core.domain.card import CardStatus, advance
from core.domain.mandate import Mandate
from core.store import accounts, audit, cards, mandates


def sign(desk: Desk, mandate: Mandate, *, by: str) -> Mandate:
    """Store the next version; open cards of the older one are superseded.

    Raises:
        NotFound: no such account.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        accounts.by_id(tx, mandate.account_id)
        before = mandates.current(tx, mandate.account_id)
        signed = replace(mandate, version=before.version + 1, signed_at=at)
        mandates.put(tx, signed)
        for card in cards.with_status(tx, CardStatus.OPEN):
            if card.account_id == mandate.account_id:
                why = f"mandate version {signed.version} was signed"
                cards.save(tx, advance(card, CardStatus.SUPERSEDED, reason=why))
        audit.append(
            tx,
            at=at,
            actor=by,
            verb="sign mandate",
            subject=mandate.account_id,
            body={"from": before.version, "to": signed.version},
        )
    return signed
