"""Books in new share terms: what a split, bonus, consolidation or demerger does to a position.

The old shares are taken out and the new ones put in at the same cost, by two lines of one
transaction; nothing that was posted is touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

from core.domain.ledger import (
    CASH,
    REALISED,
    SPUN_OFF,
    Posting,
    Transaction,
    TransactionKind,
    position_ledger,
)
from core.domain.money import ZERO, Money
from core.errors import BadInput


def action_entry(action_id: str, account_id: str) -> str:
    """The id of the transaction that books an action in one account."""
    return f"action:{action_id}:{account_id}"


def allot(exact: Mapping[str, Fraction], whole: int) -> dict[str, int]:
    """Whole shares by name that sum to `whole`, each its part rounded down or up.

    The largest fractions are rounded up first, equal ones by name.

    Raises:
        BadInput: `whole` is further from the sum of the parts than rounding can explain.
    """
    floors = {name: part.numerator // part.denominator for name, part in exact.items()}
    left = whole - sum(floors.values())
    broken = [name for name, part in exact.items() if part.denominator != 1]
    if not 0 <= left <= len(broken):
        raise BadInput(
            f"{whole} shares cannot be parted as {float(sum(exact.values())):.2f}; "
            "look at what the broker counts"
        )
    broken.sort(key=lambda name: (floors[name] - exact[name], name))
    return {name: floor + (name in broken[:left]) for name, floor in floors.items()}


def recount(
    *,
    account_id: str,
    isin: str,
    old_qty: int,
    new_qty: int,
    cost: Money,
    at: datetime,
    action_id: str,
    words: str,
    leaves: Money = ZERO,
) -> Transaction:
    """A position's shares in new terms at unchanged cost.

    Args:
        cost: of the `old_qty` shares.
        leaves: the part of `cost` that goes with a demerged business.

    A position of which no whole share is left is realised at its cost; what is paid for the
    fraction comes on its own.
    """
    position = position_ledger(isin)
    stays = Posting(REALISED, cost) if new_qty == 0 else Posting(position, cost - leaves, new_qty)
    gone = (Posting(SPUN_OFF + isin, leaves),) if leaves else ()
    return Transaction(
        id=action_entry(action_id, account_id),
        account_id=account_id,
        kind=TransactionKind.ACTION,
        at=at,
        reference=action_id,
        postings=(Posting(position, -cost, -old_qty), stays, *gone),
        words=words,
    )


def fraction_paid(
    *, account_id: str, action_id: str, amount: Money, at: datetime, words: str
) -> Transaction:
    """Cash for the part of a share that an action left over; the cost stays with whole shares."""
    if amount.paise <= 0:
        raise BadInput(f"{account_id}: a fraction paid with {amount} is refused; give more than 0")
    return Transaction(
        id=f"fraction:{action_id}:{account_id}",
        account_id=account_id,
        kind=TransactionKind.ACTION,
        at=at,
        reference=action_id,
        postings=(Posting(CASH, amount), Posting(REALISED, -amount)),
        words=words,
    )
