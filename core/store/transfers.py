"""Transfers between accounts and returns to the owner: one current row each, with a version."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlmodel import Session

from core.domain.transfer import NEXT, UNDER_WAY, Transfer
from core.errors import NotFound
from core.store.codec import to_json
from core.store.moment import kept
from core.store.sql import flat, insert_new, near, save_next, value_of, values_of
from core.store.tables_books import transfers

T = transfers.c
COLUMNS = ("id", "from_account", "to_account", "status", "made_at", "version")


def put(tx: Session, transfer: Transfer) -> bool:
    """Add a transfer; False when its id is known already."""
    return insert_new(tx, transfers, _row(transfer))


def save(tx: Session, transfer: Transfer) -> None:
    """Replace a transfer by its next version; raises IllegalTransition when it has moved on."""
    save_next(
        tx,
        transfers,
        T.id == transfer.id,
        _row(transfer),
        what=f"transfer {transfer.id}",
        following=NEXT,
        value=transfer,
    )


def by_id(tx: Session, id: str) -> Transfer:
    """One transfer; raises NotFound naming near ones."""
    found = value_of(tx, Transfer, select(T.body).where(T.id == id))
    if found is None:
        known = tx.execute(select(T.id).order_by(T.made_at.desc()).limit(50)).scalars()
        raise NotFound(f"no transfer is called {id}; {near(id, known)}")
    return found


def under_way(tx: Session) -> list[Transfer]:
    """Transfers that are proposed or moving, oldest first."""
    found = select(T.body).where(T.status.in_([one.value for one in UNDER_WAY]))
    ordered = found.order_by(T.made_at, T.id)
    return list(kept(tx, "transfers", "under way", lambda: values_of(tx, Transfer, ordered)))


def ended(tx: Session, limit: int = 50) -> list[Transfer]:
    """Transfers that are over, newest first."""
    found = select(T.body).where(T.status.not_in([one.value for one in UNDER_WAY]))
    return values_of(tx, Transfer, found.order_by(T.made_at.desc(), T.id).limit(limit))


def of_account(tx: Session, account_id: str) -> list[Transfer]:
    """Transfers from or to one account, oldest first."""
    found = select(T.body).where(or_(T.from_account == account_id, T.to_account == account_id))
    return values_of(tx, Transfer, found.order_by(T.made_at, T.id))


def _row(transfer: Transfer) -> dict[str, object]:
    return {**flat(transfer, *COLUMNS), "body": to_json(transfer)}
