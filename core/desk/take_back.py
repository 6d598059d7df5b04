"""Take back money that was booked wrongly: a reversing entry with a reason, never a deletion.

The wrong entry stays in the books beside its reversal. Trades, transfers and broker files have
ways of their own, which the refusal names.
"""

from __future__ import annotations

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.short_cash import free_cash
from core.domain.ledger import CASH, Transaction, TransactionKind, balance
from core.domain.money import ZERO
from core.domain.words import rupees
from core.errors import BadInput, NotFound
from core.store import accounts, audit, funding, ledger
from core.treasury import post

K = TransactionKind
MONEY = (K.DEPOSIT, K.WITHDRAWAL)
ELSEWHERE = {
    K.TRADE: "correct a trade's price with munim orders correct, or annul it",
    K.TRANSFER: "call the transfer off on Treasury, or propose one back",
    K.CORRECTION: "book the right entry anew",
    K.CHARGES: "take the contract note in that says otherwise, or take it back on Notes",
}
ALONE = "the desk books it by itself and it is not taken back by hand"


def take_back(desk: Desk, transaction_id: str, *, because: str, by: str) -> Transaction:
    """Reverse a deposit or a withdrawal; returns the reversing entry.

    Raises:
        NotFound: no such entry.
        BadInput: no reason, an entry of another kind, one that was taken back before, or a deposit
            of which less is free than came.
        Refused: the account is closed.
    """
    if not because.strip():
        raise BadInput("the record needs to know why; say what was wrong with the entry")
    at = desk.clock.now()
    with desk.store.write() as tx:
        wrong = _wrong(tx, transaction_id)
        accounts.hold(tx, wrong.account_id)
        account = accounts.open_by_id(tx, wrong.account_id)
        came, free = balance(wrong.postings, CASH), free_cash(tx, account.id)
        if came > max(ZERO, free):
            raise BadInput(
                f"{account.name} has {rupees(free)} free and {rupees(came)} would be taken back; "
                "book what really came first, or sell"
            )
        made = post.correction(wrong, at=at, reason=because.strip())
        if not ledger.post(tx, made):
            raise BadInput(f"entry {wrong.id} was taken back already; nothing was done")
        funding.put_capital(tx, made.id, account.id, at, -came, because.strip())
        body = {"amount_paise": -came.paise, "because": because.strip()}
        audit.append(tx, at=at, actor=by, verb="take back", subject=wrong.id, body=body)
    return made


def _wrong(tx: Session, transaction_id: str) -> Transaction:
    wrong = ledger.transaction(tx, transaction_id)
    if wrong is None:
        raise NotFound(
            f"no entry is called {transaction_id}; munim ledger entries --kind deposit lists them"
        )
    if wrong.kind not in MONEY:
        raise BadInput(
            f"entry {transaction_id} is a {wrong.kind}, and only deposits and withdrawals are "
            f"taken back; {ELSEWHERE.get(wrong.kind, ALONE)}"
        )
    return wrong
