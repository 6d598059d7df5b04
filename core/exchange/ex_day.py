"""What an ex-date does to one client's shares, money and resting triggers, as events.

Shares count anew from the first moment of the ex-date. The part of a share that is left over is
never delivered: it is paid in cash at the last close in new terms, rounded down to the paisa, as
companies sell fractions together and pay them out. Every GTT on the share is closed by the broker,
whose prices and size stand in old terms. A dividend is paid some sessions later, in full: neither
exchange nor broker deducts tax, the company does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction

from core.domain.action import MOVING, ActionKind, CorporateAction, in_words, share_ratio
from core.domain.money import Money
from core.domain.words import day
from core.exchange.book import Book
from core.exchange.values import Entitled, ExchangeEvent, GttCancelled, PaidOut, TermsChanged


def going_ex(
    book: Book, action: CorporateAction, *, base: Money, pays_on: date, at: datetime
) -> Iterator[ExchangeEvent]:
    """The events of one action as its ex-date begins; none when it was taken before.

    Args:
        base: last close in new terms, what a fraction of a share is worth.
        pays_on: when a dividend is paid.
    """
    if action.id in book.gone_ex:
        return
    held = held_over(book, action.isin)
    if action.kind is ActionKind.DIVIDEND:
        if held > 0 and action.amount:
            yield Entitled(at, action.id, action.isin, held, action.amount, pays_on)
        return
    if action.kind not in MOVING:
        return
    ratio = share_ratio(action) or Fraction(1)
    whole = held * ratio.numerator // ratio.denominator
    left = held * ratio - whole
    cash = Money(base.paise * left.numerator // left.denominator)
    yield TermsChanged(
        at, action.id, action.isin, action.kind.value, ratio.numerator, ratio.denominator,
        held, whole, cash,
    )  # fmt: skip
    if cash:
        yield PaidOut(at, action.id, action.isin, cash, f"fraction of {in_words(action)}")
    for gtt in book.resting_gtts(action.isin):
        reason = f"disabled by the broker: ex {in_words(action)} on {day(action.ex_date)}"
        yield GttCancelled(at, gtt.gtt_id, reason)


def held_over(book: Book, isin: str) -> int:
    """Delivery shares that were there before the broker's day began."""
    return book.delivery(isin) - book.unsettled.get(isin, {}).get(book.day or date.min, 0)


def falling_due(book: Book, *, today: date, at: datetime) -> Iterator[ExchangeEvent]:
    """Dividends that are paid by `today`."""
    for owed in list(book.owed.values()):
        if owed.pays_on <= today:
            amount = owed.per_share * owed.qty
            yield PaidOut(at, owed.action_id, owed.isin, amount, "dividend")
