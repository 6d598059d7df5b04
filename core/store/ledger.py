"""Double entry in the database: transactions once, balances and positions as SQL folds.

A correction is another transaction; triggers refuse to change or delete one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select
from sqlmodel import Session

from core.domain.ledger import EXTERNAL, Position, Posting, Transaction, TransactionKind
from core.domain.money import Money
from core.store.moment import keep, keeps, kept
from core.store.sql import flat, insert_new, parts
from core.store.tables_books import postings
from core.store.tables_books import transactions as entries

POSITION = "position:"
POSITIONS, BALANCES = "positions", "balances"
Q = postings.c


@dataclass(frozen=True, slots=True)
class Fold:
    """What stands on one ledger account: the sum of its postings, and shares of a position."""

    amount: Money
    qty: int = 0

    def less(self, other: Fold) -> Fold:
        """This without the other."""
        return Fold(self.amount - other.amount, self.qty - other.qty)


NOTHING = Fold(Money(0))


def post(tx: Session, transaction: Transaction) -> bool:
    """Write a transaction with its postings; False when its id is known already."""
    named = ("id", "account_id", "kind", "at", "reference", "words")
    if not insert_new(tx, entries, flat(transaction, *named)):
        return False
    tx.execute(insert(postings), [_row(transaction, line) for line in transaction.postings])
    return True


def is_posted(tx: Session, transaction_id: str) -> bool:
    """Whether a transaction of this id stands in the books."""
    found = select(entries.c.id).where(entries.c.id == transaction_id)
    return tx.execute(found).first() is not None


def transaction(tx: Session, transaction_id: str) -> Transaction | None:
    """One transaction with its postings, or None when it was never posted."""
    rows = tx.execute(select(entries).where(entries.c.id == transaction_id)).all()
    return next(iter(_with_lines(tx, rows)), None)


def transactions(
    tx: Session,
    account_id: str | None = None,
    limit: int | None = None,
    *,
    since: datetime | None = None,
    kinds: Sequence[TransactionKind] = (),
) -> list[Transaction]:
    """Transactions, newest first: of one account or of all, from a moment on or from the first.

    `kinds` keeps those alone; none named keeps every kind.
    """
    found = select(entries).order_by(entries.c.at.desc(), entries.c.id).limit(limit)
    if account_id is not None:
        found = found.where(entries.c.account_id == account_id)
    if since is not None:
        found = found.where(entries.c.at >= since)
    if kinds:
        found = found.where(entries.c.kind.in_([kind.value for kind in kinds]))
    return _with_lines(tx, tx.execute(found).all())


def _with_lines(tx: Session, rows: Sequence[Row[tuple[object, ...]]]) -> list[Transaction]:
    lines: dict[str, list[Posting]] = {row.id: [] for row in rows}
    for part in parts(list(lines)):
        of = select(postings).where(Q.transaction_id.in_(part)).order_by(Q.id)
        for line in tx.execute(of):
            posting = Posting(ledger=line.ledger, amount=Money(line.amount), qty=line.qty)
            lines[line.transaction_id].append(posting)
    return [
        Transaction(
            id=row.id,
            account_id=row.account_id,
            kind=TransactionKind(row.kind),
            at=row.at,
            reference=row.reference,
            postings=tuple(lines[row.id]),
            words=row.words,
        )
        for row in rows
    ]


def balance(tx: Session, account_id: str, ledger: str) -> Money:
    """What stands on one ledger account; nothing posted is ₹0.00."""
    if keeps(tx):  # the next ledger account asked for is most often of the same account
        return balances(tx, account_id).get(ledger, Money(0))
    found = select(func.sum(Q.amount)).where(Q.account_id == account_id, Q.ledger == ledger)
    return Money(int(tx.execute(found).scalar() or 0))


def amount_of(tx: Session, ledger: str, ids: Sequence[str]) -> Money:
    """What these transactions together posted to one ledger account; unknown ids count nothing."""
    found = select(func.sum(Q.amount)).where(Q.transaction_id.in_(ids), Q.ledger == ledger)
    return Money(int(tx.execute(found).scalar() or 0))


def balances(tx: Session, account_id: str) -> dict[str, Money]:
    """What stands on every ledger account of one account, by name."""
    return dict(kept(tx, BALANCES, account_id, lambda: _balances(tx, [account_id])[account_id]))


def read_ahead(tx: Session, account_ids: Sequence[str]) -> None:
    """Read balances and positions of accounts together, where the transaction only reads."""
    if not keeps(tx):
        return
    held: dict[str, list[Position]] = {name: [] for name in account_ids}
    found: dict[str, dict[str, Money]] = {name: {} for name in account_ids}
    for (name, ledger), fold in sorted(_sums_now(tx, account_ids).items()):
        found[name][ledger] = fold.amount
        if fold.qty:
            isin = ledger.removeprefix(POSITION)
            held[name].append(Position(name, isin, fold.qty, fold.amount))
    keep(tx, POSITIONS, held)
    keep(tx, BALANCES, found)


def _balances(tx: Session, account_ids: Sequence[str]) -> dict[str, dict[str, Money]]:
    found: dict[str, dict[str, Money]] = {name: {} for name in account_ids}
    for lot in parts(account_ids):
        asked = select(Q.account_id, Q.ledger, func.sum(Q.amount)).where(Q.account_id.in_(lot))
        grouped = asked.group_by(Q.account_id, Q.ledger).order_by(Q.account_id, Q.ledger)
        for name, ledger, paise in tx.execute(grouped):
            found[name][ledger] = Money(int(paise))
    return found


def folds(
    tx: Session, account_ids: Sequence[str] | None = None, *, before: datetime | None = None
) -> dict[str, dict[str, Fold]]:
    """Every ledger account of many accounts at once, by account and then by name.

    Each is the sum of its postings, with shares where it is a position. EXTERNAL buckets are in
    it where no accounts are named. What never moved, or sums to nothing, is left out.

    Args:
        account_ids: these alone, each with a row of its own even when nothing stands there.
        before: what stood before this moment; only what came since is read besides.
    """
    named = {} if account_ids is None else {name: dict[str, Fold]() for name in account_ids}
    now = _sums_now(tx, account_ids)
    gone = _sums(tx, account_ids, since=before) if before is not None else {}
    for (name, ledger), fold in now.items():
        left = fold.less(gone.get((name, ledger), NOTHING))
        if left != NOTHING:
            named.setdefault(name, {})[ledger] = left
    return named


def _sums_now(tx: Session, account_ids: Sequence[str] | None) -> dict[tuple[str, str], Fold]:
    """What stands on every ledger account, summed once while a transaction only reads."""
    key = "*" if account_ids is None else "\x1f".join(account_ids)
    return kept(tx, "sums", key, lambda: _sums(tx, account_ids, since=None))


def _sums(
    tx: Session, account_ids: Sequence[str] | None, *, since: datetime | None
) -> dict[tuple[str, str], Fold]:
    """Sums by account and ledger; `since` goes by the few transactions of that time alone."""
    asked = select(Q.account_id, Q.ledger, func.sum(Q.amount), func.sum(Q.qty))
    asked = asked.group_by(Q.account_id, Q.ledger)
    came = select(entries.c.id).where(entries.c.at >= since) if since is not None else None
    found: dict[tuple[str, str], Fold] = {}
    for lot in [None] if account_ids is None else parts(account_ids):
        if came is None:
            of = asked if lot is None else asked.where(Q.account_id.in_(lot))
        else:
            mine = came if lot is None else came.where(entries.c.account_id.in_(lot))
            of = asked.where(Q.transaction_id.in_(mine))
        for name, ledger, paise, shares in tx.execute(of):
            found[name, ledger] = Fold(Money(int(paise)), int(shares))
    return found


def positions(tx: Session, account_id: str | None = None) -> list[Position]:
    """Open positions of one account, or of every account of the desk; closed ones are left out.

    What was done elsewhere stands in an EXTERNAL bucket, which is asked for by its name.
    """
    return list(kept(tx, POSITIONS, account_id or "", lambda: _open(tx, account_id)))


def _open(tx: Session, account_id: str | None) -> list[Position]:
    qty, cost = func.sum(Q.qty), func.sum(Q.amount)
    found = select(Q.account_id, Q.isin, qty, cost).where(Q.isin.is_not(None))
    if account_id is not None:
        found = found.where(Q.account_id == account_id)
    else:
        found = found.where(Q.account_id.not_like(f"{EXTERNAL}%"))
    grouped = found.group_by(Q.account_id, Q.isin).having(qty != 0)
    return _positions(tx, grouped)


def shares_of(tx: Session, isin: str, *, before: datetime | None = None) -> dict[str, int]:
    """Signed shares of one instrument by account, EXTERNAL buckets included, none at zero.

    Args:
        before: only what was booked before this moment, and what corporate actions did by then.
    """
    found = select(Q.account_id, func.sum(Q.qty)).where(Q.isin == isin)
    if before is not None:
        by_then = (entries.c.kind == TransactionKind.ACTION.value) & (entries.c.at == before)
        joined = found.join(entries, entries.c.id == Q.transaction_id)
        found = joined.where((entries.c.at < before) | by_then)
    rows = tx.execute(found.group_by(Q.account_id))
    return {account: int(shares) for account, shares in rows if shares}


def moves_since(tx: Session, isin: str, at: datetime) -> list[tuple[str, int, Money]]:
    """Account, signed shares and cost of every posting of an instrument from a moment on.

    Oldest first; what corporate actions did at that very moment is left out.
    """
    by_then = (entries.c.kind == TransactionKind.ACTION.value) & (entries.c.at == at)
    found = (
        select(Q.account_id, Q.qty, Q.amount)
        .join(entries, entries.c.id == Q.transaction_id)
        .where(Q.isin == isin, entries.c.at >= at, ~by_then)
        .order_by(entries.c.at, Q.id)
    )
    return [(name, int(shares), Money(int(paise))) for name, shares, paise in tx.execute(found)]


def newest_posting(tx: Session) -> tuple[int, int, str]:
    """How many lines there are, the last one's number and its transaction; grows with each write.

    ``(0, 0, "")`` for empty books.
    """
    return kept(tx, "newest posting", "", lambda: _newest_posting(tx))


def _newest_posting(tx: Session) -> tuple[int, int, str]:
    lines, last = tx.execute(select(func.count(Q.id), func.max(Q.id))).one()
    return (int(lines), int(last), maker_of(tx, int(last))) if lines else (0, 0, "")


def maker_of(tx: Session, line: int) -> str:
    """The transaction of the line with this number; empty where there is no such line."""
    return str(tx.execute(select(Q.transaction_id).where(Q.id == line)).scalar() or "")


def first_moves(tx: Session) -> dict[str, datetime]:
    """When each instrument came into the books first, by ISIN, EXTERNAL buckets included."""
    found = select(Q.isin, func.min(entries.c.at)).join(entries, entries.c.id == Q.transaction_id)
    rows = tx.execute(found.where(Q.isin.is_not(None)).group_by(Q.isin))
    return {str(isin): at for isin, at in rows}


def accounts_with(tx: Session, start: str) -> list[str]:
    """Accounts that have a transaction whose id begins so, by name."""
    found = select(entries.c.account_id).where(entries.c.id.startswith(start, autoescape=True))
    return sorted(set(tx.execute(found).scalars()))


def references(tx: Session, start: str) -> set[str]:
    """What transactions refer to whose id begins so, each once."""
    found = select(entries.c.reference).where(entries.c.id.startswith(start, autoescape=True))
    return {str(name) for name in tx.execute(found.distinct()).scalars()}


def elsewhere(tx: Session, *, isin: str | None = None) -> list[Position]:
    """Shares in the EXTERNAL buckets, below zero where more left a login than came to it."""
    return list(kept(tx, "elsewhere", isin or "", lambda: _elsewhere(tx, isin)))


def _elsewhere(tx: Session, isin: str | None) -> list[Position]:
    qty, cost = func.sum(Q.qty), func.sum(Q.amount)
    found = select(Q.account_id, Q.isin, qty, cost).where(
        Q.isin.is_not(None), Q.account_id.like(f"{EXTERNAL}%")
    )
    if isin is not None:
        found = found.where(Q.isin == isin)
    return _positions(tx, found.group_by(Q.account_id, Q.isin).having(qty != 0))


def trial_balance(tx: Session) -> Money:
    """The sum of every posting; anything but ₹0.00 means spoiled books."""
    return Money(int(tx.execute(select(func.sum(Q.amount))).scalar() or 0))


def _positions(tx: Session, grouped: Select[Any]) -> list[Position]:
    return [
        Position(account_id=account, isin=isin, qty=int(shares), cost=Money(int(paise)))
        for account, isin, shares, paise in tx.execute(grouped.order_by(Q.account_id, Q.isin))
    ]


def _row(transaction: Transaction, line: Posting) -> dict[str, object]:
    isin = line.ledger.removeprefix(POSITION) if line.ledger.startswith(POSITION) else None
    key = {"transaction_id": transaction.id, "account_id": transaction.account_id}
    return {**key, "isin": isin, **flat(line)}
