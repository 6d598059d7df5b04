"""One pass over shares and accounts: what an account takes of one share counts for its next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.desk.contend import decide_together
from core.desk.desk import Desk
from core.desk.known import Known
from core.desk.record import record
from core.desk.stages import Case
from core.domain.candidate import Book
from core.domain.decision import Decision
from core.mandates.after import book_after


def decide_share(
    desk: Desk, known: Known, cases: Sequence[Case], books: dict[str, Book]
) -> list[Decision]:
    """Decide and record one share for several accounts.

    `books` holds the books of accounts that took something earlier in the pass, by account id,
    and is brought up to date.
    """
    asked = [replace(case, book=books.get(case.account.id)) for case in cases]
    made = decide_together(known, asked)
    for case, decision in zip(asked, made, strict=True):
        record(desk, decision)
        if decision.card is not None and decision.allocation is not None:
            before = case.book or known.book(case.account.id)
            books[case.account.id] = book_after(before, case.instrument, decision.allocation)
    return made
