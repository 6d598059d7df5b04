"""A person's word about a single day: the exchange is open, closed, or trades at other hours.

A holiday can be called three days before it; the committed calendar then lags behind, and the
person who read the circular says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

from core.domain.calendar import Calendar, SpecialSession
from core.errors import BadInput


class Word(StrEnum):
    """What the person says the day is."""

    OPEN = "open"  # a regular day's hours
    CLOSED = "closed"
    HOURS = "hours"  # open at the hours given


@dataclass(frozen=True, slots=True)
class Override:
    """One day as a person set it; `trading` holds the continuous stretches of HOURS."""

    day: date
    word: Word
    reason: str
    by: str
    at: datetime
    trading: tuple[tuple[time, time], ...] = ()

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise BadInput(f"{self.day}: say why, such as the circular's number")
        if bool(self.trading) != (self.word is Word.HOURS):
            raise BadInput(
                f"{self.day} {self.word}: hours go with the word hours and with no other; "
                "write them as 09:15-12:30"
            )
        edges = [edge for stretch in self.trading for edge in stretch]
        if edges != sorted(set(edges)):
            raise BadInput(
                f"{self.day}: the hours {self.hours} overlap or end before they start; "
                "write each as 09:15-12:30, earliest first"
            )

    @property
    def hours(self) -> str:
        """The stretches as a person writes them; empty without any."""
        return ", ".join(f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in self.trading)

    @property
    def sentence(self) -> str:
        """What was set, by whom and why."""
        word = f"open {self.hours}" if self.trading else str(self.word)
        return f"{self.day} is {word}, set by {self.by}: {self.reason}"


def overridden(calendar: Calendar, overrides: Iterable[Override]) -> Calendar:
    """The calendar with each day as a person set it; raises OutsideCalendar for other days.

    A day that was a holiday and is opened trades without settling, until clearing says more.
    """
    holidays, specials = set(calendar.holidays), dict(calendar.specials)
    touched = set()
    for one in overrides:
        settles = calendar.is_settlement_day(one.day)
        touched.add(one.day)
        specials.pop(one.day, None)
        if one.word is Word.CLOSED:
            holidays.add(one.day)
        elif one.word is Word.OPEN:
            specials[one.day] = SpecialSession(one.day, f"open: {one.reason}", settles=settles)
        else:
            specials[one.day] = SpecialSession(
                one.day, f"changed hours: {one.reason}", one.trading, settles=settles
            )
    if not touched:
        return calendar
    return replace(
        calendar,
        holidays=frozenset(holidays),
        specials=specials,
        by_a_person=frozenset(touched),
    )


def parse_hours(text: str) -> tuple[tuple[time, time], ...]:
    """`09:15-10:00,11:30-12:30` as stretches; empty text has none. Raises BadInput."""
    stretches = []
    for part in filter(None, text.replace(" ", "").split(",")):
        starts, _, ends = part.partition("-")
        try:
            stretches.append((time.fromisoformat(starts), time.fromisoformat(ends)))
        except ValueError:
            raise BadInput(f"hours {text!r} cannot be read; write them as 09:15-12:30") from None
    return tuple(stretches)
