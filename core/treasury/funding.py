"""Money promised and money free: the SIP calendar and the one figure for deployable cash.

A missed instalment is carried forward: it stays owed and is asked for with the next one. At most
`carried_max` are carried, and `carried_cap` in rupees where it is set; when one more is missed the
oldest lapses, and money that comes later pays the newer ones.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from core.domain.account import FundingPlan, LateMoney
from core.domain.calendar import Calendar
from core.domain.money import ZERO, Money, total


class InstalmentStatus(StrEnum):
    """Whether an instalment came."""

    UPCOMING = "upcoming"
    DUE = "due"
    PAID = "paid"
    MISSED = "missed"  # carried forward
    LAPSED = "lapsed"  # beyond what is carried; no longer asked for


AHEAD = (InstalmentStatus.DUE, InstalmentStatus.UPCOMING)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money into an account (+) or out of it (-) on a day."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Instalment:
    """One promised payment; `due_on` is its day, or the next session when that is a holiday.

    `paid_on` is None until it came. `free_on` is the day it may go into the market: later than
    `paid_on` only for late money that is let in evenly, None while that day is not known.
    """

    number: int
    promised_on: date
    due_on: date
    amount: Money
    status: InstalmentStatus = InstalmentStatus.UPCOMING
    paid_on: date | None = None
    free_on: date | None = None


@dataclass(frozen=True, slots=True)
class FundingStanding:
    """What became of a plan by a day.

    `lump_in` is what came of the lump sum less what was taken out, `lump_due` what is still to
    come of it. `carried` is missed and still asked for, `asked` that and the next instalment,
    `late_held` late money that waits for its instalment day.
    """

    instalments: tuple[Instalment, ...]
    lump_in: Money
    lump_due: Money
    carried: Money
    asked: Money
    late_held: Money


@dataclass(frozen=True, slots=True)
class Deployable:
    """What may be put into new positions, with the parts it is worked out from.

    `cash` is all money at the broker, reserved money included. `blocked` is what open short sales
    keep, `waiting` money that came for tranches not released yet, `late` late instalments that
    wait for their day, `unsettled` what a broker gives of sales only by `settles_on`, beyond what
    stays anyway. `short` is what is missing to keep the floor and the buffer, ₹0 when nothing is.
    """

    cash: Money
    reserved: Money
    floor: Money
    buffer: Money
    waiting: Money = ZERO
    late: Money = ZERO
    blocked: Money = ZERO
    unsettled: Money = ZERO
    settles_on: date | None = None

    @property
    def amount(self) -> Money:
        """Cash less reserved, blocked, floor, buffer and what waits, never below ₹0."""
        return max(ZERO, self._kept - self.waiting - self.late - self.unsettled)

    @property
    def once_settled(self) -> Money:
        """The same as if all sales had settled: what may be promised for a later day."""
        return max(ZERO, self._kept - self.waiting - self.late)

    @property
    def short(self) -> Money:
        return max(ZERO, -self._kept)

    @property
    def parts(self) -> tuple[tuple[str, Money], ...]:
        """Where the cash stands, step by step; the parts add up to it, below ₹0 too."""
        left = max(ZERO, self.cash)
        found = []
        for name, wanted in (
            ("reserved", self.reserved),
            ("blocked", self.blocked),
            ("floor", self.floor),
            ("buffer", self.buffer),
            ("waiting", self.waiting),
            ("late", self.late),
            ("unsettled", self.unsettled),
        ):
            taken = min(max(ZERO, wanted), left)
            left -= taken
            found.append((name, taken))
        return (*found, ("deployable", left), ("overdrawn", min(ZERO, self.cash)))

    @property
    def _kept(self) -> Money:
        return self.cash - self.reserved - self.blocked - self.floor - self.buffer


def deployable(
    *,
    cash: Money,
    reserved: Money,
    floor: Money,
    buffer: Money = ZERO,
    waiting: Money = ZERO,
    late: Money = ZERO,
    blocked: Money = ZERO,
    unsettled: Money = ZERO,
    settles_on: date | None = None,
) -> Deployable:
    """Deployable cash with its parts.

    Args:
        cash: the cash ledger plus the reserved ledger.
        reserved: the reserved ledger.
        floor: the mandate's cash floor.
        buffer: the funding plan's buffer.
        waiting: money received for tranches that are not released.
        late: late instalments that may not go into the market yet.
        blocked: what open short sales keep.
        unsettled: what sales brought and may not be spent yet, beyond what stays anyway.
        settles_on: the day by which that may be spent; None where it is not known.
    """
    return Deployable(
        cash=cash,
        reserved=reserved,
        floor=floor,
        buffer=buffer,
        waiting=waiting,
        late=late,
        blocked=blocked,
        unsettled=unsettled,
        settles_on=settles_on,
    )


def instalments(plan: FundingPlan, calendar: Calendar, until: date) -> tuple[Instalment, ...]:
    """Instalments of a plan due up to and including a day, oldest first; none for a lump sum.

    Raises:
        OutsideCalendar: a day up to `until` lies outside the loaded calendar.
    """
    due: list[Instalment] = []
    if not plan.instalment:
        return ()
    for month in range(plan.months):
        promised = promised_day(plan, month)
        if promised > until:
            break
        due_on = promised if calendar.is_session(promised) else calendar.next_session(promised)
        if due_on <= until:
            due.append(Instalment(month + 1, promised, due_on, plan.instalment))
    return tuple(due)


def promised_day(plan: FundingPlan, month: int) -> date:
    """The plan's day in its nth month, counted from the first such day on or after the start.

    A month without the day gives its last one: the 31st is 28 or 29 February and 30 April.
    """
    months = plan.starts_on.year * 12 + plan.starts_on.month - 1
    first = _in_month(months, plan.day_of_month)
    return _in_month(months + month + (first < plan.starts_on), plan.day_of_month)


def standing(
    plan: FundingPlan,
    calendar: Calendar,
    *,
    receipts: Sequence[Receipt],
    today: date,
    until: date,
) -> FundingStanding:
    """What became of a plan's lump sum and of its instalments up to a day.

    Money received pays the lump sum first and then the oldest instalment still asked for; money
    taken out makes no instalment missed. An instalment is due on its day and missed after it.

    Args:
        receipts: money in and out since the plan began, in any order.
        until: the last due day to show, today or later.

    Raises:
        OutsideCalendar: a day up to `until` lies outside the loaded calendar.
    """
    walk = _Walk(plan, list(instalments(plan, calendar, until)))
    moved = sorted((one for one in receipts if one.on <= today), key=lambda one: one.on)
    days = {one.on for one in moved} | {one.due_on for one in walk.due if one.due_on < today}
    for day in sorted(days):
        for one in moved:
            if one.on == day:
                walk.receive(one)
        if day < today:
            walk.close(day)
    shown = tuple(walk.shown(one, today) for one in walk.due)
    missed = [one for one in shown if one.status is InstalmentStatus.MISSED]
    ahead = [
        one for one in shown if one.status in (InstalmentStatus.DUE, InstalmentStatus.UPCOMING)
    ]
    carried = total(one.amount for one in missed)
    held = (one.amount for one in shown if one.paid_on and (one.free_on or date.max) > today)
    return FundingStanding(
        instalments=shown,
        lump_in=max(ZERO, plan.lump_sum - walk.lump_due - walk.taken),
        lump_due=walk.lump_due,
        carried=carried,
        asked=carried + (ahead[0].amount if ahead else ZERO),
        late_held=total(held),
    )


class _Walk:
    """A plan walked through day by day."""

    def __init__(self, plan: FundingPlan, due: list[Instalment]) -> None:
        self.plan = plan
        self.due = due
        self.open = list(due)
        self.paid: dict[int, Instalment] = {}
        self.lapsed: set[int] = set()
        self.lump_due = max(ZERO, plan.lump_sum - plan.already_in)
        self.taken = ZERO
        self.pot = ZERO

    def receive(self, one: Receipt) -> None:
        """Let money pay the lump sum, then the oldest instalments that are asked for."""
        if one.amount.paise < 0:
            self.taken -= one.amount
            return
        to_lump = min(one.amount, self.lump_due)
        self.lump_due -= to_lump
        self.pot += one.amount - to_lump
        late = 0
        while self.open and self.pot >= self.open[0].amount:
            paid = self.open.pop(0)
            self.pot -= paid.amount
            is_late = paid.due_on < one.on
            free_on = self._free_on(one.on, late) if is_late else one.on
            late += is_late
            self.paid[paid.number] = replace(
                paid, status=InstalmentStatus.PAID, paid_on=one.on, free_on=free_on
            )

    def close(self, day: date) -> None:
        """End a day: of what is missed by then only so much is carried on."""
        missed = [one for one in self.open if one.due_on <= day]
        cap = self.plan.carried_cap
        while len(missed) > self.plan.carried_max or (
            cap and total(one.amount for one in missed) > cap
        ):
            gone = missed.pop(0)
            self.open.remove(gone)
            self.lapsed.add(gone.number)

    def shown(self, one: Instalment, today: date) -> Instalment:
        """One instalment with what became of it."""
        if one.number in self.paid:
            return self.paid[one.number]
        if one.number in self.lapsed:
            return replace(one, status=InstalmentStatus.LAPSED)
        if one.due_on > today:
            return one
        due = one.due_on == today
        return replace(one, status=InstalmentStatus.DUE if due else InstalmentStatus.MISSED)

    def _free_on(self, day: date, late: int) -> date | None:
        """When the nth late instalment that came on a day may go into the market."""
        if self.plan.late_money is LateMoney.AT_ONCE or late == 0:
            return day
        days = [one.due_on for one in self.due]
        after = days[bisect_right(days, day) :]
        if late <= len(after):
            return after[late - 1]
        if len(days) < self.plan.months:
            return None
        return after[-1] if after else day


def _in_month(months: int, day: int) -> date:
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))
