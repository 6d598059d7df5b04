"""A calendar of days by month, each session coloured by what it brought; holidays are blank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.desk.pnl import Day
from core.domain.calendar import Calendar
from core.domain.money import ZERO, Money, total
from core.domain.words import day, rupees
from core.views.shown import count

MONTHS = 12
DAYS = 31


@dataclass(frozen=True, slots=True)
class Cell:
    """One session: what it brought net of charges, and the sentence under the pointer."""

    day: date
    net: Money
    words: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Months, oldest first, each with its total net of charges and a cell or None for each of 31
    days.
    """

    months: tuple[str, ...]
    totals: tuple[Money, ...]
    cells: tuple[tuple[Cell | None, ...], ...]

    @property
    def most(self) -> Money:
        """The largest day either way, which the colours reach to."""
        return max((abs(one.net) for row in self.cells for one in row if one), default=ZERO)


def months_back(last: date, months: int = MONTHS) -> date:
    """The first day of the calendar that ends with the month of `last`."""
    number = last.year * 12 + last.month - months
    return date(number // 12, number % 12 + 1, 1)


def heat_map(days: Iterable[Day], calendar: Calendar, last: date) -> HeatMap:
    """The months that have a day, up to the month of `last`, twelve at most.

    Sessions on which nothing was held are blank like holidays; one that moved nothing while
    something was held stays a cell of ₹0.00.
    """
    known = {one.day: one for one in days}
    first = months_back(last)
    begun = min(known, default=last)
    months = [months_back(last, back) for back in range(MONTHS, 0, -1)]
    shown = [one for one in months if one >= max(first, begun.replace(day=1))]
    return HeatMap(
        months=tuple(f"{one:%b %Y}" for one in shown),
        totals=tuple(_month(one, known.values()) for one in shown),
        cells=tuple(
            tuple(_cell(one, number, known, calendar) for number in range(1, DAYS + 1))
            for one in shown
        ),
    )


def _month(month: date, days: Iterable[Day]) -> Money:
    return total(one.earned.net for one in days if one.day.replace(day=1) == month)


def _cell(month: date, number: int, known: dict[date, Day], calendar: Calendar) -> Cell | None:
    try:
        on = month.replace(day=number)
    except ValueError:  # 30 February
        return None
    found = known.get(on)
    if found is None or not (found.worth or found.earned or found.flow):
        return None
    trades = count(found.trades, "trade")
    name = _special(calendar, on)
    words = f"{day(on)}{name}: {rupees(found.earned.net, signed=True)} net · {trades}"
    return Cell(on, found.earned.net, words)


def _special(calendar: Calendar, on: date) -> str:
    """The name of a session out of the ordinary."""
    if not (calendar.first <= on <= calendar.last and calendar.is_session(on)):
        return ", no session"
    special = calendar.session(on).special
    return f", {special}" if special else ""
