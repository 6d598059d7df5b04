"""Positions held through an ex-date: each before and after, and what a person has to say."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.dividends import owed
from core.desk.propose import AccountChange, Proposal, proposals
from core.domain.action import ActionKind, in_words
from core.domain.money import Money
from core.domain.words import day, price, qty, rupees
from core.store import accounts, reconciliations

DASH = "–"


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One figure of one account in old and in new terms."""

    account: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """One action that waits; `why_not` says why it cannot be confirmed now."""

    action_id: str
    label: str
    button: str
    rows: tuple[ChangeRow, ...]
    why_not: str
    asks_split: bool


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


def ex_dates_view(desk: Desk) -> ExDatesView:
    """What waits for a person, and what is owed."""
    waiting = tuple(_to_confirm(one) for one in proposals(desk))
    with desk.store.read() as tx:
        names = {one.id: one.name for one in accounts.accounts(tx)}
        due = owed(tx)
        seen = reconciliations.all_latest(tx)
    return ExDatesView(
        waiting=waiting,
        explained=tuple(row.sentence for one in seen for row in one.explained),
        owed=tuple(
            OwedRow(names[one.account_id], one.symbol, day(one.ex_date), rupees(one.amount))
            for one in due
        ),
    )


def ex_dates_signature(desk: Desk) -> Hashable:
    """Changes when an action begins or ceases to wait."""
    return tuple((one.action_id, one.why_not) for one in ex_dates_view(desk).waiting)


def _to_confirm(found: Proposal) -> ToConfirm:
    action = found.action
    return ToConfirm(
        action_id=action.id,
        label=f"{action.symbol} went ex {in_words(action)} on {day(action.ex_date)}",
        button=f"Confirm {in_words(action)} of {action.symbol}",
        rows=tuple(row for change in found.changes for row in _rows(change)),
        why_not=found.why_not,
        asks_split=action.kind is ActionKind.DEMERGER,
    )


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
