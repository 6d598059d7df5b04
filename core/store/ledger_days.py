"""Posted transactions as plain numbers, for walking books from day to day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from core.domain.ledger import Move, TransactionKind
from core.store.sql import parts
from core.store.tables_books import postings
from core.store.tables_books import transactions as entries

E, Q = entries.c, postings.c
KINDS = {kind.value: kind for kind in TransactionKind}


def moves(tx: Session, *, after: int = 0) -> list[Move]:
    """Every transaction with a line numbered above `after`, oldest first.

    `newest_posting` says the number of the last line; one transaction's lines are written at once.
    """
    asked = select(Q.transaction_id, Q.ledger, Q.amount, Q.qty).where(Q.id > after)
    lines: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for row in tx.execute(asked.order_by(Q.id)).all():
        lines[row[0]].append(row[1:])
    of = select(E.id, E.account_id, E.kind, E.at, E.reference).order_by(E.at, E.id)
    if after:
        of = of.where(E.id.in_(select(Q.transaction_id).where(Q.id > after)))
    return [
        Move(name, account, KINDS[kind], at, reference, tuple(lines[name]))
        for name, account, kind, at, reference in tx.execute(of).all()
    ]


def words_of(tx: Session, ids: Sequence[str]) -> dict[str, str]:
    """What each of these transactions says of itself, by id."""
    found: dict[str, str] = {}
    for lot in parts(list(ids)):
        rows = tx.execute(select(E.id, E.words).where(E.id.in_(lot)))
        found |= {str(name): str(words) for name, words in rows}
    return found


def began(tx: Session, account_ids: Sequence[str]) -> datetime | None:
    """When the first transaction of these accounts was; None where there is none."""
    firsts = [
        tx.execute(select(func.min(entries.c.at)).where(entries.c.account_id.in_(lot))).scalar()
        for lot in parts(list(account_ids))
    ]
    return min((at for at in firsts if at is not None), default=None)
