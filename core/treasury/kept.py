"""What an account keeps out of the market of the cash that no order and no short holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.domain.money import ZERO, Money, total
from core.treasury.staged import Staged


@dataclass(frozen=True, slots=True)
class KeptBack:
    """A funding plan's buffer, waiting tranches and late money, and sales not to be spent yet.

    `unsettled` is what the broker gives of a sale only later, beyond what must stay in cash
    anyway: a floor need not have settled. `settles_on` is the day by which it may be spent, None
    where it is nothing or the calendar is not loaded that far.
    """

    buffer: Money = ZERO
    waiting: Money = ZERO
    late: Money = ZERO
    unsettled: Money = ZERO
    settles_on: date | None = None

    @property
    def total(self) -> Money:
        return self.by_plan + self.unsettled

    @property
    def by_plan(self) -> Money:
        """What the funding plan alone keeps."""
        return self.buffer + self.waiting + self.late


NOTHING = KeptBack()


def beyond(parts: tuple[Staged, ...], *, stays: Money) -> tuple[Money, date | None]:
    """What may not be spent beyond what stays in cash anyway, and by which day it may.

    The day is the first on which no more is kept back than what stays.
    """
    waits = [one for one in parts if one.kept_back]
    much = total(one.kept_back for one in waits) - stays
    if much <= ZERO:
        return ZERO, None
    days = sorted({one.settles_on for one in waits if one.settles_on is not None})
    for day in days:
        later = total(one.kept_back for one in waits
                      if one.settles_on is None or one.settles_on > day)  # fmt: skip
        if later <= stays:
            return much, day
    return much, None
