"""Transfers as rows of the Treasury page: what waits, its steps and what is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.transfer import OWNER, Step, Transfer, TransferStatus
from core.domain.words import age, day, ist_time, rupees
from core.store import accounts, transfers
from core.treasury.suggest import Suggestion
from core.views.shown import Cells, RowMark, Tag, TagTone, Text, when
from core.views.treasury_money import TreasuryMoney

S = TransferStatus
TONES: dict[TransferStatus, TagTone] = {
    S.PROPOSED: "warn",
    S.MOVING: "sim",
    S.DONE: "ok",
    S.CANCELLED: "line",
    S.EXPIRED: "line",
}
UNKNOWN_DAY = "a day not loaded yet"


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a transfer."""

    step: str
    due: Cells
    seen: str
    by: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer that waits for a person; `seen` is what a click on it signs."""

    id: str
    title: str
    status: Tag
    about: str
    steps: tuple[StepRow, ...]
    seen: str
    next_step: Step | None
    on_its_way: Money
    ask: str
    can_cancel: bool


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """Something that may be proposed with one press."""

    title: str
    why: str
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class EndedRow:
    """A transfer that is over; `arrived` is empty where nothing moved."""

    when: str
    route: str
    amount: str
    arrived: str
    status: Tag
    why: str


def transfer_row(one: Transfer, money: TreasuryMoney, today: date) -> TransferRow:
    """A transfer that is proposed or on its way."""
    moving = one.status is S.MOVING
    following = one.next_step
    left = age((one.expires_at - money.at).total_seconds())
    asked = f"{_purpose(one)} · asked by {one.asked_by} {when(one.made_at, money.at)}"
    return TransferRow(
        id=one.id,
        title=f"{rupees(one.amount)} {route(one, money.names)}",
        status=Tag("waits for a yes" if not moving else "on its way", TONES[one.status]),
        about=f"{asked} · " + (f"approved by {one.approved_by}" if moving else f"{left} left"),
        steps=tuple(_step(step, following, moving, today) for step in one.steps),
        seen=money.hashes.get(one.id, ""),
        next_step=following if moving else None,
        on_its_way=one.on_its_way,
        ask=f"{following.name.value[0].upper()}{following.name.value[1:]}: rupees seen"
        if moving and following
        else "",
        can_cancel=not moving or one.is_at_broker,
    )


def to_decide(tx: Session, *, now: datetime) -> list[str]:
    """A sentence for each transfer that waits for a yes, or whose next step is late."""
    names = {one.id: one.name for one in accounts.accounts(tx)}
    said = []
    for one in transfers.under_way(tx):
        step, title = one.next_step, f"{rupees(one.amount)} {route(one, names)}"
        if one.status is S.PROPOSED:
            if one.is_overdue(now):
                continue
            said.append(f"{title} waits for a yes on Treasury.")
        elif step and step.due_on and is_late(one, ist_day(now)):
            due = day(step.due_on)
            said.append(f"{title}: {step.name} was expected on {due}. Confirm it on Treasury.")
    return said


def _step(step: Step, following: Step | None, moving: bool, today: date) -> StepRow:
    due: Cells = day(step.due_on) if step.due_on else UNKNOWN_DAY
    if moving and step is following and step.due_on and step.due_on < today:
        due = Text(day(step.due_on), "warn", "late")
    return StepRow(
        step=step.name.value,
        due=due,
        seen=rupees(step.seen) if step.seen is not None else "–",
        by=f"{step.confirmed_by}, {day(step.confirmed_at)} {ist_time(step.confirmed_at)}"
        if step.confirmed_at
        else "",
        mark="on" if moving and step is following else "",
    )


def ended_row(one: Transfer, money: TreasuryMoney) -> EndedRow:
    """A transfer that is over."""
    return EndedRow(
        when=when(one.ended_at or _last(one), money.at),
        route=route(one, money.names),
        amount=rupees(one.amount),
        arrived=rupees(one.on_its_way) if one.status is S.DONE else "–",
        status=Tag(one.status.value.lower(), TONES[one.status]),
        why=_purpose(one) if one.status is S.DONE else one.ended,
    )


def _purpose(one: Transfer) -> str:
    return f"{one.reason} · pays an instalment" if one.pays_instalment else one.reason


def _last(one: Transfer) -> datetime:
    confirmed = [step.confirmed_at for step in one.steps if step.confirmed_at is not None]
    return max([one.made_at, *confirmed])


def is_late(one: Transfer, today: date) -> bool:
    """Whether its next step was expected before today."""
    step = one.next_step
    return bool(one.status is S.MOVING and step and step.due_on and step.due_on < today)


def route(one: Transfer | Suggestion, names: Mapping[str, str]) -> str:
    """From whom to whom."""
    to = "the owner" if one.to_account == OWNER else names.get(one.to_account, one.to_account)
    return f"{names.get(one.from_account, one.from_account)} → {to}"
