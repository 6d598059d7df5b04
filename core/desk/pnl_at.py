"""What accounts had earned by the end of a session: their books then at that session's closes.

A day runs from the end of the session before it, in India, so that what is booked on a holiday
counts in the session after it and days add up to any stretch they cover.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from core.desk.closes import CloseTable, close_table
from core.desk.estimate import price_ratio, spun_off
from core.desk.share_terms import Unbooked, waiting
from core.domain.action import share_ratio
from core.domain.calendar import Calendar
from core.domain.clock import IST, ist_day
from core.domain.ledger import SPUN_OFF, Position
from core.domain.money import ZERO, Money, total
from core.domain.quote import Quote
from core.errors import OutsideCalendar
from core.store import ledger, quotes
from core.store.moment import kept
from core.treasury.pnl import Pnl, pnl

POSITION = "position:"
Folds = Mapping[str, ledger.Fold]
Books = Mapping[str, Folds]
KEPT = 200  # questions whose answers are kept while nothing is posted


@dataclass(slots=True)
class BooksBefore:
    """Books of accounts before a moment, folded again only when something was posted."""

    held: tuple[object, dict[object, Books]] = field(default_factory=lambda: (None, {}))

    def of(self, tx: Session, account_ids: Sequence[str], at: datetime) -> Books:
        """Every ledger account of each of these, by account and name."""
        key = (str(tx.get_bind().engine.url), ledger.newest_posting(tx))
        held = self.held
        if key != held[0] or len(held[1]) > KEPT:
            held = self.held = (key, {})  # another thread keeps the one it began with
        found, asked = held[1], (at, *account_ids)
        if asked not in found:
            found[asked] = ledger.folds(tx, account_ids, before=at)
        return found[asked]


BOOKS = BooksBefore()


def session_before(calendar: Calendar, day: date) -> date:
    """The last session before a day; the day before where the calendar does not reach."""
    try:
        return calendar.previous_session(day)
    except OutsideCalendar:
        return day - timedelta(days=1)


def end_of(day: date) -> datetime:
    """The moment at which a day in India is over."""
    return datetime.combine(day + timedelta(days=1), time(), IST)


def pnl_until(
    tx: Session, account_ids: Sequence[str], day: date, prices: Mapping[str, Quote]
) -> dict[str, Pnl]:
    """What each account had earned by the end of a session, since it opened.

    Args:
        prices: last prices, which tell closes that no bar does; none where `day` is not the
            session before theirs.
    """
    books = BOOKS.of(tx, account_ids, end_of(day))
    held = {isin for folds in books.values() for isin in isins_of(folds)}
    table = close_table(tx, held, day, day, prices)
    return {name: pnl_on(tx, name, folds, day, table) for name, folds in books.items()}


def pnl_on(tx: Session, account_id: str, folds: Folds, day: date, table: CloseTable) -> Pnl:
    """What one account had earned by the end of a session, from its books and closes then."""
    held = positions_of(account_id, folds)
    marks = table.marks((one.isin for one in held), day)
    balances = {name: fold.amount for name, fold in folds.items()}
    return pnl(
        balances,
        held,
        in_book_terms(tx, account_id, marks, day),
        beyond=above_cost(tx, account_id, balances),
    )


def isins_of(folds: Folds) -> list[str]:
    """Shares that some books hold, short ones too."""
    return [name.removeprefix(POSITION) for name, fold in folds.items() if _is_open(name, fold)]


def positions_of(account_id: str, folds: Folds) -> tuple[Position, ...]:
    """Open positions out of a fold, by ISIN."""
    return tuple(
        Position(account_id, name.removeprefix(POSITION), fold.qty, fold.amount)
        for name, fold in sorted(folds.items())
        if _is_open(name, fold)
    )


def above_cost(tx: Session, account_id: str, balances: Mapping[str, Money]) -> Money:
    """What demerged businesses are worth over the cost that went with them, an estimate."""
    cost = total(amount for name, amount in balances.items() if name.startswith(SPUN_OFF))
    return spun_off(tx, account_id, balances) - cost if cost else ZERO


def in_book_terms(
    tx: Session, account_id: str, marks: Mapping[str, Money], day: date
) -> dict[str, Money]:
    """Closes in the terms in which the books still count shares that went ex and wait."""
    found = dict(marks)
    for one in _waiting(tx, day) if found else ():
        if account_id in one.old and one.isin in found:
            ratio = one.ratio
            if not share_ratio(one.action):
                ratio = price_ratio(tx, one.action, None).ratio
            worth = found[one.isin].paise * ratio
            found[one.isin] = Money(worth.numerator // worth.denominator)
    return found


def _waiting(tx: Session, day: date) -> list[Unbooked]:
    """What went ex by a day and waits; asked for up to the newest price, as marks of now do."""
    newest = kept(tx, "newest price", "", lambda: quotes.newest(tx))
    until = day if newest is None else max(day, ist_day(newest.at))
    return [one for one in waiting(tx, until=until) if one.action.ex_date <= day]


def _is_open(name: str, fold: ledger.Fold) -> bool:
    """Whether a ledger holds shares; accounts added up can leave a cost and no share."""
    return name.startswith(POSITION) and bool(fold.qty or fold.amount)
