"""What money earned for the time it was there: XIRR, time-weighted returns, drawdown, an index.

Money paid in on a day is at work from the start of that session and money taken out until its
end, so neither can make a day's return better or worse than its prices.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise

import numpy as np

from core.domain.money import ZERO, Money
from core.domain.words import day as in_words
from core.errors import NoData

DAYS_A_YEAR = 365
GRID = 4_000  # steps over which a rate is looked for
LOWEST, HIGHEST = math.log(1e-6), math.log(1e7)  # of 1 + rate: from -99.9999 % on
LARGEST = 700.0  # a larger one is above what a float holds
ANNUAL_FROM = 30  # sessions; a yearly rate of fewer says nothing

Flow = tuple[date, float]


@dataclass(frozen=True, slots=True)
class DayWorth:
    """The end of one session: worth then, and what was paid in (+) or taken out (-) since the
    end of the session before; `earned` is net of charges.
    """

    day: date
    worth: Money
    flow: Money
    earned: Money


def xirr(flows: Sequence[Flow]) -> float:
    """The yearly rate at which dated flows are worth nothing together, as spreadsheets work it.

    Rates compound yearly over actual days by 365 days a year.

    Args:
        flows: (day, amount) in any order and one unit; paid in below zero, got back above it.

    Raises:
        NoData: as `log_rate`, and for a yearly rate that no number can hold.

    Source: XIRR in the documentation of Microsoft Excel and OpenDocument (OpenFormula 1.2,
    6.12.54): sum of amount / (1 + rate) ** ((day - first day) / 365) = 0.
    """
    found = log_rate(flows)
    if found > LARGEST:
        raise NoData(f"these {len(flows)} flows double within hours; no yearly rate says that")
    return math.expm1(found)


def log_rate(flows: Sequence[Flow]) -> float:
    """The natural logarithm of 1 + XIRR, which `over_days` makes the return of any stretch.

    It is looked for from losing all but a millionth to ten millionfold, a year or in the whole
    stretch where that is shorter, so that the first days of an account have one too.

    Raises:
        NoData: all flows go one way, they are of one day, or no rate or several solve them.
    """
    known = sorted((day, amount) for day, amount in flows if amount)
    if not any(amount < 0 for _, amount in known) or not any(amount > 0 for _, amount in known):
        raise NoData(
            "XIRR takes money paid in and money taken out or still there; here "
            f"{len(known)} of {len(known)} flows go one way"
        )
    first = known[0][0]
    years = np.array([(day - first).days / DAYS_A_YEAR for day, _ in known])
    amounts = np.array([amount for _, amount in known])
    if not years[-1]:
        raise NoData(f"XIRR of {len(known)} flows of one day, {in_words(first)}; it takes two days")

    def worth(rate: float) -> float:
        return float(np.sum(amounts * np.exp(-rate * years)))

    grid = np.linspace(LOWEST, HIGHEST, GRID) / min(1.0, float(years[-1]))
    signs = np.sign(np.exp(-np.outer(grid, years)) @ amounts)
    crossed = [at for at in range(GRID - 1) if signs[at] * signs[at + 1] < 0]
    exact = [float(grid[at]) for at in range(GRID) if signs[at] == 0]
    from scipy.optimize import brentq  # half a second that most commands never need

    found = exact + [float(brentq(worth, grid[at], grid[at + 1], xtol=1e-14)) for at in crossed]
    if len(found) == 1:
        return found[0]
    if found:
        raise NoData(
            f"{len(found)} rates solve these {len(known)} flows: "
            f"{', '.join(f'{math.expm1(min(one, LARGEST)):.2%}' for one in sorted(found))}; "
            "read the time-weighted return instead"
        )
    raise NoData(
        f"no one yearly rate solves these {len(known)} flows; read the time-weighted return instead"
    )


def over_days(rate: float, days: int) -> float:
    """What a rate of `log_rate` makes over so many days, as a fraction."""
    return math.expm1(rate * days / DAYS_A_YEAR)


def yearly(whole: float, days: int) -> float:
    """A return over so many days as a yearly rate; a loss of everything stays one."""
    if whole <= -1.0:
        return -1.0
    return math.expm1(math.log1p(whole) * DAYS_A_YEAR / days)


def session_returns(days: Sequence[DayWorth], *, start: Money = ZERO) -> list[float]:
    """Each session's return as a fraction of what was at work in it; 0 where nothing was.

    Args:
        start: worth at the end of the session before the first.
    """
    before = [start, *(one.worth for one in days)]
    at_work = [held + max(ZERO, one.flow) for held, one in zip(before, days, strict=False)]
    return [
        one.earned.share_of(base) if base > ZERO else 0.0
        for one, base in zip(days, at_work, strict=True)
    ]


def growth(returns: Sequence[float]) -> list[float]:
    """What one rupee became after each session, linked day by day; the time-weighted return."""
    return list(accumulate(returns, lambda held, one: held * (1.0 + one), initial=1.0))[1:]


def drawdowns(grown: Sequence[float]) -> list[float]:
    """How far below the highest point so far, the start included: zero or negative fractions."""
    peaks = list(accumulate(grown, max, initial=1.0))[1:]
    return [now / peak - 1.0 if peak else 0.0 for now, peak in zip(grown, peaks, strict=True)]


class Levels:
    """An index by session, and what money put into it became."""

    def __init__(self, levels: Mapping[date, float]) -> None:
        self._days = sorted(levels)
        self._levels = [levels[day] for day in self._days]

    @property
    def last(self) -> date:
        """The day of the last level."""
        return self._days[-1]

    def on(self, day: date) -> float:
        """The level at the end of a day, or of the last session before; NoData before the first."""
        at = bisect_right(self._days, day) - 1
        if at < 0:
            first = f"begins on {in_words(self._days[0])}" if self._days else "has no level at all"
            raise NoData(
                f"the index {first} and was asked for {in_words(day)}; import a longer file"
            )
        return self._levels[at]

    def become(self, flows: Sequence[tuple[date, Money]], day: date) -> Money:
        """What the same rupees, paid in (+) and taken out (-) at the closes of their days, are
        worth in the index at the end of `day`.

        Source: Long and Nickels, "A Private Investment Benchmark" (1996).
        """
        units = sum(amount.paise / self.on(at) for at, amount in flows if at <= day)
        return Money(round(units * self.on(day)))

    def returns(self, days: Sequence[date], *, before: date) -> list[float]:
        """Session returns of the index itself over these days."""
        levels = [self.on(before), *(self.on(day) for day in days)]
        return [now / then - 1.0 for then, now in pairwise(levels)]
