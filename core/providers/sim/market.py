"""The simulated market: history, a newswire that moves prices, and quotes second by second.

A pure function of seed and time. Prices, news and results dates are invented; symbols, names
and sectors are whatever universe it is given.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime

import numpy as np

from core.domain.action import CorporateAction
from core.domain.calendar import Calendar
from core.domain.clock import IST, ist_day
from core.domain.event import Event
from core.domain.halts import HaltTable
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.quote import Quote
from core.errors import BadInput, NotFound, OutsideCalendar
from core.panel import Panel
from core.providers.sim.halting import Stop
from core.providers.sim.hours import Hours, hours_of
from core.providers.sim.intraday import Paths, walk
from core.providers.sim.payouts import Payout
from core.providers.sim.quoting import opening_quotes, quotes
from core.providers.sim.streams import Floats
from core.providers.sim.telling import (
    action_of,
    halt_event,
    item_event,
    market_events,
    market_move,
    payout_event,
)
from core.providers.sim.world import World, make_world

SIM_STARTS_ON = date(2026, 4, 6)
ACTIONS_TOLD = 250  # sessions before the first live one whose announcements the archive keeps
MOVE_LOOKED_AT = 0.06  # of the market; a halt takes a tenth, and laying a session out takes time
PATHS_KEPT = 2


class SimMarket:
    """Live sessions run from `starts_on` to the calendar's end; 1,250 sessions come before.

    Paths of two sessions are kept, about 16 MB each; the first quote of a session lays it out.
    """

    def __init__(
        self,
        universe: Sequence[Instrument],
        calendar: Calendar,
        *,
        seed: int,
        starts_on: date = SIM_STARTS_ON,
        halts: tuple[HaltTable, ...] = (),
    ) -> None:
        self.universe = tuple(universe)
        self.halts = halts
        self.calendar = calendar
        self.seed = seed
        self.world: World = make_world(self.universe, calendar, seed=seed, starts_on=starts_on)
        self._row_of = {day: row for row, day in enumerate(self.world.sessions)}
        self._paths: dict[date, Paths] = {}
        self._worded: dict[int, list[Event]] = {}
        self._hours_of: dict[date, Hours] = {}
        self._telling: dict[int, list[Payout]] = {}
        for payout in self.world.payouts:
            if payout.told_row < self.world.first_live - ACTIONS_TOLD:
                continue
            self._telling.setdefault(payout.told_row, []).append(payout)

    @property
    def first_session(self) -> date:
        """The first live session."""
        return self.world.sessions[self.world.first_live]

    def history(self, sessions: int | None = None) -> Panel:
        """The last sessions before the live ones, all 1,250 when none is named; raises BadInput."""
        last = self.world.first_live
        count = last if sessions is None else sessions
        if not 1 <= count <= last:
            raise BadInput(f"the simulated history has 1 to {last} sessions, asked for {count}")
        return self._panel(slice(last - count, last))

    def past_events(self) -> list[Event]:
        """The newswire of the history, oldest first."""
        return [event for row in range(self.world.first_live) for event in self._events_of(row)]

    def events(self, since: datetime, until: datetime) -> list[Event]:
        """Items with `since < known_at <= until`, oldest first."""
        first = bisect_left(self.world.sessions, ist_day(since))
        found: list[Event] = []
        for row in range(first, len(self.world.sessions)):
            if self.world.sessions[row] > ist_day(until):
                break
            found += [one for one in self._events_of(row) if since < one.known_at <= until]
        return found

    def quotes_at(self, at: datetime) -> list[Quote]:
        """One quote per instrument; outside trading hours the last one, with its own time."""
        row = self._row_at(at)
        if row < self.world.first_live:
            closed_at = self._hours(self.world.sessions[row]).closes_at
            return opening_quotes(self.world, self.universe, row=row, at=closed_at, received_at=at)
        return quotes(
            self.world, self.universe, self._paths_of(row), row=row, at=at.astimezone(IST)
        )

    def bars_of(self, session: date) -> Panel:
        """One session's daily bars with official closes; OutsideCalendar for a day that is none."""
        row = self._row(session)
        if row < self.world.first_live:
            return self._panel(slice(row, row + 1))
        paths = self._paths_of(row)
        closed = self.world.daily.close[row]
        sides = (
            paths.prices[0],
            np.maximum(paths.high[-1], closed),
            np.minimum(paths.low[-1], closed),
            closed,
        )
        opens, high, low, close = (side[None, :] / 100.0 for side in sides)
        volume = paths.volume_by(paths.hours.end)[None, :].astype(np.float64)
        return Panel(
            sessions=(session,),
            isins=self.world.traits.isins,
            open=opens,
            high=high,
            low=low,
            close=close,
            volume=volume,
            factor=np.ones_like(close),
        )

    def last_trades(self, sessions: Sequence[date]) -> Floats:
        """Rupees of each share's last trade, shape (n_sessions, n_instruments)."""
        rows = [self._row(session) for session in sessions]
        return np.asarray(self.world.daily.last[rows] / 100.0)

    def actions(self, until: datetime) -> list[CorporateAction]:
        """Every split, bonus and dividend announced by a moment, by ex-date."""
        return [
            one
            for one in (
                action_of(self.world, payout, self.universe[payout.column])
                for payout in self.world.payouts
            )
            if one.known_at <= until
        ]

    def actions_on(self, day: date) -> list[CorporateAction]:
        """What goes ex on a day; nothing on one that is no session."""
        row = self._row_of.get(day)
        return [
            action_of(self.world, payout, self.universe[payout.column])
            for payout in self.world.payouts
            if payout.row == row
        ]

    def halts_of(self, session: date) -> tuple[Stop, ...]:
        """The market-wide halts of a live session, in seconds after its open."""
        row = self._row(session)
        return self._paths_of(row).stops if row >= self.world.first_live else ()

    def paths(self, session: date) -> Paths:
        """How every share moved through a live session; OutsideCalendar for an earlier one."""
        row = self._row(session)
        if row < self.world.first_live:
            raise OutsideCalendar(
                f"{session} is before {self.first_session}, the first session with prices by the "
                "second; ask for daily bars"
            )
        return self._paths_of(row)

    def results_on(self, isin: str) -> tuple[date, ...]:
        """Every results date of a company, past and to come; known ahead; raises NotFound."""
        return self.world.results[self._column(isin)]

    def opens(self, session: date) -> datetime:
        """When continuous trading of a session begins."""
        return self._hours(self.world.sessions[self._row(session)]).opens_at

    def tick_of(self, isin: str, session: date) -> Money:
        """The tick a share trades on that month."""
        return Money(int(self.world.daily.tick[self._row(session), self._column(isin)]))

    def _panel(self, rows: slice) -> Panel:
        world, day = self.world, self.world.daily
        close = day.close[rows] / 100.0
        return Panel(
            sessions=world.sessions[rows],
            isins=world.traits.isins,
            open=day.open[rows] / 100.0,
            high=world.high[rows] / 100.0,
            low=world.low[rows] / 100.0,
            close=close,
            volume=world.volume[rows].copy(),
            factor=world.terms.scale[rows] / world.terms.scale[rows][-1],
        )

    def _row(self, session: date) -> int:
        row = self._row_of.get(session)
        if row is None:
            sessions = self.world.sessions
            raise OutsideCalendar(
                f"{session} is no session of the simulated market, which trades from "
                f"{sessions[0]} to {sessions[-1]}; ask for one of its sessions"
            )
        return row

    def _column(self, isin: str) -> int:
        try:
            return self.world.traits.isins.index(isin)
        except ValueError:
            raise NotFound(
                f"{isin} is not among the {len(self.universe)} simulated instruments"
            ) from None

    def _row_at(self, at: datetime) -> int:
        """The session whose prices stand at a moment."""
        sessions, day = self.world.sessions, ist_day(at)
        if day > self.calendar.last or day <= sessions[0]:
            raise OutsideCalendar(
                f"{day} has no simulated quotes; they run from {sessions[1]} to "
                f"{self.calendar.last}"
            )
        row = bisect_left(sessions, day)
        if row < len(sessions) and sessions[row] == day and at >= self._hours(day).opens_at:
            return row
        return row - 1

    def _hours(self, day: date) -> Hours:
        if day not in self._hours_of:
            self._hours_of[day] = hours_of(self.calendar, day)
        return self._hours_of[day]

    def _paths_of(self, row: int) -> Paths:
        day = self.world.sessions[row]
        if day not in self._paths:
            while len(self._paths) >= PATHS_KEPT:
                del self._paths[next(iter(self._paths))]
            self._paths[day] = walk(
                day,
                row,
                daily=self.world.daily,
                hours=self._hours(day),
                universe=self.universe,
                traits=self.world.traits,
                items=self.world.items[row],
                jumps=[jump for jump in self.world.weather.jumps if jump.row == row],
                halts=self.halts,
                seed=self.seed,
            )
        return self._paths[day]

    def _events_of(self, row: int) -> list[Event]:
        if row not in self._worded:
            day = self.world.sessions[row]
            found = [
                item_event(item, self.universe[item.column], on=day, place=place)
                for place, item in enumerate(self.world.items[row])
            ]
            found += [
                payout_event(self.world, payout, self.universe[payout.column], place=place)
                for place, payout in enumerate(self._telling.get(row, ()))
            ]
            found += market_events(self.world, row) + self._halt_events(row)
            self._worded[row] = sorted(found, key=lambda one: one.known_at)
        return self._worded[row]

    def _halt_events(self, row: int) -> list[Event]:
        """The exchange's word on each halt; only a session that fell or rose far is laid out."""
        if row < self.world.first_live or abs(market_move(self.world, row)) <= MOVE_LOOKED_AT:
            return []
        day = self.world.sessions[row]
        opens_at = self._hours(day).opens_at
        return [halt_event(stop, day, opens_at=opens_at) for stop in self._paths_of(row).stops]
