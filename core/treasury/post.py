"""Turns what happened to money and shares into balanced transactions.

Amounts read as in a merchant's book: cash, reserved cash, positions at cost and charges stand
positive; where money came from (funding, realised profit, dividends) stands negative.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.domain.charges import Charges
from core.domain.ledger import (
    CASH,
    FUNDING,
    OUTSIDE,
    REALISED,
    RECEIVABLE,
    RESERVED,
    Position,
    Posting,
    Transaction,
    TransactionKind,
    external_account,
    position_ledger,
)
from core.domain.money import Money
from core.domain.order import Fill
from core.errors import BadInput

DIVIDENDS = "dividends"
CHARGES = "charges:"
TAX_DEDUCTED = CHARGES + "tds"  # a credit against the year's income tax, counted as paid


def deposit(
    *, account_id: str, amount: Money, at: datetime, reference: str, words: str = ""
) -> Transaction:
    """Money that came into the account; `amount` is above ₹0."""
    return _move(
        TransactionKind.DEPOSIT,
        FUNDING,
        CASH,
        account_id=account_id,
        amount=amount,
        at=at,
        reference=reference,
        words=words,
    )


def withdrawal(
    *, account_id: str, amount: Money, at: datetime, reference: str, words: str = ""
) -> Transaction:
    """Money that left the account; `amount` is above ₹0."""
    return _move(
        TransactionKind.WITHDRAWAL,
        CASH,
        FUNDING,
        account_id=account_id,
        amount=amount,
        at=at,
        reference=reference,
        words=words,
    )


def reserve(
    *, account_id: str, amount: Money, at: datetime, reference: str, words: str = ""
) -> Transaction:
    """Cash set aside for a working entry; `amount` is above ₹0."""
    return _move(
        TransactionKind.RESERVE,
        CASH,
        RESERVED,
        account_id=account_id,
        amount=amount,
        at=at,
        reference=reference,
        words=words,
    )


def release(
    *, account_id: str, amount: Money, at: datetime, reference: str, words: str = ""
) -> Transaction:
    """Reserved cash given back; `amount` is above ₹0."""
    return _move(
        TransactionKind.RELEASE,
        RESERVED,
        CASH,
        account_id=account_id,
        amount=amount,
        at=at,
        reference=reference,
        words=words,
    )


def dividend(
    *, account_id: str, isin: str, amount: Money, at: datetime, reference: str, words: str = ""
) -> Transaction:
    """A dividend credited for a share; `amount` is after tax deducted, above ₹0."""
    return _move(
        TransactionKind.DIVIDEND,
        DIVIDENDS,
        CASH,
        account_id=account_id,
        amount=amount,
        at=at,
        reference=f"{isin}:{reference}",
        words=words,
    )


def dividend_owed(
    *, account_id: str, action_id: str, amount: Money, at: datetime, words: str
) -> Transaction:
    """A dividend past its ex-date, before tax: earned now and owed until it is paid."""
    if amount.paise <= 0:
        raise BadInput(f"{account_id}: a dividend of {amount} is refused; give more than ₹0.00")
    return Transaction(
        id=f"dividend:{action_id}:{account_id}",
        account_id=account_id,
        kind=TransactionKind.DIVIDEND,
        at=at,
        reference=action_id,
        postings=(Posting(DIVIDENDS, -amount), Posting(RECEIVABLE, amount)),
        words=words,
    )


def dividend_paid(
    *, account_id: str, action_id: str, owed: Money, came: Money, at: datetime, words: str
) -> Transaction:
    """The money of a dividend; what did not come is tax deducted at source."""
    kept = owed - came
    tax = (Posting(TAX_DEDUCTED, kept),) if kept else ()
    return Transaction(
        id=f"paid:{action_id}:{account_id}",
        account_id=account_id,
        kind=TransactionKind.DIVIDEND,
        at=at,
        reference=action_id,
        postings=(Posting(RECEIVABLE, -owed), Posting(CASH, came), *tax),
        words=f"{words}, {kept} deducted as tax" if kept else words,
    )


def trade(fill: Fill, held: Position | None, charges: Charges) -> Transaction:
    """A fill with its charges: a buy adds cost, a sell takes out average cost and books the rest.

    Args:
        held: the account's position in the share before the fill, None when there is none.
        charges: what this fill cost, by item.

    Raises:
        BadInput: the fill sells more shares than are held.
    """
    position = _bought(fill) if fill.qty > 0 else _sold(fill, held)
    cash = Money(-fill.price.paise * fill.qty)
    return Transaction(
        id=f"trade:{fill.exchange}:{fill.order_id}:{fill.trade_id}",
        account_id=fill.account_id,
        kind=TransactionKind.TRADE,
        at=fill.traded_at,
        reference=fill.order_id,
        postings=(Posting(CASH, cash - charges.total), *position, *_items(charges)),
        words=f"{'bought' if fill.qty > 0 else 'sold'} {abs(fill.qty)} {fill.symbol} "
        f"at {fill.price}",
    )


def charge(
    *, account_id: str, charges: Charges, at: datetime, reference: str, words: str = ""
) -> Transaction:
    """Charges that come without a trade, such as the DP charge of a sell day."""
    return Transaction(
        id=f"charges:{account_id}:{reference}",
        account_id=account_id,
        kind=TransactionKind.CHARGES,
        at=at,
        reference=reference,
        postings=(Posting(CASH, -charges.total), *_items(charges)),
        words=words,
    )


def elsewhere(
    *, login_id: str, isin: str, qty: int, worth: Money, at: datetime, reference: str, words: str
) -> Transaction:
    """Shares that came to a login (or left it, below zero) past the desk, at what they are worth.

    They stand in the login's EXTERNAL bucket against the owner's own money; no account of the
    desk pays for them. `worth` has the sign of `qty`.
    """
    if qty == 0:
        raise BadInput(f"{login_id}: {isin} moved by no share; there is nothing to book")
    account_id = external_account(login_id)
    return Transaction(
        id=f"{account_id}:{reference}",
        account_id=account_id,
        kind=TransactionKind.EXTERNAL,
        at=at,
        reference=reference,
        postings=(Posting(position_ledger(isin), worth, qty), Posting(OUTSIDE, -worth)),
        words=words,
    )


def correction(wrong: Transaction, *, at: datetime, reason: str) -> Transaction:
    """The reverse of a posted transaction; the wrong one stays, and a right one may follow."""
    return Transaction(
        id=f"correction:{wrong.id}",
        account_id=wrong.account_id,
        kind=TransactionKind.CORRECTION,
        at=at,
        reference=wrong.id,
        postings=tuple(
            replace(posting, amount=-posting.amount, qty=-posting.qty) for posting in wrong.postings
        ),
        words=reason,
    )


def cost_of(held: Position, qty: int) -> Money:
    """Average cost of some held shares; the last ones take what is left, to the paisa."""
    return Money((2 * held.cost.paise * qty + held.qty) // (2 * held.qty))


def _bought(fill: Fill) -> tuple[Posting, ...]:
    return (Posting(position_ledger(fill.isin), fill.notional, fill.qty),)


def _sold(fill: Fill, held: Position | None) -> tuple[Posting, ...]:
    shares = held.qty if held is not None else 0
    if held is None or -fill.qty > shares:
        raise BadInput(
            f"{fill.account_id} {fill.symbol}: trade {fill.trade_id} sells {-fill.qty} and "
            f"{shares} are held; post the missing purchase first"
        )
    cost = cost_of(held, -fill.qty)
    return (
        Posting(position_ledger(fill.isin), -cost, fill.qty),
        Posting(REALISED, cost - fill.notional),
    )


def _items(charges: Charges) -> tuple[Posting, ...]:
    return tuple(Posting(CHARGES + name, amount) for name, amount in charges.items if amount)


def _move(
    kind: TransactionKind,
    source: str,
    to: str,
    *,
    account_id: str,
    amount: Money,
    at: datetime,
    reference: str,
    words: str,
) -> Transaction:
    if amount.paise <= 0:
        raise BadInput(f"{account_id}: a {kind} of {amount} is refused; give more than ₹0.00")
    return Transaction(
        id=f"{kind}:{account_id}:{reference}",
        account_id=account_id,
        kind=kind,
        at=at,
        reference=reference,
        postings=(Posting(source, -amount), Posting(to, amount)),
        words=words,
    )
