"""What one account can give away: free of floor, buffer, reserved money and what has not settled.

Money that another account of the same login takes over must be spendable; money that leaves the
broker must be withdrawable, which is later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.domain.calendar import Calendar
from core.domain.money import ZERO, Money, total
from core.domain.transfer import Step, StepName
from core.errors import OutsideCalendar
from core.treasury.deployable import Deployable
from core.treasury.staged import Staged, kept_back, unsettled


@dataclass(frozen=True, slots=True)
class Purse:
    """One account's cash today by what may be done with it.

    `free` is the cash ledger, without what is reserved and with what open short positions block.
    `staged` is what it traded and has not settled.
    """

    account_id: str
    name: str
    login_id: str
    free: Money
    deployable: Deployable
    staged: tuple[Staged, ...]

    @property
    def spendable(self) -> Money:
        """Free cash that may buy shares today, never below ₹0."""
        return max(ZERO, self._own - kept_back(self.staged))

    @property
    def withdrawable(self) -> Money:
        """Free cash that may leave the broker today, never below ₹0."""
        return max(ZERO, self._own - unsettled(self.staged))

    @property
    def _own(self) -> Money:
        return self.free - self.deployable.blocked

    @property
    def movable(self) -> Money:
        """What another account of the login may have now."""
        return min(self.deployable.amount, self.spendable)

    @property
    def payable(self) -> Money:
        """What may leave the broker once it has settled."""
        return self.deployable.once_settled

    @property
    def balances(self) -> str:
        """The balances as text, so that a click can be bound to them."""
        parts = self.deployable
        shown = (parts.cash, parts.reserved, parts.floor, parts.buffer, parts.amount, self.free,
                 kept_back(self.staged), unsettled(self.staged))  # fmt: skip
        return ":".join([self.account_id, *(str(one.paise) for one in shown)])


def withdrawable_on(purse: Purse, amount: Money, *, today: date) -> date | None:
    """The first day on which so much may leave the broker; None where that is not known.

    What is kept as deployable is not asked; only what has settled by then.
    """
    left = purse.withdrawable
    if left >= amount:
        return today
    waiting = [one for one in purse.staged if one.amount and one.settles_on is not None]
    for day in sorted({one.settles_on for one in waiting if one.settles_on is not None}):
        late = total(one.amount for one in purse.staged
                     if one.settles_on is None or one.settles_on > day)  # fmt: skip
        if purse.free - purse.deployable.blocked - late >= amount:
            return day
    return None


def steps_of(
    purse: Purse, *, to_login: str | None, amount: Money, calendar: Calendar, today: date
) -> tuple[Step, ...]:
    """The steps that bring an amount there, with the day on which each is expected.

    A withdrawal reaches the bank on the settlement day after it; money is added the same day.

    Args:
        to_login: the login of the account that gets it, None for the owner.
    """
    if to_login == purse.login_id:
        return (Step(StepName.MOVE, today),)
    asked = _settlement_day(calendar, withdrawable_on(purse, amount, today=today), after=False)
    seen = _settlement_day(calendar, asked, after=True)
    steps = (Step(StepName.WITHDRAW, asked), Step(StepName.BANK, seen))
    return steps if to_login is None else (*steps, Step(StepName.ADD, seen))


def _settlement_day(calendar: Calendar, day: date | None, *, after: bool) -> date | None:
    """The settlement day after a day, or that day itself; None beyond the loaded calendar."""
    if day is None:
        return None
    try:
        if not after and calendar.is_settlement_day(day):
            return day
        day = calendar.next_session(day)
        while not calendar.is_settlement_day(day):
            day = calendar.next_session(day)
    except OutsideCalendar:
        return None
    return day
