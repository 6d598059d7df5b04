"""The chart of accounts: which ledger accounts there are, how they stand and what they mean.

As in a merchant's book, what one has stands positive (cash, shares at cost, charges paid) and where
it came from stands negative (money paid in, profit, dividends). Everything together is ₹0.00.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.domain.ledger import (
    CASH,
    CLEARING,
    FUNDING,
    OUTSIDE,
    REALISED,
    RECEIVABLE,
    RESERVED,
    SPUN_OFF,
)
from core.domain.money import ZERO, Money, total
from core.treasury.post import CHARGES, DIVIDENDS


class Stands(StrEnum):
    """Which sign a ledger account has when all is well."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class LedgerKind:
    """One kind of ledger account; a name that ends with a colon is the start of many."""

    name: str
    stands: Stands
    meaning: str

    def holds(self, ledger: str) -> bool:
        """Whether a ledger account is of this kind."""
        return ledger.startswith(self.name) if self.name.endswith(":") else ledger == self.name


P, N, E = Stands.POSITIVE, Stands.NEGATIVE, Stands.EITHER
CHART = (
    LedgerKind(CASH, P, "Money at the broker that a new order may use, as the books count it."),
    LedgerKind(RESERVED, P, "Cash set aside for approved entries until they fill or end."),
    LedgerKind("position:", E, "Shares at what they cost, by ISIN; below zero when sold short."),
    LedgerKind(RECEIVABLE, P, "Dividends earned on their ex-date and not paid yet."),
    LedgerKind(SPUN_OFF, P, "Cost that went with a demerged business, by the parent's ISIN."),
    LedgerKind(CHARGES, P, "What was paid to broker, exchange and state, by item."),
    LedgerKind(FUNDING, N, "Money paid in by the owner and by other accounts, less what went to "
               "them."),
    LedgerKind(CLEARING, P, "Money on its way to another account or to the owner, by transfer."),
    LedgerKind(REALISED, E, "Profit (-) or loss (+) of what was sold, before charges."),
    LedgerKind(DIVIDENDS, N, "Dividends earned, before tax."),
    LedgerKind(OUTSIDE, E, "The owner's own side of what was traded past the desk."),
)  # fmt: skip
OTHER = LedgerKind("other", E, "A name that the chart does not know; look at its entries.")


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One kind with the sum of its ledger accounts; `wrong` says what a person should look at."""

    kind: LedgerKind
    ledgers: int
    amount: Money
    wrong: str = ""


def kind_of(ledger: str) -> LedgerKind:
    """The kind of a ledger account, OTHER for a name the chart does not know."""
    return next((kind for kind in CHART if kind.holds(ledger)), OTHER)


def trial(books: Mapping[str, Mapping[str, Money]], *, on_its_way: Money) -> list[TrialLine]:
    """The trial balance by kind, in the chart's order; kinds without a posting are left out.

    Args:
        books: what stands on each ledger account, by account.
        on_its_way: what transfers say is in clearing; the clearing kind must be just that.
    """
    by_kind: dict[LedgerKind, list[tuple[str, Money]]] = {}
    for account_id, ledgers in books.items():
        for ledger, amount in ledgers.items():
            by_kind.setdefault(kind_of(ledger), []).append((account_id, amount))
    found = []
    for kind in (*CHART, OTHER):
        lines = by_kind.get(kind, [])
        if not lines:
            continue
        stands = total(amount for _, amount in lines)
        wrong = _wrong(kind, lines)
        if kind.name == CLEARING and stands != on_its_way:
            wrong = f"transfers say {on_its_way} is on its way"
        found.append(TrialLine(kind, len(lines), stands, wrong))
    return found


def _wrong(kind: LedgerKind, lines: list[tuple[str, Money]]) -> str:
    """Accounts that stand on the wrong side, in words; empty when none does."""
    sides = {Stands.POSITIVE: 1, Stands.NEGATIVE: -1, Stands.EITHER: 0}
    sign = sides[kind.stands]
    by_account: dict[str, Money] = {}
    for account_id, amount in lines:
        by_account[account_id] = by_account.get(account_id, ZERO) + amount
    names = sorted(one for one, amount in by_account.items() if sign * amount.paise < 0)
    if kind is OTHER:
        return "unknown ledger accounts of " + ", ".join(sorted(by_account))
    return f"{', '.join(names)} on the wrong side of ₹0.00" if names else ""
