"""Double entry in paise: a transaction that does not sum to zero cannot be made.

Ledger accounts are plain names inside one desk account: `cash`, `reserved`, `funding`,
`position:ISIN`, `realised`, `charges:stt` and so on. Positions and cash are folds.

What a login's owner trades past the desk stands in that login's EXTERNAL bucket, so that all
buckets together are the broker's shares. It belongs to no mandate and counts in no figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.money import Money, total
from core.errors import BadInput, Unbalanced

CASH = "cash"
RESERVED = "reserved"
FUNDING = "funding"
REALISED = "realised"
RECEIVABLE = "receivable"  # dividends owed from their ex-date until they are paid
SPUN_OFF = "spun off:"  # cost that went with a demerged business, by the parent's ISIN
OUTSIDE = "outside"  # the owner's own money, which the desk does not keep
CLEARING = "clearing:"  # money on its way between accounts, by the transfer's id
EXTERNAL = "external:"


class TransactionKind(StrEnum):
    """Why money or shares moved."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    RESERVE = "reserve"
    RELEASE = "release"
    TRADE = "trade"
    CHARGES = "charges"
    DIVIDEND = "dividend"
    CORRECTION = "correction"
    ACTION = "corporate action"
    EXTERNAL = "done elsewhere"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Posting:
    """One line: money into (+) or out of (-) a ledger account, and shares for a position."""

    ledger: str
    amount: Money
    qty: int = 0

    def __post_init__(self) -> None:
        if self.qty and not self.ledger.startswith("position:"):
            raise BadInput(f"{self.qty} shares posted to {self.ledger}; only positions hold shares")


@dataclass(frozen=True, slots=True)
class Transaction:
    """Postings that belong together; the id makes a second posting of the same thing a no-op."""

    id: str
    account_id: str
    kind: TransactionKind
    at: datetime
    reference: str
    postings: tuple[Posting, ...]
    words: str = ""

    def __post_init__(self) -> None:
        off = total(posting.amount for posting in self.postings)
        if off:
            raise Unbalanced(
                f"{self.kind} {self.reference} of {self.account_id} is out by {off}; "
                "postings must sum to ₹0.00"
            )
        if len(self.postings) < 2:
            raise Unbalanced(f"{self.kind} {self.reference} has one side only; add the other")


@dataclass(frozen=True, slots=True)
class Move:
    """A posted transaction as walks over whole books read it; each line is (ledger, paise, shares).

    Plain numbers, for a walk adds up hundreds of thousands of them.
    """

    id: str
    account_id: str
    kind: TransactionKind
    at: datetime
    reference: str
    lines: tuple[tuple[str, int, int], ...]


def external_account(login_id: str) -> str:
    """The bucket of what happened on a login past the desk."""
    return EXTERNAL + login_id


def clearing_ledger(transfer_id: str) -> str:
    """Where a transfer's money stands from its approval until it arrived."""
    return CLEARING + transfer_id


def position_ledger(isin: str) -> str:
    """The ledger account that holds an instrument at cost."""
    return f"position:{isin}"


@dataclass(frozen=True, slots=True)
class Position:
    """Net open shares and what they cost; `avg_price` is cost per share, rounded to the paisa."""

    account_id: str
    isin: str
    qty: int
    cost: Money

    @property
    def avg_price(self) -> Money:
        return Money(round(self.cost.paise / self.qty)) if self.qty else Money(0)


def balance(postings: Iterable[Posting], ledger: str) -> Money:
    """What stands on one ledger account."""
    return total(posting.amount for posting in postings if posting.ledger == ledger)


def positions(account_id: str, postings: Iterable[Posting]) -> dict[str, Position]:
    """Open positions by ISIN, as a fold over postings; closed ones are left out."""
    qty: dict[str, int] = {}
    cost: dict[str, Money] = {}
    for posting in postings:
        if posting.ledger.startswith("position:"):
            isin = posting.ledger.removeprefix("position:")
            qty[isin] = qty.get(isin, 0) + posting.qty
            cost[isin] = cost.get(isin, Money(0)) + posting.amount
    return {
        isin: Position(account_id=account_id, isin=isin, qty=shares, cost=cost[isin])
        for isin, shares in sorted(qty.items())
        if shares
    }
