"""An account's book as it would stand once an allocation is filled, for the next one to look at."""

from __future__ import annotations

from dataclasses import replace

from core.domain.allocation import Allocation
from core.domain.candidate import Book, Held


def book_after(book: Book, made: Allocation, *, sector: str) -> Book:
    """The book with the shares at what sizing took them for, their cash gone; the same for none.

    A short sale blocks as much cash as its shares are worth, as a purchase spends it.
    """
    if not made.qty or made.bracket is None:
        return book
    position = Held(
        isin=made.isin,
        sector=sector,
        qty=made.bracket.side.sign * made.qty,
        mark=made.bracket.worst_entry,
        value=made.notional,
        at_risk=made.at_risk,
    )
    equity = book.equity - made.charges
    worth = sum(one.value.paise for one in book.positions) + position.value.paise
    return replace(
        book,
        equity=equity,
        cash_free=book.cash_free - made.notional - made.charges,
        positions=(*book.positions, position),
        at_risk_total=book.at_risk_total + made.at_risk,
        gross=worth / equity.paise if equity.paise > 0 else book.gross,
    )
