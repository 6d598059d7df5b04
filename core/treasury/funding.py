"""Money promised to an account: the SIP calendar, and what became of a lump sum and instalments.

A missed instalment is carried forward: it stays owed and is asked for with the next one. At most
`carried_max` are carried, and `carried_cap` in rupees where it is set; when one more is missed the
oldest lapses, and money that comes later pays the newer ones.

A plan that is saved again changes nothing of what was: each version holds from the day on which it
was saved.
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
from core.domain.clock import ist_day
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
    """Money into an account (+) or out of it (-) on a day.

    `version` is that of the plan which stood then, 0 for the first.
    """

    on: date
    amount: Money
    version: int = 0


@dataclass(frozen=True, slots=True)
class LetGo:
    """A tranche was let go on a day."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Instalment:
    """One promised payment; `due_on` is its day, or the next session when that is a holiday.

    `version` is that of the plan it is asked under.
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
    version: int = 0


@dataclass(frozen=True, slots=True)
class FundingStanding:
    """What became of a plan by a day.

    `lump_in` is what came of the lump sum less what was taken out of it, `lump_due` what is still
    to come. `carried` is missed and still asked for, `part_paid` what came of the oldest
    instalment that is open, `asked` what is carried and the next instalment less that part.
    `late_held` is late money that waits for its instalment day.
    """

    instalments: tuple[Instalment, ...]
    lump_in: Money
    lump_due: Money
    carried: Money
    asked: Money
    late_held: Money
    part_paid: Money = ZERO


def instalments(
    plan: FundingPlan, calendar: Calendar, until: date, *, earlier: Sequence[FundingPlan] = ()
) -> tuple[Instalment, ...]:
    """Instalments of a plan due up to and including a day, oldest first; none for a lump sum.

    Args:
        earlier: its versions before this one, oldest first.

    Raises:
        OutsideCalendar: a day up to `until` lies outside the loaded calendar.
    """
    due: list[Instalment] = []
    terms = (*earlier, plan)
    for month in range(max(one.months for one in terms) + 1):
        if _in_month(_months(plan) + month, 1) > until:
            break
        made = _promised(terms, month)
        if made is None or made.promised_on > until:
            continue
        promised = made.promised_on
        due_on = promised if calendar.is_session(promised) else calendar.next_session(promised)
        if due_on <= until:
            due.append(replace(made, number=len(due) + 1, due_on=due_on))
    return tuple(due)


def _promised(terms: Sequence[FundingPlan], month: int) -> Instalment | None:
    """The instalment of one calendar month, under the version that stood on its day; None for none.

    A month whose day under the new terms had passed when they were saved keeps the older terms,
    and so does one that was due before.
    """
    *before, plan = terms
    own = None
    nth = month - _skips_first(plan)
    if plan.instalment and 0 <= nth < plan.months:
        on = promised_day(plan, nth)
        own = Instalment(nth + 1, on, on, plan.instalment, version=plan.version)
    if not before:
        return own
    saved, older = _saved_on(plan), _promised(before, month)
    if older is not None and older.promised_on < saved:
        return older
    if older is not None and own is not None and _is_same(older, own):
        return older
    return older if own is not None and own.promised_on < saved else own


def _is_same(one: Instalment, other: Instalment) -> bool:
    """Whether two versions ask for the same money on the same day."""
    return (one.promised_on, one.amount) == (other.promised_on, other.amount)


def _saved_on(plan: FundingPlan) -> date:
    """The day from which a version holds; one that does not know it held from the start."""
    return ist_day(plan.saved_at) if plan.saved_at is not None else date.min


def promised_day(plan: FundingPlan, month: int) -> date:
    """The plan's day in its nth month, counted from the first such day on or after the start.

    A month without the day gives its last one: the 31st is 28 or 29 February and 30 April.
    """
    return _in_month(_months(plan) + month + _skips_first(plan), plan.day_of_month)


def _months(plan: FundingPlan) -> int:
    """The calendar month in which a plan starts, counted from the year 0."""
    return plan.starts_on.year * 12 + plan.starts_on.month - 1


def _skips_first(plan: FundingPlan) -> bool:
    """Whether the plan's day had passed in the month in which it starts."""
    return bool(plan.instalment) and _in_month(_months(plan), plan.day_of_month) < plan.starts_on


def standing(
    plan: FundingPlan,
    calendar: Calendar,
    *,
    receipts: Sequence[Receipt],
    today: date,
    until: date,
    earlier: Sequence[FundingPlan] = (),
    let_go: Sequence[LetGo] = (),
) -> FundingStanding:
    """What became of a plan's lump sum and of its instalments up to a day.

    Money received pays the lump sum first and then the oldest instalment still asked for; money
    taken out makes no instalment missed, and is taken from what is free before what still waits.
    An instalment is due on its day and missed after it.

    Args:
        receipts: money in and out since the plan began, in any order.
        until: the last due day to show, today or later.
        earlier: the plan's versions before this one, oldest first.
        let_go: the tranches that were let go.

    Raises:
        OutsideCalendar: a day up to `until` lies outside the loaded calendar.
    """
    due = instalments(plan, calendar, until, earlier=earlier)
    walk = _Walk((*earlier, plan), due, let_go)
    moved = sorted((one for one in receipts if one.on <= today), key=lambda r: (r.on, r.version))
    days = {one.on for one in moved} | {one.due_on for one in due if one.due_on < today}
    days |= {_saved_on(one) for one in (*earlier[1:], plan) if earlier}
    for day in sorted(one for one in days if one <= today):
        for one in moved:
            if one.on == day:
                walk.turn(day, last=one.version)
                walk.receive(one)
        walk.turn(day, last=plan.version)
        if day < today:
            walk.close(day)
    return walk.standing(today)


class _Walk:
    """A plan walked through day by day, from its first version to its last."""

    def __init__(
        self, terms: Sequence[FundingPlan], due: Sequence[Instalment], let_go: Sequence[LetGo]
    ) -> None:
        self.plan, self.later = terms[0], list(terms[1:])
        self.due, self.let_go = due, let_go
        known = {one.version for one in self.later}
        self.open = [one for one in due if one.version not in known]
        self.paid: dict[int, Instalment] = {}
        self.lapsed: set[int] = set()
        self.lump_due = _owed(self.plan)
        self.came, self.gone = self.plan.already_in, ZERO  # all of it, whatever it paid
        self.taken = ZERO  # of the lump sum
        self.pot = ZERO
        self.late: dict[date, int] = {}

    def turn(self, day: date, *, last: int) -> None:
        """Take up the terms of the versions saved by a day, `last` the newest of them."""
        while self.later and self.later[0].version <= last and _saved_on(self.later[0]) <= day:
            before, self.plan = self.plan, self.later.pop(0)
            more = _owed(self.plan) - _owed(before)
            self.lump_due = max(ZERO, self.lump_due + more)
            self.pot = self.pot if before.instalment else ZERO
            asked = [one for one in self.due if one.version == self.plan.version]
            self.open = sorted([*self.open, *asked], key=lambda one: one.number)
            self._pay(day)

    def receive(self, one: Receipt) -> None:
        """Let money pay the lump sum, then the oldest instalments that are asked for."""
        if one.amount < ZERO:
            self._take(-one.amount, one.on)
            return
        self.came += one.amount
        to_lump = min(one.amount, self.lump_due)
        self.lump_due -= to_lump
        self.pot += one.amount - to_lump
        self._pay(one.on)

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

    def standing(self, today: date) -> FundingStanding:
        """Where all of it stands at the end."""
        shown = tuple(self._shown(one, today) for one in self.due)
        carried = total(one.amount for one in shown if one.status is InstalmentStatus.MISSED)
        ahead = next((one.amount for one in shown if one.status in AHEAD), ZERO)
        part = self.pot if self.open else ZERO
        held = (one.amount for one in shown if one.paid_on and (one.free_on or date.max) > today)
        return FundingStanding(
            instalments=shown,
            lump_in=self._lump_in(),
            lump_due=self.lump_due,
            carried=carried,
            asked=max(ZERO, carried + ahead - part),
            late_held=total(held),
            part_paid=part,
        )

    def _pay(self, day: date) -> None:
        while self.open and self.pot >= self.open[0].amount:
            paid = self.open.pop(0)
            self.pot -= paid.amount
            late = self.late.get(day, 0)
            is_late = paid.due_on < day
            free_on = self._free_on(day, late) if is_late else day
            self.late[day] = late + is_late
            self.paid[paid.number] = replace(
                paid, status=InstalmentStatus.PAID, paid_on=day, free_on=free_on
            )

    def _take(self, amount: Money, day: date) -> None:
        """Money goes out: first what is free of the plan's, then what waits of the lump sum."""
        waits = ZERO
        if self.plan.tranches:
            went = total(one.amount for one in self.let_go if one.on <= day)
            waits = max(ZERO, self._lump_in() - went)
        free = max(ZERO, self.came - self.gone - waits)
        self.gone += amount
        self.taken += min(waits, max(ZERO, amount - free))

    def _lump_in(self) -> Money:
        return max(ZERO, self.plan.lump_sum - self.lump_due - self.taken)

    def _shown(self, one: Instalment, today: date) -> Instalment:
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
        if self.due[-1].number < self.plan.months:
            return None
        return after[-1] if after else day


def _owed(plan: FundingPlan) -> Money:
    """What of the lump sum was still to come when it was named."""
    return max(ZERO, plan.lump_sum - plan.already_in)


def _in_month(months: int, day: int) -> date:
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))
