"""Market-wide halts: how long trading stops when the index has fallen or risen so far.

The move is from the previous close, up or down. Trading reopens through a pre-open call auction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.domain.clock import IST, ist_day
from core.errors import OutsideCalendar


@dataclass(frozen=True, slots=True)
class HaltStep:
    """Reached at `move_pct` before `until` (None: at any later hour), trading stops so long.

    `lasts` is None for the rest of the day.
    """

    move_pct: int
    until: time | None
    lasts: timedelta | None


@dataclass(frozen=True, slots=True)
class HaltTable:
    """The steps in force from a date on."""

    valid_from: date
    steps: tuple[HaltStep, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Halt:
    """A halt that a move brought; `ends_at` is None for the rest of the day."""

    move_pct: int
    ends_at: datetime | None


def market_halt(tables: tuple[HaltTable, ...], *, move: float, at: datetime) -> Halt | None:
    """The halt that an index move brings at a moment; None when trading goes on.

    Args:
        move: of the index since its previous close, as a fraction; -0.1 is 10 % down.

    Raises:
        OutsideCalendar: the rule in force on that day is not loaded.
    """
    day, now = ist_day(at), at.astimezone(IST).time()
    table = next((one for one in reversed(tables) if one.valid_from <= day), None)
    if table is None:
        first = tables[0].valid_from if tables else "no day"
        raise OutsideCalendar(f"the market-wide halts of {day} are not loaded, only from {first}")
    reached = [step.move_pct for step in table.steps if abs(move) * 100 >= step.move_pct]
    if not reached:
        return None
    for step in table.steps:
        if step.move_pct == max(reached) and (step.until is None or now < step.until):
            ends = None if step.lasts is None else at + step.lasts
            return Halt(step.move_pct, ends)
    return None
