"""Signed rules, version after version; none is ever changed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, tuple_
from sqlmodel import Session

from core.domain.mandate import Mandate
from core.errors import IllegalTransition, NotFound
from core.store.codec import to_json
from core.store.sql import flat, insert_new, value_of, values_of
from core.store.tables_books import mandates

M = mandates.c


def put(tx: Session, mandate: Mandate) -> None:
    """Keep the next version of an account's rules; raises IllegalTransition for any other."""
    found = select(M.version).where(M.account_id == mandate.account_id)
    last = tx.execute(found.order_by(M.version.desc()).limit(1)).scalar() or 0
    named = ("account_id", "version", "objective", "signed_at")
    row = {**flat(mandate, *named), "body": to_json(mandate)}
    if mandate.version != last + 1 or not insert_new(tx, mandates, row):
        raise IllegalTransition(
            f"the mandate of {mandate.account_id} is at version {last} and version "
            f"{mandate.version} cannot follow; sign version {last + 1}"
        )


def current(tx: Session, account_id: str) -> Mandate:
    """The rules that stand; raises NotFound when none was signed."""
    found = select(M.body).where(M.account_id == account_id).order_by(M.version.desc())
    mandate = value_of(tx, Mandate, found)
    if mandate is None:
        raise NotFound(f"account {account_id} has no mandate yet; sign one")
    return mandate


def of_accounts(tx: Session, account_ids: Sequence[str]) -> dict[str, Mandate]:
    """The rules that stand for each of these accounts; raises NotFound for one without."""
    last = select(M.account_id, func.max(M.version)).group_by(M.account_id)
    found = select(M.body).where(tuple_(M.account_id, M.version).in_(last))
    known = {one.account_id: one for one in values_of(tx, Mandate, found)}
    return {name: known[name] if name in known else current(tx, name) for name in account_ids}


def versions(tx: Session, account_id: str) -> list[Mandate]:
    """Every version, oldest first."""
    found = select(M.body).where(M.account_id == account_id).order_by(M.version)
    return values_of(tx, Mandate, found)
