"""Words for money of sales that cannot buy shares yet, put behind what is said to be free."""

from __future__ import annotations

from core.domain.candidate import Book
from core.domain.words import day, rupees


def and_later(book: Book) -> str:
    """A sentence with a blank before it: how much more comes and by when; empty for nothing."""
    if not book.unsettled:
        return ""
    when = f"by {day(book.settles_on)}" if book.settles_on else "once it settles"
    return f" {rupees(book.unsettled)} more was sold for and may be spent {when}."
