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
from core.domain.money import ZERO, Money
from core.domain.order import Fill
from core.errors import BadInput

DIVIDENDS = "dividends"
CHARGES = "charges:"
CORRECTED = "correction:"  # how the id of a reversal begins, before that of the wrong entry
LEG = "transfer:"  # how the id of a transfer's leg begins
INSTALMENT = "instalment"  # the leg that pays what a funding plan asks for
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
    *, account_id: str, amount: Money, at: datetime, order_id: str, words: str = ""
) -> Transaction:
    """Cash set aside for a working entry; `amount` is above ₹0."""
    return _move(
        TransactionKind.RESERVE,
        CASH,
        RESERVED,
        account_id=account_id,
        amount=amount,
        at=at,
        reference=order_id,
        words=words,
        id=reserve_id(order_id),
    )


def release(
    *, account_id: str, amount: Money, at: datetime, order_id: str, part: str, words: str = ""
) -> Transaction:
    """Reserved cash given back for a part of an entry, by its name; `amount` is above ₹0."""
    return _move(
        TransactionKind.RELEASE,
        RESERVED,
        CASH,
        account_id=account_id,
        amount=amount,
        at=at,
        reference=order_id,
        words=words,
        id=release_id(order_id, part),
    )


def reserve_id(order_id: str) -> str:
    """The transaction that sets cash aside for an order."""
    return f"reserve:{order_id}"


def release_id(order_id: str, part: str) -> str:
    """The transaction that lets go of cash for one trade of an order, or for its rest."""
    return f"release:{order_id}:{part}"


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


def trade(
    fill: Fill, held: Position | None, charges: Charges, *, may_short: bool = False
) -> Transaction:
    """A fill with its charges: what it opens is booked at cost, what it closes at average cost.

    A short position has shares and cost below zero: its cost is what its sale brought. A fill
    that closes more than is there closes that first and opens the rest the other way.

    Args:
        held: the account's position in the share before the fill, None when there is none.
        charges: what this fill cost, by item.
        may_short: whether a sale may open a short position, as a short sale's entry does.

    Raises:
        BadInput: the fill sells more shares than are held and may not sell short.
    """
    shares, cost = (held.qty, held.cost) if held is not None else (0, ZERO)
    if fill.qty < 0 and -fill.qty > max(0, shares) and not may_short:
        raise BadInput(
            f"{fill.account_id} {fill.symbol}: trade {fill.trade_id} sells {-fill.qty} and "
            f"{shares} are held; post the missing purchase first"
        )
    cash = Money(-fill.price.paise * fill.qty)
    return Transaction(
        id=f"trade:{fill.exchange}:{fill.order_id}:{fill.trade_id}",
        account_id=fill.account_id,
        kind=TransactionKind.TRADE,
        at=fill.traded_at,
        reference=fill.order_id,
        postings=(
            Posting(CASH, cash - charges.total),
            *_moved(fill, shares, cost),
            *_items(charges),
        ),
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


def transfer_leg(
    *,
    transfer_id: str,
    leg: str,
    account_id: str,
    source: str,
    to: str,
    amount: Money,
    at: datetime,
    words: str,
) -> Transaction:
    """One leg of a transfer inside one account; `amount` is above ₹0.

    Args:
        leg: its name within the transfer, such as `out`; a second posting of it is a no-op.
        source, to: the ledger accounts it goes between: cash, the transfer's clearing, funding.
    """
    if amount.paise <= 0:
        raise BadInput(f"{account_id}: leg {leg} of {transfer_id} moves {amount}; leave it out")
    return Transaction(
        id=f"{LEG}{transfer_id}:{leg}",
        account_id=account_id,
        kind=TransactionKind.TRANSFER,
        at=at,
        reference=transfer_id,
        postings=(Posting(source, -amount), Posting(to, amount)),
        words=words,
    )


def correction(wrong: Transaction, *, at: datetime, reason: str) -> Transaction:
    """The reverse of a posted transaction; the wrong one stays, and a right one may follow."""
    return Transaction(
        id=f"{CORRECTED}{wrong.id}",
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
    """Average cost of some of the shares held, or short; the last ones take what is left."""
    shares, paise = abs(held.qty), abs(held.cost.paise)
    part = (2 * paise * qty + shares) // (2 * shares)
    return Money(part if held.cost.paise >= 0 else -part)


def _moved(fill: Fill, shares: int, cost: Money) -> tuple[Posting, ...]:
    """The position's lines: what the fill closes of it first, then what it opens."""
    sign = 1 if fill.qty > 0 else -1
    closes = min(abs(fill.qty), max(0, -shares * sign))
    opens = fill.qty - closes * sign
    name, lines = position_ledger(fill.isin), []
    if closes:
        part = cost_of(Position(fill.account_id, fill.isin, shares, cost), closes)
        lines += [
            Posting(name, -part, closes * sign),
            Posting(REALISED, part + fill.price * (closes * sign)),
        ]
    if opens:
        lines.append(Posting(name, fill.price * opens, opens))
    return tuple(lines)


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
    id: str = "",
) -> Transaction:
    if amount.paise <= 0:
        raise BadInput(f"{account_id}: a {kind} of {amount} is refused; give more than ₹0.00")
    return Transaction(
        id=id or f"{kind}:{account_id}:{reference}",
        account_id=account_id,
        kind=kind,
        at=at,
        reference=reference,
        postings=(Posting(source, -amount), Posting(to, amount)),
        words=words,
    )
