"""Where a session lies among holidays, month ends and expiries of derivatives.

The calendar is taken as it stands now, so a closure that was announced late counts as known
before. Weekday and season need no calendar and are given as points on a circle.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Callable
from datetime import date, timedelta
from math import cos, nan, pi, sin

import numpy as np

from core.domain.calendar import Calendar
from core.errors import OutsideCalendar
from core.features.wide import Look, Make, Wide, wide
from core.panel import Floats

GROUP = "dates"
THURSDAY, TUESDAY = 3, 1
# Equity derivatives of the NSE expire on Tuesdays from 1 September 2025, after SEBI's circular of
# 26 May 2025 left an exchange the choice between Tuesday and Thursday.
TUESDAYS_FROM = date(2025, 9, 1)
FAR = 40  # days within which a holiday or an expiry is looked for


def expiry(calendar: Calendar, year: int, month: int) -> date:
    """The last session on or before a month's last expiry weekday; raises OutsideCalendar."""
    last = date(year, month, months.monthrange(year, month)[1])
    weekday = TUESDAY if last >= TUESDAYS_FROM else THURSDAY
    day = last - timedelta(days=(last.weekday() - weekday) % 7)
    return day if calendar.is_session(day) else calendar.previous_session(day)


def to_expiry(calendar: Calendar, day: date) -> int:
    """Sessions until the next monthly expiry, 0 on it."""
    this = expiry(calendar, day.year, day.month)
    if this < day:
        next_month = day.replace(day=1) + timedelta(days=32)
        this = expiry(calendar, next_month.year, next_month.month)
    return calendar.count(day, this) - 1


def to_holiday(calendar: Calendar, day: date) -> int:
    """Days until the next weekday on which the exchange is shut."""
    return _days_to_holiday(calendar, day, 1)


def from_holiday(calendar: Calendar, day: date) -> int:
    """Days since the last weekday on which the exchange was shut."""
    return _days_to_holiday(calendar, day, -1)


def to_month_end(calendar: Calendar, day: date) -> int:
    """Sessions left in the month after this one."""
    return calendar.count(day, day.replace(day=months.monthrange(day.year, day.month)[1])) - 1


def from_month_start(calendar: Calendar, day: date) -> int:
    """Sessions of the month before this one."""
    return calendar.count(day.replace(day=1), day) - 1


def to_next_session(calendar: Calendar, day: date) -> int:
    """Days until the exchange opens again."""
    return (calendar.next_session(day) - day).days


def _days_to_holiday(calendar: Calendar, day: date, way: int) -> int:
    for ahead in range(1, FAR + 1):
        other = day + way * timedelta(days=ahead)
        if other.weekday() < 5 and not calendar.is_session(other):
            return ahead
    return FAR


def _of_calendar(count: Callable[[Calendar, date], int]) -> Make:
    def found(look: Look) -> Floats:
        calendar = look.beside.calendar
        if calendar is None:
            return look.none
        return _each(look, [or_missing(count, calendar, day) for day in look.days])

    return found


def or_missing(count: Callable[[Calendar, date], int], calendar: Calendar, day: date) -> float:
    """NaN on a day from which the count leaves the loaded calendar."""
    try:
        return float(count(calendar, day))
    except OutsideCalendar:
        return nan


def _of_day(number: Callable[[date], float]) -> Make:
    return lambda look: _each(look, [number(day) for day in look.days])


def _each(look: Look, numbers: list[float]) -> Floats:
    return np.repeat(np.array(numbers)[:, None], len(look.raw.isins), axis=1)


def _season(day: date) -> float:
    return 2.0 * pi * (day.timetuple().tm_yday - 1) / 365.25


MORE: tuple[Wide, ...] = (
    wide("weekday_sin", GROUP, "weekday on a circle, first part", 1,
         _of_day(lambda day: sin(2.0 * pi * day.weekday() / 5.0))),
    wide("weekday_cos", GROUP, "weekday on a circle, second part", 1,
         _of_day(lambda day: cos(2.0 * pi * day.weekday() / 5.0))),
    wide("season_sin", GROUP, "day of the year on a circle, first part", 1,
         _of_day(lambda day: sin(_season(day)))),
    wide("season_cos", GROUP, "day of the year on a circle, second part", 1,
         _of_day(lambda day: cos(_season(day)))),
    wide("to_holiday", GROUP, "days to the next holiday, 40 at the most", 1,
         _of_calendar(to_holiday), beside="calendar"),
    wide("from_holiday", GROUP, "days since the last holiday, 40 at the most", 1,
         _of_calendar(from_holiday), beside="calendar"),
    wide("to_month_end", GROUP, "sessions left in the month", 1,
         _of_calendar(to_month_end), beside="calendar"),
    wide("from_month_start", GROUP, "sessions since the month began", 1,
         _of_calendar(from_month_start), beside="calendar"),
    wide("to_expiry", GROUP, "sessions to the monthly expiry", 1,
         _of_calendar(to_expiry), beside="calendar"),
    wide("to_next_session", GROUP, "days until the exchange opens again", 1,
         _of_calendar(to_next_session), beside="calendar"),
)  # fmt: skip
