"""The books of all running accounts as sizing sees them, with what each must keep back."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from core.desk import books
from core.desk.deploy import kept_back
from core.desk.desk import Desk
from core.desk.kill import level_in_file
from core.desk.pnl_at import session_before
from core.domain.account import Account
from core.domain.candidate import Book
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.quote import Quote
from core.store import kills


def books_of(
    desk: Desk,
    tx: Session,
    running: Mapping[str, Account],
    *,
    prices: Mapping[str, Quote],
    listed: Mapping[str, Instrument],
) -> dict[str, Book]:
    """The book of each running account, by account id."""
    filed = level_in_file(desk.home)
    today = ist_day(desk.clock.now())
    since = session_before(desk.calendar, today)
    kept = kept_back(tx, sorted(running), calendar=desk.calendar, today=today)
    return {
        name: books.book(
            tx,
            name,
            prices=prices,
            instruments=listed,
            level=max(kills.level(tx, name), filed),
            since=since,
            kept=kept[name],
        )
        for name in running
    }
