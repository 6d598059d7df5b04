"""A login's cash line by line: what the books hold beside what the broker tells, in rupees.

A broker's funds tell where the day began, what was paid in and out and what is free now; what it
bought, sold and blocked is the rest. The books have the same lines and name what explains a
difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlmodel import Session

from core.desk.elsewhere import ACCEPTED
from core.desk.short_cash import blocked
from core.domain.account import Account
from core.domain.clock import IST, ist_day
from core.domain.ledger import (
    CASH,
    OUTSIDE,
    RESERVED,
    Transaction,
    TransactionKind,
    external_account,
)
from core.domain.money import ZERO, Money, total
from core.domain.transfer import StepName, TransferStatus
from core.domain.words import age_of, rupees
from core.store import ledger, transfers
from core.views.shown import Cells, RowMark, Text

PAID = (TransactionKind.DEPOSIT, TransactionKind.WITHDRAWAL)
TRADED = (TransactionKind.TRADE, TransactionKind.CHARGES)
CHARGES = "charges:"
SHORT = {"in no account here": "not at this broker"}


@dataclass(frozen=True, slots=True)
class CashRow:
    """One line of cash; `why` says what a difference there comes from."""

    line: str
    books: str
    broker: str
    differs: Cells
    why: str = ""
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class Books:
    """The accounts' cash of a day, in rupees that came (+) or went (-).

    `opening` holds what the owner's own trades past the desk had brought or taken by then, so that
    accounts and EXTERNAL together are the login; `elsewhere` is theirs of today. `outside` is all
    that those trades brought or took, `leaving` approved money that still lies at the broker.
    """

    opening: Money
    paid: Money
    traded: Money
    charges: Money
    other: Money
    set_aside: Money
    elsewhere: Money
    between: Money = ZERO
    outside: Money = ZERO
    leaving: Money = ZERO

    @property
    def bank(self) -> Money:
        """What came from banks less what went there, transfers of other logins included."""
        return self.paid + self.between

    @property
    def free(self) -> Money:
        """What a new order may use now."""
        moved = self.paid + self.traded + self.charges + self.other + self.elsewhere
        moved += self.between
        return self.opening + moved + self.set_aside


def cash_rows(books: Books, funds: Mapping[str, object]) -> tuple[CashRow, ...]:
    """The lines of a login's day with their sum; the broker's column is empty until it told."""
    there = {name: Money(int(str(funds[name]))) for name in
             ("available", "opening", "paid_in", "paid_out") if name in funds}  # fmt: skip
    opening, paid = there.get("opening"), there.get("paid_in")
    free, out = there.get("available"), there.get("paid_out", ZERO)
    paid = paid - out if paid is not None else None
    rest = free - opening - paid if free is not None and opening and paid is not None else None
    rows = [
        _row("Opening, today", books.opening, opening, "in no account here"),
        _row(_paid_line(books, out), books.bank, paid, _why_paid(books, paid, out)),
        _row("Bought, sold, set aside", books.traded + books.set_aside, rest, "not settled yet"),
        _own("Charges today", books.charges, "the broker takes them later"),
    ]  # fmt: skip
    if books.elsewhere:
        rows.append(_own("Done elsewhere", books.elsewhere, "see the lines above"))
    if books.other:
        rows.append(_own("Dividends and corrections", books.other, "paid to the bank"))
    return (*rows, _row("Free now", books.free, free, "", mark="tot"))


def cash_note(facts: Mapping[str, object], *, now: datetime) -> str:
    """How old the broker's column is."""
    if not facts.get("funds"):
        return "the broker's column comes with a session"
    reads = facts.get("reads")
    at = reads.get("funds") if isinstance(reads, dict) else None
    if not at:
        return "funds as last told"
    return f"funds read {age_of(datetime.fromisoformat(str(at)), now)} ago"


def books_of(tx: Session, login_id: str, mine: Sequence[Account], *, now: datetime) -> Books:
    """What the ledgers of a login's accounts say of today, from midnight in India."""
    midnight = datetime.combine(ist_day(now), time(), IST)
    cash = total(ledger.balance(tx, one.id, name) for one in mine for name in (CASH, RESERVED))
    aside = total(ledger.balance(tx, one.id, RESERVED) + blocked(tx, one.id) for one in mine)
    moves = [move for one in mine for move in ledger.transactions(tx, one.id, since=midnight)]
    earlier, today = _past_the_desk(tx, login_id, midnight)
    charges = -_sum(moves, CHARGES, TRADED)
    traded = _sum(moves, CASH, TRADED) + _sum(moves, RESERVED, TRADED) - charges
    paid = _sum([move for move in moves if _is_paid(move)], CASH)
    every = _sum(moves, CASH) + _sum(moves, RESERVED)
    moved = _sum(moves, CASH, (TransactionKind.TRANSFER,))
    waited, waits = _leaving(tx, mine, moves, midnight)
    return Books(
        opening=cash - every + waited + earlier,
        paid=paid,
        traded=traded,
        charges=charges,
        other=every - paid - traded - charges - moved,
        set_aside=-aside,
        elsewhere=today,
        between=moved + waits - waited,
        outside=earlier + today,
        leaving=waits,
    )


def _past_the_desk(tx: Session, login_id: str, midnight: datetime) -> tuple[Money, Money]:
    """Rupees that the owner's own trades brought (+) or took (-): before today, and today.

    A difference that a person accepted is no trade, so the broker moved no money for it.
    """
    bucket = external_account(login_id)
    names = (ACCEPTED, f"{bucket}:{ACCEPTED}")  # itself, and what takes it back
    traded = [one for one in ledger.transactions(tx, bucket) if not one.reference.startswith(names)]
    before = [one for one in traded if one.at < midnight]
    whole = _sum(traded, OUTSIDE)
    earlier = _sum(before, OUTSIDE)
    return earlier, whole - earlier


def _leaving(
    tx: Session, mine: Sequence[Account], moves: Sequence[Transaction], midnight: datetime
) -> tuple[Money, Money]:
    """Approved money that still lay at the broker: at midnight, and now."""
    back = {move.reference for move in moves if move.id.endswith(":back")}
    then, now = ZERO, ZERO
    for one in (found for account in mine for found in transfers.of_account(tx, account.id)):
        if one.from_account not in {account.id for account in mine} or one.approved_at is None:
            continue
        first = one.steps[0]
        if first.name is not StepName.WITHDRAW:
            continue
        now += one.in_clearing if one.is_at_broker else ZERO
        gone = first.confirmed_at is not None and first.confirmed_at < midnight
        gone = gone or (one.status is TransferStatus.CANCELLED and one.id not in back)
        if one.approved_at < midnight and not gone:
            then += one.amount
    return then, now


def _sum(moves: Iterable[Transaction], start: str, kinds: Sequence[TransactionKind] = ()) -> Money:
    return total(
        line.amount
        for move in moves
        if not kinds or move.kind in kinds
        for line in move.postings
        if line.ledger.startswith(start)
    )


def _is_paid(move: Transaction) -> bool:
    """Whether money came from or went to the bank, or an entry of that was taken back."""
    took_back = move.reference.startswith(tuple(f"{one}:" for one in PAID))
    return move.kind in PAID or (move.kind is TransactionKind.CORRECTION and took_back)


def _paid_line(books: Books, out: Money) -> str:
    if books.between:
        return f"Paid in and out, {rupees(books.between, signed=True)} with other accounts"
    return "Paid in and out today" if out else "Paid in today"


def _why_paid(books: Books, there: Money | None, out: Money) -> str:
    """What the bank's line differs by: a step that is not confirmed, or not done at the broker."""
    off = ZERO if there is None else there - books.bank
    if off < ZERO:
        said = "paid out there: confirm its step on Treasury, or book it"
        return said if out >= -off else "not at this broker"
    if books.between < ZERO and off <= -books.between:
        return "not paid out there yet"
    return "confirm its step on Treasury, or book it on Accounts"


def _own(line: str, books: Money, why: str) -> CashRow:
    """A line that a broker's funds do not have."""
    return CashRow(line, rupees(books), "–", "", why if books else "")


def _row(line: str, books: Money, broker: Money | None, why: str, *, mark: RowMark = "") -> CashRow:
    if broker is None:
        return CashRow(line, rupees(books), "–", "", "", mark)
    off = broker - books
    return CashRow(
        line=line,
        books=rupees(books),
        broker=rupees(broker),
        differs=Text(rupees(off, signed=True), "" if off else "mute"),
        why=SHORT.get(why, why) if off < ZERO else why if off else "",
        mark=mark,
    )
