"""Money promised and money free: the SIP calendar and the one figure for deployable cash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.domain.account import FundingPlan
from core.domain.calendar import Calendar
from core.domain.money import ZERO, Money


class InstalmentStatus(StrEnum):
    """Whether an instalment came."""

    UPCOMING = "upcoming"
    DUE = "due"
    PAID = "paid"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Instalment:
    """One promised payment; `due_on` is its day, or the next session when that is a holiday."""

    number: int
    due_on: date
    amount: Money
    status: InstalmentStatus = InstalmentStatus.UPCOMING


@dataclass(frozen=True, slots=True)
class Deployable:
    """What may be put into new positions, with the parts it is worked out from.

    `cash` is all money at the broker, reserved money included. `short` is what is missing to
    keep the floor and the buffer, ₹0 when nothing is.
    """

    cash: Money
    reserved: Money
    floor: Money
    buffer: Money

    @property
    def amount(self) -> Money:
        """Cash less reserved, floor and buffer, never below ₹0."""
        return max(ZERO, self._left)

    @property
    def short(self) -> Money:
        return max(ZERO, -self._left)

    @property
    def _left(self) -> Money:
        return self.cash - self.reserved - self.floor - self.buffer


def instalments(plan: FundingPlan, calendar: Calendar, until: date) -> tuple[Instalment, ...]:
    """Instalments of a plan due up to and including a day, oldest first; none for a lump sum.

    Raises:
        OutsideCalendar: a day up to `until` lies outside the loaded calendar.
    """
    due: list[Instalment] = []
    if not plan.instalment:
        return ()
    for month in range(plan.months):
        promised = _day_of_month(plan, month)
        if promised > until:
            break
        due_on = promised if calendar.is_session(promised) else calendar.next_session(promised)
        if due_on <= until:
            due.append(Instalment(number=month + 1, due_on=due_on, amount=plan.instalment))
    return tuple(due)


def standing(
    plan: FundingPlan, calendar: Calendar, *, received: Money, today: date, until: date
) -> tuple[Instalment, ...]:
    """The same instalments with what became of each.

    Money received pays the lump sum first and then the oldest instalment. An instalment is due
    on its day and missed after it.
    """
    left = received - plan.lump_sum
    shown = []
    for instalment in instalments(plan, calendar, until):
        paid = left >= instalment.amount
        left = left - instalment.amount if paid else ZERO
        shown.append(
            Instalment(
                number=instalment.number,
                due_on=instalment.due_on,
                amount=instalment.amount,
                status=_status(instalment, paid=paid, today=today),
            )
        )
    return tuple(shown)


def deployable(*, cash: Money, reserved: Money, floor: Money, buffer: Money = ZERO) -> Deployable:
    """Deployable cash with its parts.

    Args:
        cash: the cash ledger plus the reserved ledger.
        reserved: the reserved ledger.
        floor: the mandate's cash floor.
        buffer: the funding plan's buffer.
    """
    return Deployable(cash=cash, reserved=reserved, floor=floor, buffer=buffer)


def _status(instalment: Instalment, *, paid: bool, today: date) -> InstalmentStatus:
    if paid:
        return InstalmentStatus.PAID
    if instalment.due_on > today:
        return InstalmentStatus.UPCOMING
    return InstalmentStatus.DUE if instalment.due_on == today else InstalmentStatus.MISSED


def _day_of_month(plan: FundingPlan, month: int) -> date:
    """The plan's day in its nth month, counted from the first such day on or after the start."""
    first = plan.starts_on
    if first.day > plan.day_of_month:
        first = first.replace(day=1) + timedelta(days=32)
    months = first.year * 12 + first.month - 1 + month
    return date(months // 12, months % 12 + 1, plan.day_of_month)
