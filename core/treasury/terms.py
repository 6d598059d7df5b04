"""Books in new share terms: what a split, bonus, consolidation or demerger does to a position.

The old shares are taken out and the new ones put in, by two lines of one transaction; nothing that
was posted is touched. Cost stays, unless shares in new terms were sold meanwhile: those sales took
out too much cost, and the difference is given back from what was realised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from core.domain.ledger import (
    CASH,
    REALISED,
    SPUN_OFF,
    Position,
    Posting,
    Transaction,
    TransactionKind,
    position_ledger,
)
from core.domain.money import ZERO, Money
from core.errors import BadInput
from core.treasury.post import cost_of


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


@dataclass(frozen=True, slots=True)
class Recount:
    """One account's shares of one instrument in old and in new terms; shares are signed.

    `since` are shares traded from the ex-date on, in new terms already, which the books counted
    beside the `old` ones. `cost` is what the books say of all of them, `cost_after` what it would
    be had they counted anew at once, and `leaves` the part that goes with a demerged business.
    """

    isin: str
    successor: str
    old: int
    new: int
    since: int
    cost: Money
    cost_after: Money
    leaves: Money = ZERO

    @property
    def gain(self) -> Money:
        """What sales in new terms earned beyond what the books say, in rupees."""
        return self.cost_after + self.leaves - self.cost


def recount(
    change: Recount, *, account_id: str, at: datetime, action_id: str, words: str
) -> Transaction:
    """A position's shares in new terms, at unchanged cost where nothing was sold since.

    The first two lines name old and new shares. A position of which no whole share is left is
    realised at its cost; what is paid for the fraction comes on its own.
    """
    before, after = position_ledger(change.isin), position_ledger(change.successor)
    lines = [Posting(before, -change.cost, -change.old)]
    if change.new or change.cost_after:
        lines.append(Posting(after, change.cost_after, change.new))
    if change.since and before != after:
        lines += [Posting(before, ZERO, -change.since), Posting(after, ZERO, change.since)]
    if change.gain:
        lines.append(Posting(REALISED, -change.gain))
    if change.leaves:
        lines.append(Posting(SPUN_OFF + change.successor, change.leaves))
    return Transaction(
        id=action_entry(action_id, account_id),
        account_id=account_id,
        kind=TransactionKind.ACTION,
        at=at,
        reference=action_id,
        postings=tuple(lines),
        words=words,
    )


def counted_anew(made: Transaction) -> tuple[int, int]:
    """Old and new shares that a booked action names."""
    old, new = made.postings[0], made.postings[1]
    return -old.qty, new.qty


def cost_since(qty: int, cost: Money, moves: Sequence[tuple[int, Money]]) -> Money:
    """What shares cost after trades: a buy adds its cost, a sale takes out average cost.

    Args:
        qty, cost: held before the first trade.
        moves: signed shares and what the books posted for them, oldest first.

    Raises:
        BadInput: more was sold than there was.
    """
    held = Position("", "", qty, cost)
    for shares, amount in moves:
        if shares < 0 and -shares > held.qty:
            raise BadInput(
                f"{-shares} shares were sold since the ex-date and {held.qty} were there; look at "
                "what the broker counts"
            )
        change = amount if shares >= 0 else -cost_of(held, -shares)
        held = Position("", "", held.qty + shares, held.cost + change)
    return held.cost


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
