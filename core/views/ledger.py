"""The books as they are read: balances, the trial balance, single entries and a file of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.account import Account
from core.domain.clock import IST
from core.domain.ledger import TransactionKind, external_account
from core.domain.money import Money, total
from core.errors import BadInput
from core.store import accounts, instruments, ledger, ledger_lines, transfers
from core.store.ledger import Fold
from core.store.ledger_lines import Line, Wanted
from core.treasury.chart import TrialLine, kind_of, trial
from core.views.shown import in_rupees, safe_cell

POSITION = "position:"
HEADS = ("at", "account", "kind", "ledger", "symbol", "rupees", "shares", "reference", "words",
         "transaction")  # fmt: skip


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """What stands on one ledger account of one account; `symbol` of a position."""

    account: str
    ledger: str
    kind: str
    symbol: str
    amount: Money
    qty: int


@dataclass(frozen=True, slots=True)
class TrialView:
    """The trial balance by kind; `off` is the sum of everything and must be ₹0.00."""

    lines: tuple[TrialLine, ...]
    off: Money


def balance_lines(desk: Desk, account: str = "", *, on: date | None = None) -> list[BalanceLine]:
    """Balances of one account (by id or name) or of all, now or at the end of a day in India."""
    with desk.store.read() as tx:
        named = names_of(tx)
        wanted = [account_of(tx, account)] if account else None
        books = ledger.folds(tx, wanted, before=end_of(on) if on else None)
        symbols = _symbols(tx, books)
    return [
        BalanceLine(
            account=named.get(name, name),
            ledger=one,
            kind=kind_of(one).name,
            symbol=symbols.get(one.removeprefix(POSITION), ""),
            amount=fold.amount,
            qty=fold.qty,
        )
        for name, folds in sorted(books.items())
        for one, fold in sorted(folds.items())
    ]


def trial_view(desk: Desk, *, on: date | None = None) -> TrialView:
    """The trial balance of all books, now or at the end of a day in India.

    What is on its way is known for now alone; for a day before, clearing is taken as it stands.
    """
    with desk.store.read() as tx:
        books = ledger.folds(tx, before=end_of(on) if on else None)
        moving = total(one.in_clearing for one in transfers.under_way(tx))
    amounts = {
        name: {one: fold.amount for one, fold in folds.items()} for name, folds in books.items()
    }
    stands = total(
        amount
        for of in amounts.values()
        for one, amount in of.items()
        if one.startswith("clearing:")
    )
    found = trial(amounts, on_its_way=moving if on is None else stands)
    return TrialView(tuple(found), total(line.amount for line in found))


def entry_lines(
    desk: Desk,
    *,
    account: str = "",
    ledger_name: str = "",
    kind: str = "",
    start: date | None = None,
    end: date | None = None,
    words: str = "",
    limit: int | None = None,
) -> list[Line]:
    """Entries that are wanted, newest first; days are in India and both included.

    Raises:
        NotFound: no such account.
        BadInput: no such kind of transaction.
    """
    with desk.store.read() as tx:
        wanted = Wanted(
            account_ids=[account_of(tx, account)] if account else [],
            ledger=ledger_name,
            kind=_kind(kind),
            since=datetime.combine(start, time(), IST) if start else None,
            before=end_of(end) if end else None,
            words=words,
        )
        return ledger_lines.lines(tx, wanted, limit=limit)


def lines_csv(desk: Desk, found: Sequence[Line]) -> str:
    """Entries as CSV with rupees, IST times and symbols, oldest first; no cell is a formula."""
    with desk.store.read() as tx:
        named = names_of(tx)
        held = {one.ledger.removeprefix(POSITION) for one in found if one.qty}
        symbols = {isin: one.symbol for isin, one in instruments.of(tx, sorted(held)).items()}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADS)
    for one in reversed(found):
        row = (
            one.at.astimezone(IST).isoformat(timespec="seconds"),
            named.get(one.account_id, one.account_id),
            one.kind.value,
            one.ledger,
            symbols.get(one.ledger.removeprefix(POSITION), ""),
            in_rupees(one.amount),
            one.qty or "",
            one.reference,
            one.words,
            one.transaction_id,
        )
        writer.writerow([_safe(cell) if at not in (5, 6) else cell for at, cell in enumerate(row)])
    return out.getvalue()


def names_of(tx: Session) -> dict[str, str]:
    """What each account and each login's EXTERNAL bucket is called, by id."""
    past = {external_account(one.id): f"{one.label}, done elsewhere" for one in accounts.logins(tx)}
    return past | {one.id: one.name for one in accounts.accounts(tx)}


def account_of(tx: Session, asked: str) -> str:
    """An account's id from its id, its name or the name of an EXTERNAL bucket; NotFound."""
    found: dict[str, Account] = {one.id: one for one in accounts.accounts(tx)}
    known = {external_account(one.id) for one in accounts.logins(tx)}
    return asked if asked in found or asked in known else accounts.by_name(tx, asked).id


def end_of(day: date) -> datetime:
    """The moment at which a day in India is over."""
    return datetime.combine(day + timedelta(days=1), time(), IST)


def _kind(text: str) -> TransactionKind | None:
    if not text:
        return None
    try:
        return TransactionKind(text.lower())
    except ValueError:
        known = ", ".join(one.value for one in TransactionKind)
        raise BadInput(f"no transaction is a {text!r}; use one of {known}") from None


def _symbols(tx: Session, books: Mapping[str, Mapping[str, Fold]]) -> dict[str, str]:
    isins = {
        one.removeprefix(POSITION)
        for folds in books.values()
        for one in folds
        if one.startswith(POSITION)
    }
    return {isin: one.symbol for isin, one in instruments.of(tx, sorted(isins)).items()}


def _safe(cell: object) -> object:
    return safe_cell(cell) if isinstance(cell, str) else cell
