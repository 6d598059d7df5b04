"""Posted lines in the order in which they count, for walking books from day to day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from core.domain.ledger import TransactionKind
from core.domain.money import Money
from core.store.sql import parts
from core.store.tables_books import postings
from core.store.tables_books import transactions as entries

Q = postings.c


@dataclass(frozen=True, slots=True)
class PostedLine:
    """One line of a transaction with its account, time and kind."""

    account_id: str
    at: datetime
    transaction_id: str
    is_trade: bool
    ledger: str
    amount: Money
    qty: int


def posted_lines(
    tx: Session, account_ids: Sequence[str], *, since: datetime, before: datetime
) -> list[PostedLine]:
    """Every line with `since <= at < before` of these accounts, oldest first."""
    found = []
    asked = (
        select(Q.account_id, entries.c.at, Q.transaction_id, entries.c.kind, Q.ledger, Q.amount,
               Q.qty)
        .join(entries, entries.c.id == Q.transaction_id)
        .where(entries.c.at >= since, entries.c.at < before)
        .order_by(entries.c.at, Q.id)
    )  # fmt: skip
    for lot in parts(list(account_ids)):
        for row in tx.execute(asked.where(entries.c.account_id.in_(lot))):
            account, at, name, kind, ledger, amount, qty = row
            is_trade = kind == TransactionKind.TRADE.value
            line = PostedLine(account, at, name, is_trade, ledger, Money(int(amount)), int(qty))
            found.append(line)
    return found


def began(tx: Session, account_ids: Sequence[str]) -> datetime | None:
    """When the first transaction of these accounts was; None where there is none."""
    firsts = [
        tx.execute(select(func.min(entries.c.at)).where(entries.c.account_id.in_(lot))).scalar()
        for lot in parts(list(account_ids))
    ]
    return min((at for at in firsts if at is not None), default=None)
