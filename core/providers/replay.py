"""Real daily history played as a market: each bar becomes a short, unkind walk.

A bar does not say in which order its prices came. The walk goes open, low, high, close, so that
a stop is met before a target; and until the high has been seen nobody sells below the open, so
that no entry fills at a low that only the bar's end reveals. Prices between the four are
invented, the four are not. A share without a bar that session has no quote.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.domain.calendar import Calendar
from core.domain.clock import ist_day
from core.domain.event import Event
from core.domain.instrument import snap
from core.domain.money import Money
from core.domain.quote import Quote
from core.domain.ticks import tick_on
from core.errors import NoData, OutsideCalendar
from core.panel import Floats, Panel

SOURCE = "replay"
STEP_MINUTES = 45
LOW_AT, HIGH_AT = 0.25, 0.65  # parts of the session
VISIBLE_SHARE = 0.02  # of the session's volume, on each side
LAST_TICK_BEFORE_END = timedelta(minutes=1)


class ReplayMarket:
    """A panel of raw bars and the events of the same time, played by a clock that is told.

    `step_minutes` is the distance of two ticks; a session has one at its open, low and high too.
    """

    def __init__(
        self,
        panel: Panel,
        calendar: Calendar,
        events: Sequence[Event],
        *,
        step_minutes: int = STEP_MINUTES,
    ) -> None:
        self.panel = panel
        self.calendar = calendar
        self.step_minutes = step_minutes
        self._events = sorted(events, key=lambda event: event.known_at)
        self._known_at = [event.known_at for event in self._events]
        self._prev_close = _prev_closes(panel)

    def tick_times(self, session: date) -> list[datetime]:
        """When prices change in a session, oldest first; raises OutsideCalendar."""
        self._row(session)
        starts, ends = self._hours(session)
        length = ends - starts
        steps = int(length / timedelta(minutes=self.step_minutes))
        times = {starts + timedelta(minutes=self.step_minutes) * step for step in range(steps + 1)}
        corners = {starts + length * part for part in (LOW_AT, HIGH_AT)}
        return sorted({time.replace(microsecond=0) for time in times | corners | {ends}})

    def quotes_at(self, at: datetime) -> list[Quote]:
        """The quotes of the last tick at or before a moment, each with that tick's time."""
        tick_at = self._last_tick(at)
        row = self._row(ist_day(tick_at))
        starts, ends = self._hours(self.panel.sessions[row])
        part = _near_corner((tick_at - starts) / (ends - starts))
        traded = np.flatnonzero(np.isfinite(self.panel.close[row]))
        price = _price(self.panel, row, part)
        return [
            self._quote(row, int(column), float(price[column]), part=part, at=tick_at)
            for column in traded
        ]

    def events(self, since: datetime, until: datetime) -> list[Event]:
        """Items with `since < known_at <= until`, oldest first."""
        return self._events[
            bisect_right(self._known_at, since) : bisect_right(self._known_at, until)
        ]

    def bars_of(self, session: date) -> Panel:
        """The bars of one session as they were imported."""
        row = self._row(session)
        return self.panel.since(session).until(self.panel.sessions[row])

    def opens(self, session: date) -> datetime:
        """When continuous trading of a session begins."""
        return self.calendar.session(session).opens_at

    def _quote(self, row: int, column: int, price: float, *, part: float, at: datetime) -> Quote:
        first, high, low, close = (
            _paise(side[row, column])
            for side in (self.panel.open, self.panel.high, self.panel.low, self.panel.close)
        )
        before = self._prev_close[row, column]
        prev_close = _paise(before) if np.isfinite(before) else first
        reviewed = self._month_close(row, column)
        tick = tick_on(ist_day(at), month_close=reviewed or prev_close)
        corner = {0.0: first, LOW_AT: low, HIGH_AT: high, 1.0: close}.get(part)
        ltp = corner or max(low, min(high, snap(_paise(price), tick, up=False)))
        volume = int(self.panel.volume[row, column])
        visible = max(1, int(volume * VISIBLE_SHARE))
        seen_high, seen_low = _seen_range(first, ltp, low=low, high=high, part=part)
        return Quote(
            isin=self.panel.isins[column],
            ltp=ltp,
            bid=ltp,
            ask=ltp + tick,
            bid_qty=visible,
            ask_qty=visible if part >= HIGH_AT or ltp >= first else 0,
            open=first,
            high=seen_high,
            low=seen_low,
            prev_close=prev_close,
            volume=int(volume * part),
            at=at,
            received_at=at,
            source=SOURCE,
            month_close=reviewed,
        )

    def _month_close(self, row: int, column: int) -> Money | None:
        """The raw close that set the month's tick; None where the share did not trade then."""
        sessions = self.panel.sessions
        ends = bisect_left(sessions, sessions[row].replace(day=1)) - 1
        close = self.panel.close[ends, column] if ends >= 0 else np.nan
        return _paise(close) if np.isfinite(close) else None

    def _last_tick(self, at: datetime) -> datetime:
        sessions, day = self.panel.sessions, ist_day(at)
        row = bisect_right(sessions, day) - 1
        if row >= 0 and sessions[row] == day and at < self._hours(day)[0]:
            row -= 1
        if row < 0:
            raise NoData(
                f"no bar stands at {day}, the replayed history begins on "
                f"{sessions[0] if sessions else 'no session'}; start later"
            )
        times = self.tick_times(sessions[row])
        return times[bisect_right(times, at) - 1]

    def _hours(self, session: date) -> tuple[datetime, datetime]:
        """Open and last tick: a minute before continuous trading first ends for any share."""
        ends = min(
            self.calendar.continuous_until(session, has_derivatives=flag) for flag in (False, True)
        )
        return self.calendar.session(session).opens_at, ends - LAST_TICK_BEFORE_END

    def _row(self, session: date) -> int:
        row = bisect_right(self.panel.sessions, session) - 1
        if row < 0 or self.panel.sessions[row] != session:
            sessions = self.panel.sessions
            raise OutsideCalendar(
                f"{session} is not among the {len(sessions)} sessions of the replayed history"
                + (f", {sessions[0]} to {sessions[-1]}" if sessions else "")
            )
        return row


def _price(panel: Panel, row: int, part: float) -> Floats:
    """The walk open, low, high, close at a part of the session, per share."""
    corners = (0.0, LOW_AT, HIGH_AT, 1.0)
    sides = (panel.open[row], panel.low[row], panel.high[row], panel.close[row])
    leg = min(max(bisect_right(corners, part) - 1, 0), 2)
    share = (part - corners[leg]) / (corners[leg + 1] - corners[leg])
    return np.asarray(sides[leg] + (sides[leg + 1] - sides[leg]) * share)


def _near_corner(part: float) -> float:
    """The corner a part stands on, to a second or so; the part itself between corners."""
    for corner in (0.0, LOW_AT, HIGH_AT, 1.0):
        if abs(part - corner) < 1e-4:
            return corner
    return part


def _seen_range(
    first: Money, ltp: Money, *, low: Money, high: Money, part: float
) -> tuple[Money, Money]:
    """High and low so far on the walk."""
    seen_low = low if part >= LOW_AT else min(first, ltp)
    seen_high = high if part >= HIGH_AT else max(first, ltp)
    return seen_high, seen_low


def _prev_closes(panel: Panel) -> NDArray[np.float64]:
    """Each share's last close before a session, in that session's share terms."""
    found = np.full(panel.close.shape, np.nan)
    last = np.full(len(panel.isins), np.nan)
    for row in range(len(panel.sessions)):
        found[row] = last * panel.factor[row]
        adjusted = panel.close[row] / panel.factor[row]
        last = np.where(np.isfinite(adjusted), adjusted, last)
    return found


def _paise(rupees: float) -> Money:
    return Money(round(float(rupees) * 100))
