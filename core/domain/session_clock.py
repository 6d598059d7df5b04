"""What one share may do at each moment of one day: phase, next change, seconds until it.

Nothing compares raw times; ask here. A share with derivatives leaves continuous trading for the
closing auction earlier than another, and a stop resting at the exchange dies then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import pairwise

from core.domain.calendar import Calendar, Entry, Phase, Window
from core.domain.clock import IST, ist_day
from core.domain.instrument import Instrument
from core.errors import BadInput

EXCHANGES = ("NSE", "BSE")  # one set of holidays and hours; commodities and currency differ


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of the day between two changes, in IST; a pause is CLOSED."""

    phase: Phase
    entry: Entry
    note: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """The next moment at which something else holds."""

    at: datetime
    phase: Phase
    entry: Entry
    note: str


@dataclass(frozen=True, slots=True)
class SessionClock:
    """A share's day at an exchange; raises OutsideCalendar for a day that is not loaded.

    `has_derivatives` is the closing auction's condition; it changes with the exchange's list,
    so it is asked for each morning.
    """

    exchange: str
    symbol: str
    day: date
    calendar: Calendar = field(kw_only=True, repr=False)
    has_derivatives: bool = field(kw_only=True)

    def __post_init__(self) -> None:
        if self.exchange not in EXCHANGES:
            raise BadInput(
                f"{self.symbol}: sessions of {self.exchange} are not loaded; "
                f"{' and '.join(EXCHANGES)} are"
            )
        self.calendar.is_session(self.day)  # raises outside the loaded span

    @classmethod
    def of(cls, instrument: Instrument, day: date, calendar: Calendar) -> SessionClock:
        """The clock of an instrument."""
        return cls(
            instrument.exchange,
            instrument.symbol,
            day,
            calendar=calendar,
            has_derivatives=instrument.has_derivatives,
        )

    @property
    def is_session(self) -> bool:
        """Whether the exchange trades on this day."""
        return self.calendar.is_session(self.day)

    def phase(self, at: datetime) -> Phase:
        """The phase at a moment of this day."""
        self._of_today(at)
        return self.calendar.phase(at, has_derivatives=self.has_derivatives)

    def entry(self, at: datetime) -> Entry:
        """Which new orders the exchange takes at a moment of this day."""
        self._of_today(at)
        return self.calendar.entry(at, has_derivatives=self.has_derivatives)

    def takes_stops(self, at: datetime) -> bool:
        """Whether SL, IOC and disclosed quantity are accepted: in continuous trading only."""
        return self.phase(at) is Phase.CONTINUOUS

    def in_block_window(self, at: datetime) -> bool:
        """Whether a block deal may be made at a moment of this day."""
        self._of_today(at)
        table, now = self.calendar.block_windows(self.day), at.astimezone(IST).time()
        return table is not None and any(starts <= now < ends for starts, ends in table.windows)

    def continuous_until(self) -> datetime:
        """When continuous trading ends and resting stops are cancelled; BadInput on a holiday."""
        return self.calendar.continuous_until(self.day, has_derivatives=self.has_derivatives)

    def stretches(self) -> tuple[Stretch, ...]:
        """The day from its first phase to its last, pauses included; empty on a holiday."""
        windows = self._windows(self.day)
        edges = sorted({edge for one in windows for edge in (one.starts, one.ends)})
        return tuple(self._stretch(windows, *pair) for pair in pairwise(edges))

    def next_change(self, at: datetime) -> Change:
        """The next moment at which phase, entry or stage differs, on this session or a later one.

        Raises OutsideCalendar when no later session is loaded.
        """
        self._of_today(at)
        now = at.astimezone(IST)
        for one in self.stretches():
            if one.starts_at > now:
                return Change(one.starts_at, one.phase, one.entry, one.note)
            if one.starts_at <= now < one.ends_at:
                return self._after(one)
        return self._first_of_next()

    def seconds_to_next_change(self, at: datetime) -> float:
        """Seconds until `next_change`."""
        return (self.next_change(at).at - at).total_seconds()

    def _after(self, stretch: Stretch) -> Change:
        following = [one for one in self.stretches() if one.starts_at == stretch.ends_at]
        if not following:
            return Change(stretch.ends_at, Phase.CLOSED, Entry.NONE, "")
        return Change(stretch.ends_at, following[0].phase, following[0].entry, following[0].note)

    def _first_of_next(self) -> Change:
        day = self.calendar.next_session(self.day)
        while not (windows := self._windows(day)):  # hours that were never loaded open nothing
            day = self.calendar.next_session(day)
        first = windows[0]
        return Change(_at(day, first.starts), first.phase, first.entry, first.note)

    def _windows(self, day: date) -> tuple[Window, ...]:
        return self.calendar.windows(day, has_derivatives=self.has_derivatives)

    def _stretch(self, windows: tuple[Window, ...], starts: time, ends: time) -> Stretch:
        open_one = next((one for one in windows if one.starts <= starts < one.ends), None)
        phase, entry, note = (
            (open_one.phase, open_one.entry, open_one.note)
            if open_one
            else (Phase.CLOSED, Entry.NONE, "")
        )
        return Stretch(phase, entry, note, _at(self.day, starts), _at(self.day, ends))

    def _of_today(self, at: datetime) -> None:
        if ist_day(at) != self.day:
            raise BadInput(
                f"{self.symbol}: {at.astimezone(IST):%Y-%m-%d %H:%M} is not on {self.day}; "
                "make a clock of that day"
            )


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, IST)
