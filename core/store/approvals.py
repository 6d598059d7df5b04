"""One yes to one card: the database itself refuses a second."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlmodel import Session

from core.domain.card import Approval
from core.errors import ApprovalRefused, NotFound
from core.store.sql import flat, insert_new
from core.store.tables_trade import approvals, cards


def put(tx: Session, approval: Approval) -> None:
    """Keep one approval.

    Raises:
        ApprovalRefused: its card was approved before, or its nonce was used before.
        NotFound: no such version of a card.
    """
    card = exists().where(cards.c.id == approval.card_id, cards.c.version == approval.card_version)
    if not tx.execute(select(card)).scalar():
        raise NotFound(f"card {approval.card_id} has no version {approval.card_version}")
    if insert_new(tx, approvals, flat(approval)):
        return
    before = by_card(tx, approval.card_id)
    if before is not None:
        raise ApprovalRefused(
            f"card {approval.card_id} was approved before by {before.approver}; one click makes "
            "one plan"
        )
    raise ApprovalRefused(
        f"this click on card {approval.card_id} was used before; open the card again"
    )


def by_card(tx: Session, card_id: str) -> Approval | None:
    """The approval of a card, or None."""
    found = select(approvals).where(approvals.c.card_id == card_id)
    row = tx.execute(found).mappings().one_or_none()
    return None if row is None else Approval(**row)


def by_id(tx: Session, approval_id: str) -> Approval:
    """One approval; raises NotFound."""
    row = tx.execute(select(approvals).where(approvals.c.id == approval_id)).mappings().first()
    if row is None:
        raise NotFound(f"no approval has the id {approval_id}")
    return Approval(**row)
