"""Which positions still stand in old share terms, and what a price means to them.

An action reaches the books when a person confirmed it. Until then the books count old shares while
broker and prices are in new ones; every figure that multiplies the two asks here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction

from sqlmodel import Session

from core.domain.action import CorporateAction, share_ratio
from core.domain.clock import IST, ist_day
from core.domain.money import Money
from core.domain.quote import Quote
from core.store import actions, ledger
from core.treasury.terms import action_entry


@dataclass(frozen=True, slots=True)
class Unbooked:
    """An action that reached some accounts' shares and not yet their books.

    `old` are signed shares in old terms by account, EXTERNAL buckets included.
    """

    action: CorporateAction
    old: Mapping[str, int]

    @property
    def ratio(self) -> Fraction:
        """New shares for one old one; 1 where the count stays."""
        return share_ratio(self.action) or Fraction(1)


def ex_moment(ex_date: date) -> datetime:
    """When an ex-date begins in India."""
    return datetime.combine(ex_date, time(), IST)


def unbooked(tx: Session, isins: Iterable[str], *, until: date) -> list[Unbooked]:
    """Actions with an ex-date by `until` that a person has to confirm, oldest first."""
    found = []
    for action in actions.moving(tx, list(isins), until=until):
        now = ledger.shares_of(tx, action.isin)
        then = ledger.shares_of(tx, action.isin, before=ex_moment(action.ex_date)) if now else {}
        old = {
            account: shares
            for account, before in then.items()
            if (shares := _still(before, now.get(account, 0)))
            and not ledger.is_posted(tx, action_entry(action.id, account))
        }
        if old:
            found.append(Unbooked(action, old))
    return found


def marks(
    tx: Session, account_id: str, isins: Collection[str], prices: Mapping[str, Quote]
) -> dict[str, Money]:
    """The last price of each share in the terms in which the account counts it."""
    known = {isin: prices[isin] for isin in isins if isin in prices}
    found = {isin: quote.ltp for isin, quote in known.items()}
    if not known:
        return found
    newest = max(ist_day(quote.at) for quote in known.values())
    for one in unbooked(tx, known, until=newest):
        isin = one.action.isin
        if account_id in one.old and ist_day(known[isin].at) >= one.action.ex_date:
            found[isin] = in_old_terms(found[isin], one.ratio)
    return found


def in_old_terms(price: Money, ratio: Fraction) -> Money:
    """A price per new share as rupees per old share, to the paisa."""
    return Money(price.paise * ratio.numerator // ratio.denominator)


def expected(
    waiting: Sequence[Unbooked], accounts: Collection[str], books: Mapping[str, int]
) -> dict[str, Fraction]:
    """Shares by ISIN that a broker counts once every waiting action has reached it.

    Args:
        accounts: those of one login, its EXTERNAL bucket included.
        books: signed shares of that login by ISIN.
    """
    found: dict[str, Fraction] = {}
    moved: dict[str, Fraction] = {}
    for one in waiting:
        isin = one.action.isin
        old = sum(shares for account, shares in one.old.items() if account in accounts)
        if not old:
            continue
        base = moved.get(isin, Fraction(old))
        moved[isin] = base * one.ratio
        found[isin] = found.get(isin, Fraction(books.get(isin, 0))) + moved[isin] - base
    return found


def _still(before: int, now: int) -> int:
    """Shares of before the ex-date that are still there, with their sign."""
    if before * now <= 0:
        return 0
    return min(before, now) if before > 0 else max(before, now)
