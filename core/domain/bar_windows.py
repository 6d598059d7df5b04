"""The stretches of a day in which bars can begin, as seconds since 1970.

A closing auction belongs to the stretch before it, for its trade is the day's last; the closing
session after a regular day sends its trade with the second the stretch ends.
"""

from __future__ import annotations

from datetime import date, datetime

from core.domain.calendar import Calendar, Phase
from core.domain.clock import IST

Window = tuple[int, int]


def trading_windows(
    calendar: Calendar, day: date, *, has_derivatives: bool = False
) -> tuple[Window, ...]:
    """First and end second of each stretch; none on a holiday or where hours are not loaded.

    Args:
        has_derivatives: the share ends its day in a closing auction, once there is one.

    Raises:
        OutsideCalendar: the day is not loaded.
    """
    found: list[Window] = []
    for one in calendar.windows(day, has_derivatives=has_derivatives):
        starts, ends = (
            int(datetime.combine(day, at, IST).timestamp()) for at in (one.starts, one.ends)
        )
        if one.phase is Phase.CONTINUOUS:
            found.append((starts, ends))
        elif one.phase is Phase.CLOSING_AUCTION and found:
            found[-1] = (found[-1][0], ends)
    return tuple(found)
