"""Positions held through an ex-date: each before and after, and what a person has to say."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.dividends import owed
from core.desk.fractions import fractions_open
from core.desk.propose import AccountChange, Proposal, proposals
from core.desk.share_terms import unbooked
from core.domain.action import ActionKind, in_words
from core.domain.clock import ist_day
from core.domain.ledger import RECEIVABLE
from core.domain.money import Money
from core.domain.words import day, price, qty, rupees
from core.store import accounts, ledger, reconciliations

DASH = "–"
GONE = "closed account"


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One figure of one account in old and in new terms."""

    account: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """One action that waits; `why_not` says why it cannot be confirmed now.

    `notes` say what a person has to know of its figures: an estimate, a new ISIN, sales meanwhile.
    """

    action_id: str
    label: str
    button: str
    rows: tuple[ChangeRow, ...]
    why_not: str
    asks_split: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwedRow:
    """A dividend past its ex-date that is not paid yet."""

    account: str
    symbol: str
    ex_date: str
    amount: str


@dataclass(frozen=True, slots=True)
class ExDatesView:
    """The panel on Positions; empty where nothing went ex."""

    waiting: tuple[ToConfirm, ...]
    explained: tuple[str, ...]
    owed: tuple[OwedRow, ...]
    fractions: tuple[str, ...] = ()


def ex_dates_view(desk: Desk) -> ExDatesView:
    """What waits for a person, and what is owed."""
    waiting = tuple(_to_confirm(one) for one in proposals(desk))
    with desk.store.read() as tx:
        names = {one.id: one.name for one in accounts.accounts(tx)}
        due = owed(tx)
        left = fractions_open(tx)
        seen = reconciliations.all_latest(tx)
    return ExDatesView(
        waiting=waiting,
        explained=tuple(row.sentence for one in seen for row in one.explained),
        owed=tuple(
            OwedRow(names[one.account_id], one.symbol, day(one.ex_date), rupees(one.amount))
            for one in due
        ),
        fractions=tuple(
            f"{action.symbol}, {names.get(name, GONE)}: {float(part):.4g} of a share was left over "
            f"by the {in_words(action)} and is not paid; munim data actions fraction {action.id}"
            for action, name, part in left
        ),
    )


def ex_dates_signature(desk: Desk) -> Hashable:
    """Changes when an action begins or ceases to wait, and when something is owed or paid.

    While nothing held went ex this reads a few counts and works nothing out.
    """
    today = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        waiting = unbooked(tx, None, until=today)
        due = [(one.id, ledger.balance(tx, one.id, RECEIVABLE)) for one in accounts.accounts(tx)]
    found = proposals(desk) if waiting else []
    return (tuple((one.action.id, one.why_not) for one in found), tuple(due))


def _to_confirm(found: Proposal) -> ToConfirm:
    action = found.action
    return ToConfirm(
        action_id=action.id,
        label=f"{action.symbol} went ex {in_words(action)} on {day(action.ex_date)}",
        button=f"Confirm {in_words(action)} of {action.symbol}",
        rows=tuple(row for change in found.changes for row in _rows(change)),
        why_not=found.why_not,
        asks_split=action.kind is ActionKind.DEMERGER,
        notes=tuple(_notes(found)),
    )


def _notes(found: Proposal) -> Iterator[str]:
    if found.estimate:
        yield f"Until you confirm, an old share is valued by {found.estimate}."
    if found.renamed is not None:
        before, after = found.renamed
        yield f"{found.action.symbol} goes on as {after}, as the broker counts it; before {before}."
    for one in found.changes:
        if one.recount.since:
            sold = qty(abs(one.recount.since))
            verb = "sold" if one.recount.since < 0 else "bought"
            gain = rupees(one.recount.gain)
            yield f"{one.name} {verb} {sold} in new terms since; {gain} goes back to cost."


def _rows(change: AccountChange) -> list[ChangeRow]:
    stays = change.cost - change.leaves
    rows = [
        ChangeRow(change.name, "Shares", qty(change.qty), qty(change.new_qty)),
        ChangeRow("", "Total cost", rupees(change.cost), rupees(stays)),
        ChangeRow("", "Cost a share", _each(change.cost, change.qty), _each(stays, change.new_qty)),
    ]
    if change.leaves:
        rows.append(ChangeRow("", "Cost that leaves", DASH, rupees(change.leaves)))
    for one in change.plans:
        was = one.plan.bracket
        rows.append(ChangeRow("", "Stop", price(was.stop), price(one.bracket.stop)))
        rows.append(ChangeRow("", "Target", price(was.target), price(one.bracket.target)))
    return rows


def _each(cost: Money, shares: int) -> str:
    return price(Money(round(cost.paise / shares))) if shares else DASH
