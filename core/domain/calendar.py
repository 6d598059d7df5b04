"""When the exchange trades and settles: sessions, dated phase tables, settlement days.

A weekday can be a holiday, a weekend can be a session, and a trading day need not settle. A day
outside the loaded range is refused, never guessed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from core.domain.clock import IST
from core.errors import BadInput, OutsideCalendar

ONE_DAY = timedelta(days=1)
PRE_OPEN_LASTS = timedelta(minutes=15)
PRE_OPEN_ENTRY_LASTS = timedelta(minutes=8)


class Phase(StrEnum):
    """What the exchange does with an order now; PRE_OPEN ends when trading starts."""

    CLOSED = "closed"
    PRE_OPEN = "pre-open"
    CONTINUOUS = "continuous"
    CLOSING_AUCTION = "closing auction"
    POST_CLOSE = "post-close"


class Entry(StrEnum):
    """Which new orders a phase takes; the random last minutes of a call auction take none."""

    ANY = "any"
    LIMIT_ONLY = "limit only"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of a day in IST, `starts` included and `ends` not; `note` says what happens."""

    phase: Phase
    starts: time
    ends: time
    entry: Entry = Entry.ANY
    note: str = ""


@dataclass(frozen=True, slots=True)
class BlockTable:
    """When large trades may be made in a window of their own, from a date on.

    `minimum_rupees` is the smallest trade, `range_pct` the most it may leave its reference price.
    """

    valid_from: date
    windows: tuple[tuple[time, time], ...]
    minimum_rupees: int
    range_pct: int
    source: str


@dataclass(frozen=True, slots=True)
class PhaseTable:
    """The windows of a regular day from a date on, for shares without and with derivatives."""

    valid_from: date
    plain: tuple[Window, ...]
    derivative: tuple[Window, ...]
    source: str


@dataclass(frozen=True, slots=True)
class SpecialSession:
    """A session out of the ordinary.

    `trading` holds its continuous stretches; empty means a regular day's hours. When the
    hours were never loaded, `hours_known` is false and the day has no phase but CLOSED.
    `settles` is None where the rule tells: weekdays settle unless the hours are short.
    """

    day: date
    name: str
    trading: tuple[tuple[time, time], ...] = ()
    hours_known: bool = True
    settles: bool | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day: first and last moment of continuous trading, in IST.

    A share with derivatives can leave continuous trading earlier; ask `continuous_until`.
    `special` names a session out of the ordinary and is empty on a regular day.
    """

    day: date
    opens_at: datetime
    closes_at: datetime
    special: str = ""


@dataclass(frozen=True)
class Calendar:
    """An exchange's sessions from `first` to `last`, both included."""

    first: date
    last: date
    holidays: frozenset[date]
    specials: Mapping[date, SpecialSession]
    settlement_holidays: frozenset[date]
    settlement_lags: tuple[tuple[date, int], ...]  # from a date on, settlement days after trading
    tables: tuple[PhaseTable, ...]
    blocks: tuple[BlockTable, ...] = ()
    by_a_person: frozenset[date] = frozenset()  # days that a person opened, closed or moved
    _days: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _windows: dict[tuple[date, bool], tuple[Window, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for name, starts in (
            ("phase table", [table.valid_from for table in self.tables]),
            ("settlement lag", [valid_from for valid_from, _ in self.settlement_lags]),
        ):
            if not starts or starts != sorted(starts) or starts[0] > self.first:
                raise BadInput(
                    f"calendar from {self.first}: its {name} rows start {starts[:1]}; give them "
                    "oldest first, from the calendar's first day on"
                )
        object.__setattr__(self, "_days", tuple(self._all_days()))

    def is_session(self, day: date) -> bool:
        """Whether the exchange trades on a day."""
        return self._is_session(self._inside(day))

    def session(self, day: date) -> Session:
        """The session of a day; raises BadInput when there is none."""
        if not self.is_session(day):
            raise BadInput(
                f"{day} is not a trading day; the next session is {self.next_session(day)}"
            )
        trading = [w for w in self._of_day(day, False) if w.phase is Phase.CONTINUOUS]
        special = self.specials.get(day)
        starts, ends = (
            (trading[0].starts, trading[-1].ends)
            if trading or special is None
            else (special.trading[0][0], special.trading[-1][1])
        )
        return Session(
            day=day,
            opens_at=datetime.combine(day, starts, IST),
            closes_at=datetime.combine(day, ends, IST),
            special="" if special is None else special.name,
        )

    def sessions(self, start: date, end: date) -> tuple[date, ...]:
        """Sessions from `start` to `end`, both included, oldest first."""
        self._inside(start), self._inside(end)
        return self._days[bisect_left(self._days, start) : bisect_right(self._days, end)]

    def next_session(self, day: date) -> date:
        """The first session after a day."""
        return self._day_at(bisect_right(self._days, self._inside(day)), after=day)

    def previous_session(self, day: date) -> date:
        """The last session before a day."""
        return self._day_at(bisect_left(self._days, self._inside(day)) - 1, after=day)

    def first_session_from(self, at: datetime) -> date:
        """The session that still trades at a moment, or the next one."""
        local = at.astimezone(IST)
        day = self._inside(local.date())
        if self._is_session(day) and local < self.session(day).closes_at:
            return day
        return self.next_session(day)

    def add_sessions(self, day: date, sessions: int) -> date:
        """The session so many after a day (before it, when negative); 0 rolls forward to one."""
        self._inside(day)
        at = bisect_right(self._days, day) - 1 if sessions > 0 else bisect_left(self._days, day)
        return self._day_at(at + sessions, after=day)

    def count(self, start: date, end: date) -> int:
        """How many sessions lie from `start` to `end`, both included."""
        return len(self.sessions(start, end))

    def phase(self, at: datetime, *, has_derivatives: bool) -> Phase:
        """The phase at a moment for a share with or without derivatives."""
        window = self._window(at, has_derivatives)
        return Phase.CLOSED if window is None else window.phase

    def entry(self, at: datetime, *, has_derivatives: bool) -> Entry:
        """Which new orders the exchange takes at a moment."""
        window = self._window(at, has_derivatives)
        return Entry.NONE if window is None else window.entry

    def continuous_until(self, day: date, *, has_derivatives: bool) -> datetime:
        """When continuous trading ends on a session; a resting SL order dies then."""
        ends = [
            window.ends
            for window in self._of_day(day, has_derivatives)
            if window.phase is Phase.CONTINUOUS
        ]
        return datetime.combine(day, ends[-1], IST) if ends else self.session(day).closes_at

    def windows(self, day: date, *, has_derivatives: bool) -> tuple[Window, ...]:
        """The phases of a day in order; none on a holiday or where the hours are not loaded."""
        return self._of_day(day, has_derivatives)

    def block_windows(self, day: date) -> BlockTable | None:
        """The block-deal windows of a day; None on a holiday and in a session of short hours."""
        special = self.specials.get(self._inside(day))
        if not self._is_session(day) or (special and (special.trading or not special.hours_known)):
            return None
        return next((one for one in reversed(self.blocks) if one.valid_from <= day), None)

    def is_settlement_day(self, day: date) -> bool:
        """Whether trades settle on a day; some sessions trade without settling."""
        return self.is_session(day) and self._settles(day)

    def settles_on(self, day: date) -> date:
        """The day on which trades of a session settle.

        Weekends, Muhurat sessions and settlement holidays trade without settling. Settlement
        holidays are loaded for 2026 only, so an earlier answer can be a bank holiday early.
        """
        self.session(day)
        lag = [days for valid_from, days in self.settlement_lags if valid_from <= day][-1]
        settles = day
        for _ in range(lag):
            settles = self.next_session(settles)
            while not self._settles(settles):
                settles = self.next_session(settles)
        return settles

    def _settles(self, day: date) -> bool:
        special = self.specials.get(day)
        if special is not None and special.settles is not None:
            return special.settles
        short = special is not None and bool(special.trading)
        return day.weekday() < 5 and not short and day not in self.settlement_holidays

    def _window(self, at: datetime, has_derivatives: bool) -> Window | None:
        local = at.astimezone(IST)
        now = local.time()
        for window in self._of_day(local.date(), has_derivatives):
            if window.starts <= now < window.ends:
                return window
        return None

    def _of_day(self, day: date, has_derivatives: bool) -> tuple[Window, ...]:
        found = self._windows.get((day, has_derivatives))
        if found is None:
            found = self._work_out(self._inside(day), has_derivatives)
            self._windows[day, has_derivatives] = found
        return found

    def _work_out(self, day: date, has_derivatives: bool) -> tuple[Window, ...]:
        special = self.specials.get(day)
        if not self._is_session(day) or (special is not None and not special.hours_known):
            return ()
        if special is not None and special.trading:
            return tuple(w for stretch in special.trading for w in _short_session(day, *stretch))
        table = [table for table in self.tables if table.valid_from <= day][-1]
        return table.derivative if has_derivatives else table.plain

    def _all_days(self) -> list[date]:
        length = (self.last - self.first).days + 1
        days = (self.first + ONE_DAY * ahead for ahead in range(length))
        return [day for day in days if self._is_session(day)]

    def _is_session(self, day: date) -> bool:
        return day in self.specials or (day.weekday() < 5 and day not in self.holidays)

    def _inside(self, day: date) -> date:
        if not self.first <= day <= self.last:
            raise OutsideCalendar(
                f"{day} is outside the loaded calendar, {self.first} to {self.last}; "
                "load the exchange's list for that year"
            )
        return day

    def _day_at(self, at: int, *, after: date) -> date:
        if not 0 <= at < len(self._days):
            raise OutsideCalendar(
                f"counting sessions from {after} leaves the loaded calendar, {self.first} to "
                f"{self.last}; load the exchange's list for that year"
            )
        return self._days[at]


def _short_session(day: date, starts: time, ends: time) -> tuple[Window, ...]:
    """Pre-open and continuous trading of a special stretch, which has no closing auction."""
    opens = datetime.combine(day, starts)
    entry_from = opens - PRE_OPEN_LASTS
    entry_until = entry_from + PRE_OPEN_ENTRY_LASTS
    return (
        Window(Phase.PRE_OPEN, entry_from.time(), entry_until.time(), Entry.ANY, "order entry"),
        Window(Phase.PRE_OPEN, entry_until.time(), starts, Entry.NONE, "matching"),
        Window(Phase.CONTINUOUS, starts, ends),
    )
