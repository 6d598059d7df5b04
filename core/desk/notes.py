"""A login's contract note, generated from the books, and a broker's file beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from core.desk.books import schedule
from core.desk.day_trades import DayTrade, booked_charges, day_trades
from core.desk.desk import Desk
from core.desk.taken_in import standing
from core.domain.account import BrokerLogin
from core.domain.charges import Charges, sum_charges
from core.domain.clock import ist_day
from core.domain.money import ZERO, Money
from core.domain.statement import StatedTrade, Statement, StatementKind
from core.domain.succession import newest
from core.errors import BadInput
from core.store import accounts, instruments, successions
from core.treasury.day_note import ITEMS, DayNote, agrees, day_note
from core.treasury.match_trades import Finding, Pair, match_trades


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One item: what the books charged, what a note of the books shows, what the broker says.

    `off` is the broker's less the generated one's, zero where no note was given.
    """

    item: str
    booked: Money
    generated: Money
    stated: Money | None
    off: Money


@dataclass(frozen=True, slots=True)
class NoteSheet:
    """One login's day: the generated note, the books beside it and a broker's note if given.

    `outside` counts the owner's own trades, whose charges no account of the desk bears.
    """

    login: BrokerLogin
    on: date
    note: DayNote
    by_account: dict[str, Charges]
    lines: tuple[NoteLine, ...]
    stated: Charges | None
    outside: int

    @property
    def booked(self) -> Charges:
        """What the books charged all accounts of the login."""
        return sum_charges(self.by_account.values())

    @property
    def agrees(self) -> bool:
        """Whether the broker's charges are at most ₹1 from the generated ones."""
        return self.stated is not None and agrees(self.note.charges.total, self.stated.total)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A broker's file against the books: trades line by line, and the day's charges for a note.

    `unknown` names trades of shares that the desk does not know; they are compared with nothing.
    `taken_in` says that the file itself stands in the books.
    """

    login: BrokerLogin
    statement: Statement
    pairs: tuple[Pair, ...]
    unknown: tuple[str, ...]
    sheet: NoteSheet | None
    net_off: Money | None
    taken_in: bool

    def count(self, finding: Finding) -> int:
        """How many lines ended so."""
        return sum(one.finding is finding for one in self.pairs)

    @property
    def value_off(self) -> Money:
        """What the broker's trades cost beyond the books', all lines together."""
        return Money(sum(one.value_off.paise for one in self.pairs))

    @property
    def agrees(self) -> bool:
        """Whether every trade matches and the charges of a note are at most ₹1 apart."""
        same = not self.unknown and all(one.finding is Finding.SAME for one in self.pairs)
        return same and (self.sheet is None or self.sheet.agrees)

    @property
    def is_booked(self) -> bool:
        """Whether the books have it to the paisa already, so that nothing is left to take in."""
        charged = self.sheet is None or self.sheet.stated in (None, self.sheet.booked)
        return self.taken_in or (self.agrees and charged)


def generate_note(desk: Desk, login_id: str, on: date) -> NoteSheet:
    """The note of a day out of the books; raises NotFound, or BadInput where nothing traded."""
    with desk.store.read() as tx:
        login = accounts.login(tx, login_id)
        return note_sheet(tx, login, on, day_trades(tx, login_id, [on]))


def note_sheet(
    tx: Session,
    login: BrokerLogin,
    on: date,
    trades: Sequence[DayTrade],
    stated: Charges | None = None,
) -> NoteSheet:
    """The note of some booked trades, with the broker's charges beside it where given."""
    mine = [one for one in trades if one.booked.on == on and not one.bought_in]
    if not mine:
        raise BadInput(f"{login.label} traded nothing on {on} by the books, so there is no note")
    made = day_note(schedule(), (one.noted for one in mine), broker=login.broker, on=on)
    by_account = booked_charges(tx, login.id, on, mine)
    booked = sum_charges(by_account.values())
    lines = []
    for item in ITEMS:
        theirs: Money | None = getattr(stated, item) if stated is not None else None
        ours: Money = getattr(made.charges, item)
        off = theirs - ours if theirs is not None else ZERO
        lines.append(NoteLine(item, getattr(booked, item), ours, theirs, off))
    return NoteSheet(
        login=login,
        on=on,
        note=made,
        by_account=by_account,
        lines=tuple(lines),
        stated=stated,
        outside=sum(one.fill is None for one in mine),
    )


def compare(desk: Desk, login_id: str, statement: Statement) -> Comparison:
    """A broker's file against the books of a login; nothing is written.

    Raises:
        NotFound: no such login.
        BadInput: a day that has not come, or a note of a day on which nothing is known.
    """
    today = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        return compared(tx, accounts.login(tx, login_id), statement, today=today)


def compared(tx: Session, login: BrokerLogin, statement: Statement, *, today: date) -> Comparison:
    """The same inside a transaction."""
    late = [day for day in statement.days if day > today]
    if late:
        raise BadInput(
            f"{statement.name} has trades of {late[0]} and it is {today}; check its days"
        )
    told, unknown = _known(tx, statement.trades)
    trades = day_trades(tx, login.id, statement.days)
    on = statement.on if statement.kind is StatementKind.NOTE else None
    if on is not None:
        trades = [one for one in trades if not one.bought_in]  # the auction stands on no note
    pairs = match_trades((one.booked for one in trades), told)
    sheet = net_off = None
    if on is not None and any(one.booked.on == on for one in trades):
        sheet = note_sheet(tx, login, on, trades, statement.charges)
        net_off = statement.net - sheet.note.net if statement.net is not None else None
    is_in = standing(tx, login.id, statement.digest) is not None
    return Comparison(login, statement, pairs, tuple(unknown), sheet, net_off, is_in)


def _known(tx: Session, stated: Sequence[StatedTrade]) -> tuple[list[StatedTrade], list[str]]:
    """Trades under the newest ISIN of their share, and sentences for those that have none."""
    links = successions.links(tx)
    listed = {one.symbol: one.isin for one in instruments.all_instruments(tx)}
    found, unknown = [], []
    for one in stated:
        isin = one.isin or listed.get(one.symbol, "")
        if isin:
            found.append(replace(one, isin=newest(isin, links)))
        else:
            unknown.append(
                f"line {one.line}: {one.symbol} has no ISIN in the file and is not known here"
            )
    return found, unknown
