"""How many sessions of bars the desk's work takes, and how the missing ones come."""

from __future__ import annotations

from datetime import date

from core.desk.desk import Desk
from core.domain.account import Market
from core.domain.words import day
from core.errors import OutsideCalendar

# Before the first session of a replay: 253 until the longest feature speaks, 250 to train on,
# and two months on which every feature has spoken.
HISTORY_MIN = 300


def way_to_more(desk: Desk, *, lacking: int, last: date) -> str:
    """The way to so many more sessions than those stored up to `last`, for an error's sentence.

    Only an imported market takes files, and only a market that moves brings bars of its own.
    """
    files = f"import {lacking} more"
    if desk.market is Market.REPLAY:
        return files
    try:
        days = f"wait until {day(desk.calendar.add_sessions(last, lacking))} has closed"
    except OutsideCalendar:
        return (
            f"{files}; the loaded calendar ends on {day(desk.calendar.last)}, before waiting does"
        )
    return days if desk.market is Market.SIM else f"{files} or {days}"
