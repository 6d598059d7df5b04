"""Money that was booked as come or gone, newest first, and what of it was taken back."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.domain.ledger import CASH, Transaction, TransactionKind, balance
from core.domain.words import rupees
from core.store import ledger
from core.treasury.post import CORRECTED
from core.views.shown import Cells, Tag, when

KINDS = (TransactionKind.DEPOSIT, TransactionKind.WITHDRAWAL)
SHOWN = 40


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One deposit or withdrawal; `choice` names it where it may be taken back, else empty."""

    id: str
    when: str
    account: str
    amount: str
    words: str
    state: Cells
    choice: str


def move_rows(
    tx: Session, names: Mapping[str, str], *, can_change: Container[str], now: datetime
) -> tuple[MoveRow, ...]:
    """The last deposits and withdrawals of all accounts, the closed ones' too.

    Args:
        names: what each account is called, by id.
        can_change: ids of those that are open.
    """
    found = ledger.transactions(tx, limit=SHOWN, kinds=KINDS)
    return tuple(_row(tx, one, names, can_change, now=now) for one in found)


def _row(
    tx: Session,
    made: Transaction,
    names: Mapping[str, str],
    can_change: Container[str],
    *,
    now: datetime,
) -> MoveRow:
    back = ledger.transaction(tx, f"{CORRECTED}{made.id}")
    at, amount = when(made.at, now), rupees(balance(made.postings, CASH), signed=True)
    name = names.get(made.account_id, made.account_id)
    open_one = back is None and made.account_id in can_change
    return MoveRow(
        id=made.id,
        when=at,
        account=name,
        amount=amount,
        words=made.words,
        state=(Tag("taken back", "line"), f" {when(back.at, now)}: {back.words}") if back else "",
        choice=f"{amount} {name}, {made.words}, {at}" if open_one else "",
    )
