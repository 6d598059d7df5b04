"""Single lines of the ledger with what they belong to, for reading and for files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session

from core.domain.ledger import TransactionKind
from core.domain.money import Money
from core.store.tables_books import postings, transactions

E, Q = transactions.c, postings.c


@dataclass(frozen=True, slots=True)
class Line:
    """One posting of one transaction."""

    at: datetime
    account_id: str
    kind: TransactionKind
    ledger: str
    amount: Money
    qty: int
    reference: str
    words: str
    transaction_id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: empty takes all. `ledger` ending with a colon is the start of many names."""

    account_ids: Sequence[str] = ()
    ledger: str = ""
    kind: TransactionKind | None = None
    since: datetime | None = None
    before: datetime | None = None
    words: str = ""


def lines(tx: Session, wanted: Wanted, *, limit: int | None = None) -> list[Line]:
    """Lines that are wanted, newest first and in the order of their transaction."""
    found = (
        select(E.at, Q.account_id, E.kind, Q.ledger, Q.amount, Q.qty, E.reference, E.words, E.id)
        .join(postings, Q.transaction_id == E.id)
        .where(*_conditions(wanted))
        .order_by(E.at.desc(), E.id, Q.id)
        .limit(limit)
    )
    return [
        Line(at, account, TransactionKind(kind), ledger, Money(int(paise)), int(qty), ref, said, id)
        for at, account, kind, ledger, paise, qty, ref, said, id in tx.execute(found)
    ]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.account_ids:
        found.append(E.account_id.in_(list(wanted.account_ids)))
    if wanted.ledger.endswith(":"):
        found.append(Q.ledger.startswith(wanted.ledger, autoescape=True))
    elif wanted.ledger:
        found.append(Q.ledger == wanted.ledger)
    if wanted.kind is not None:
        found.append(E.kind == wanted.kind.value)
    if wanted.since is not None:
        found.append(E.at >= wanted.since)
    if wanted.before is not None:
        found.append(E.at < wanted.before)
    if wanted.words:
        said = (E.words, E.reference, E.id)
        found.append(or_(*(one.contains(wanted.words, autoescape=True) for one in said)))
    return found
