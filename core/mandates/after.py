"""An account's book as it would stand once an allocation is filled, for the next one to look at."""

from __future__ import annotations

from dataclasses import replace

from core.domain.allocation import Allocation
from core.domain.candidate import Book, Held
from core.domain.instrument import Instrument


def book_after(book: Book, share: Instrument, made: Allocation) -> Book:
    """The book with the shares at the worst entry and their cash gone; unchanged for no shares.

    A short sale blocks as much cash as its shares are worth, as a purchase spends it.
    """
    if not made.qty or made.bracket is None:
        return book
    side = made.bracket.side.sign
    position = Held(
        isin=share.isin,
        sector=share.sector,
        qty=side * made.qty,
        mark=made.bracket.worst_entry,
        value=made.bracket.worst_entry * made.qty * side,
        at_risk=made.at_risk,
    )
    equity = book.equity - made.charges
    worth = sum(abs(one.value.paise) for one in book.positions) + abs(position.value.paise)
    return replace(
        book,
        equity=equity,
        cash_free=book.cash_free - made.notional - made.charges,
        positions=(*book.positions, position),
        at_risk_total=book.at_risk_total + made.at_risk,
        gross=worth / equity.paise if equity.paise > 0 else book.gross,
    )
