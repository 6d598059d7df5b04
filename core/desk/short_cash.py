"""What open short positions keep of an account's cash, for whoever asks what is free."""

from __future__ import annotations

from sqlmodel import Session

from core.desk.books import standing
from core.domain.ledger import CASH
from core.domain.money import ZERO, Money
from core.store import ledger, quotes


def blocked(tx: Session, account_id: str) -> Money:
    """Proceeds and worth of what is short; an account without any reads no price."""
    short = [one.isin for one in ledger.positions(tx, account_id) if one.qty < 0]
    return standing(tx, account_id, quotes.of(tx, short)).blocked if short else ZERO


def free_cash(tx: Session, account_id: str) -> Money:
    """Cash that no order holds and no short sale keeps; below ₹0 where more is kept than lies."""
    return ledger.balance(tx, account_id, CASH) - blocked(tx, account_id)
