"""Profit and loss of accounts, of logins and of the whole desk: now, of a day, of any stretch.

Every figure is `core.treasury.pnl.pnl` of the ledger at a moment, or the difference of two; this
file only says which moments. Now is marked at the last price, an ended session at its official
close. Days run as `core.desk.pnl_at` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session

from core.desk.books import Standing, standing
from core.desk.closes import close_table
from core.desk.desk import Desk
from core.desk.moves import MOVES, traded
from core.desk.pnl_at import end_of, pnl_on, pnl_until, session_before
from core.desk.share_terms import waiting
from core.domain.account import Account
from core.domain.clock import ist_day
from core.domain.ledger import CLEARING, FUNDING, OUTSIDE, SPUN_OFF, Move, TransactionKind
from core.domain.money import Money, total
from core.domain.quote import Quote
from core.errors import BadInput, NotFound, OutsideCalendar
from core.store import accounts, ledger, quotes
from core.treasury.pnl import NOTHING, Pnl, sum_pnl
from core.treasury.returns import DayWorth


@dataclass(frozen=True, slots=True)
class Whose:
    """Some accounts together; `is_family` says that they are all there are, asked for together.

    Money on its way between accounts came or went for each of them, and not for the family.
    """

    name: str
    account_ids: tuple[str, ...]
    is_family: bool


@dataclass(frozen=True, slots=True)
class AccountPnl:
    """One account now: its books, and what it earned since the session before."""

    account: Account
    now: Standing
    day: Pnl

    @property
    def earned(self) -> Pnl:
        """Since the account opened."""
        return self.now.earned


@dataclass(frozen=True, slots=True)
class Day:
    """One session of some accounts together: what it brought, and worth and money at its end."""

    day: date
    earned: Pnl
    worth: Money
    flow: Money
    trades: int

    @property
    def as_worth(self) -> DayWorth:
        """The day as returns are worked from it."""
        return DayWorth(self.day, self.worth, self.flow, self.earned.net)


def whose(tx: Session, *, account: str = "", login: str = "") -> Whose:
    """One account by name or id, those of a login by its label or id, or all; NotFound.

    An account named together with a login has to trade through it.
    """
    every = accounts.accounts(tx)
    labels = {it.id: it.label for it in accounts.logins(tx)}
    mine = [it for it in every if login in ("", it.login_id, labels.get(it.login_id))]
    if login and not mine:
        known = ", ".join(labels.values()) or "none is known yet"
        raise NotFound(f"no account trades through {login!r}; logins are: {known}")
    if account:
        one = next((it for it in mine if account in (it.id, it.name)), None)
        if one is None:
            names = ", ".join(it.name for it in mine) or "none is open yet"
            through = f" at {login!r}" if login else ""
            raise NotFound(f"no account{through} is called {account!r}; there are: {names}")
        return Whose(one.name, (one.id,), is_family=False)
    name = login if login else "All accounts"
    return Whose(name, tuple(it.id for it in mine), is_family=len(mine) == len(every))


def account_pnls(
    desk: Desk, tx: Session, prices: Mapping[str, Quote] | None = None
) -> list[AccountPnl]:
    """Every account now and today, closed ones included, in the order they were opened."""
    every = accounts.accounts(tx)
    if prices is None:
        prices = quotes.all_quotes(tx)
    ids = [one.id for one in every]
    ledger.read_ahead(tx, ids)
    before = pnl_until(tx, ids, last_close(desk), prices)
    found = []
    for one in every:
        now = standing(tx, one.id, prices)
        found.append(AccountPnl(one, now, now.earned - before[one.id]))
    return found


def last_close(desk: Desk) -> date:
    """The session from whose close today's profit and loss counts."""
    return session_before(desk.calendar, ist_day(desk.clock.now()))


@dataclass(frozen=True, slots=True)
class Summed:
    """Some accounts together now: worth, today's and all profit and loss."""

    equity: Money
    day: Pnl
    earned: Pnl

    @property
    def day_return(self) -> float:
        """Today's profit and loss as a fraction of what was there before it."""
        return self.day.net.share_of(self.equity - self.day.net)


def summed(rows: Iterable[AccountPnl], of: Whose | None = None) -> Summed:
    """Accounts together, all of them unless told whose."""
    mine = [one for one in rows if of is None or one.account.id in of.account_ids]
    return Summed(
        equity=total(one.now.equity for one in mine),
        day=sum_pnl(one.day for one in mine),
        earned=sum_pnl(one.earned for one in mine),
    )


def check_stretch(desk: Desk, first: date, last: date) -> None:
    """Refuse a stretch that is upside down, begins after today or has no session; BadInput."""
    today = ist_day(desk.clock.now())
    if last < first:
        raise BadInput(f"the stretch ends on {last} before it begins on {first}; swap them")
    if first > today:
        raise BadInput(f"the stretch begins on {first} and today is {today}; begin earlier")


def stretch_pnl(desk: Desk, tx: Session, of: Whose, first: date, last: date) -> Pnl:
    """What some accounts earned together from `first` to `last`, both included."""
    return sum_pnl(stretch_pnls(desk, tx, of, first, last).values())


def stretch_pnls(desk: Desk, tx: Session, of: Whose, first: date, last: date) -> dict[str, Pnl]:
    """What each of some accounts earned from `first` to `last`, both included.

    It is what they had earned at the end of `last`, or by now, less what they had earned at the
    close of the session before `first`.
    """
    check_stretch(desk, first, last)
    prices = quotes.all_quotes(tx)
    before = session_before(desk.calendar, first)
    start = pnl_until(tx, of.account_ids, before, told_by(desk, before, prices))
    if last >= ist_day(desk.clock.now()):
        ledger.read_ahead(tx, of.account_ids)
        ends = {name: standing(tx, name, prices).earned for name in of.account_ids}
    else:
        day = last_session(desk, last)
        ends = pnl_until(tx, of.account_ids, day, told_by(desk, day, prices))
    return {name: ends[name] - start[name] for name in of.account_ids}


def days_of(desk: Desk, tx: Session, of: Whose, first: date, last: date) -> list[Day]:
    """Each session from `first` to `last`, oldest first; they sum to `stretch_pnl`.

    Today is among them while it trades, marked at the last prices.
    """
    check_stretch(desk, first, last)
    today = ist_day(desk.clock.now())
    sessions = _sessions(desk, first, min(last, today))
    prices, books = quotes.all_quotes(tx), MOVES.of(tx, of.account_ids)
    ledger.read_ahead(tx, of.account_ids)
    before = session_before(desk.calendar, first)
    walks = [
        _walk(desk, tx, {name: books[name] for name in names}, sessions, before, prices,
              is_family=of.is_family)
        for names in _walked_together(tx, books, today)
    ]  # fmt: skip
    return [_together(day, [walk[at] for walk in walks]) for at, day in enumerate(sessions)]


def _walked_together(
    tx: Session, books: Mapping[str, Sequence[Move]], today: date
) -> list[tuple[str, ...]]:
    """Accounts whose books may be added up before they are marked, which gives the same sums.

    Each is walked alone where some count shares in terms of their own, or hold what demerged.
    """
    own_terms = waiting(tx, until=today) or any(
        name.startswith(SPUN_OFF)
        for moves in books.values()
        for move in moves
        if move.kind is TransactionKind.ACTION
        for name, _, _ in move.lines
    )
    if own_terms or not books:
        return [(one,) for one in books]
    return [tuple(books)]


def _walk(
    desk: Desk,
    tx: Session,
    books: Mapping[str, Sequence[Move]],
    sessions: Sequence[date],
    before: date,
    prices: Mapping[str, Quote],
    *,
    is_family: bool,
) -> list[Day]:
    """Books from session to session: moves are added day by day and marked at each close."""
    if not sessions:
        return []
    today, last, names = ist_day(desk.clock.now()), last_close(desk), tuple(books)
    moves = sorted((move for of in books.values() for move in of), key=lambda move: move.at)
    table = close_table(tx, traded([moves]), before, sessions[-1], {})
    table = replace(table, told=close_table(tx, traded([moves]), last, last, prices).told)
    folds: dict[str, ledger.Fold] = {}
    at, _ = _add_until(folds, moves, 0, end_of(before))
    earned, paid = pnl_on(tx, names[0], folds, before, table), _paid_in(folds, is_family)
    days = []
    for session in sessions:
        at, trades = _add_until(folds, moves, at, None if session >= today else end_of(session))
        if session >= today:
            now = sum_pnl(standing(tx, name, prices).earned for name in names)
        else:
            now = pnl_on(tx, names[0], folds, session, table)
        money = _paid_in(folds, is_family)
        days.append(Day(session, now - earned, money + now.net, money - paid, trades))
        earned, paid = now, money
    return days


def _add_until(
    folds: dict[str, ledger.Fold], moves: Sequence[Move], at: int, end: datetime | None
) -> tuple[int, int]:
    """Add moves from number `at` on that are before `end`; the next number, and trades added."""
    sums: dict[str, list[int]] = {}
    trades = 0
    while at < len(moves) and (end is None or moves[at].at < end):
        for name, paise, qty in moves[at].lines:
            line = sums.setdefault(name, [0, 0])
            line[0] += paise
            line[1] += qty
        trades += moves[at].kind is TransactionKind.TRADE
        at += 1
    for name, (paise, qty) in sums.items():
        was = folds.get(name, ledger.NOTHING)
        folds[name] = ledger.Fold(was.amount + Money(paise), was.qty + qty)
    return at, trades


def told_by(desk: Desk, day: date, prices: Mapping[str, Quote]) -> Mapping[str, Quote]:
    """Last prices where they tell the close of a day: only of the session before today."""
    return prices if day == last_close(desk) else {}


def _together(day: date, of: Sequence[Day]) -> Day:
    return Day(
        day=day,
        earned=sum_pnl(one.earned for one in of) if of else NOTHING,
        worth=total(one.worth for one in of),
        flow=total(one.flow for one in of),
        trades=sum(one.trades for one in of),
    )


def _paid_in(folds: Mapping[str, ledger.Fold], is_family: bool) -> Money:
    """Money that came, less money that went; what is on its way within the family did neither."""
    return -total(
        fold.amount
        for name, fold in folds.items()
        if name in (FUNDING, OUTSIDE) or (name.startswith(CLEARING) and not is_family)
    )


def _sessions(desk: Desk, first: date, last: date) -> tuple[date, ...]:
    """Sessions of a stretch, as far as the calendar reaches, and today where it is none."""
    found: tuple[date, ...] = ()
    start, end = max(first, desk.calendar.first), min(last, desk.calendar.last)
    if start <= end:
        found = desk.calendar.sessions(start, end)
    today = ist_day(desk.clock.now())
    return found if last < today or today in found else (*found, today)


def last_session(desk: Desk, day: date) -> date:
    """The day itself where it is a session, else the last one before it."""
    try:
        return day if desk.calendar.is_session(day) else desk.calendar.previous_session(day)
    except OutsideCalendar:
        return day
