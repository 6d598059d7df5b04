"""What a year's tax sheet does not count, or not in full, each in a sentence with its rupees."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from core.desk.books import kind_of
from core.domain.account import Account
from core.domain.charges import Security
from core.domain.clock import ist_day
from core.domain.ledger import CASH, EXTERNAL, Transaction
from core.domain.money import Money, total
from core.domain.tax import year_of
from core.domain.words import counted, rupees
from core.domain.words import day as in_words
from core.store import ledger
from core.treasury.lots import Sold, Term


def is_taxed_as_shares(one: Sold) -> bool:
    """Whether a sale bears the rates of listed shares; gold, debt and overseas funds bear others.

    Within the day it is speculative, whatever was traded.
    """
    return one.term is Term.INTRADAY or kind_of(one.isin, one.symbol) is not Security.OTHER_FUND


def not_counted(sold: Sequence[Sold]) -> list[str]:
    """Sentences on a year's sales that the sheet does not count, or not in full."""
    found = []
    others = [one for one in sold if not is_taxed_as_shares(one)]
    for symbol in sorted({one.symbol for one in others}):
        gain = total(one.taxable for one in others if one.symbol == symbol)
        found.append(
            f"{symbol}: a gold, debt or overseas fund is not taxed as shares are; its "
            f"{rupees(gain, signed=True)} is not in the tax, so add it with the fund's own rule"
        )
    outside = sum(one.name.startswith(EXTERNAL) for one in sold)
    if outside:
        found.append(
            f"{counted(outside, 'lot')} sold past the desk: charges of such sales are in no "
            "account here, so their gain is before charges; the broker's tax statement has them"
        )
    return found


def fractions_paid(tx: Session, mine: Sequence[Account], year: int) -> list[str]:
    """Cash for fractions of shares, which is a sale that no lot shows."""
    return [
        f"{one.words} for {rupees(_cash(one))} on {in_words(ist_day(one.at))} is a sale that "
        "no lot here shows; add it by hand"
        for account in mine
        for one in ledger.transactions(tx, account.id)
        if one.id.startswith("fraction:") and year_of(ist_day(one.at)) == year
    ]


def _cash(made: Transaction) -> Money:
    return total(line.amount for line in made.postings if line.ledger == CASH)
