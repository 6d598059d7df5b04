"""The simulated market: history, a newswire that moves prices, and quotes second by second.

A pure function of seed and time. Prices, news and results dates are invented; symbols, names
and sectors are whatever universe it is given.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np

from core.domain.action import ActionKind, ActionStatus, CorporateAction, action_id
from core.domain.calendar import Calendar
from core.domain.clock import IST, ist_day
from core.domain.event import Event, EventType, Priority, event_id
from core.domain.halts import HaltTable
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.quote import Quote
from core.errors import BadInput, NotFound, OutsideCalendar
from core.panel import Panel
from core.providers.sim.halting import Stop
from core.providers.sim.hours import Hours, hours_of, midnight
from core.providers.sim.intraday import Paths, walk
from core.providers.sim.items import Item
from core.providers.sim.payouts import Payout, subject
from core.providers.sim.quoting import opening_quotes, quotes
from core.providers.sim.streams import Floats
from core.providers.sim.wording import (
    halt_headline,
    headline,
    market_headline,
    payout_headline,
)
from core.providers.sim.world import World, make_world

SIM_STARTS_ON = date(2026, 4, 6)
NEWSWIRE = "SIM newswire"
EXCHANGE = "SIM exchange"
ACTIONS_TOLD = 250  # sessions before the first live one whose announcements the archive keeps
MOVE_LOOKED_AT = 0.06  # of the market; a halt takes a tenth, and laying a session out takes time
PATHS_KEPT = 2
URGENT = {EventType.RESULTS, EventType.ORDER_WIN, EventType.REGULATORY, EventType.RATING}


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
            for one in (self._action(payout) for payout in self.world.payouts)
            if one.known_at <= until
        ]

    def halts_of(self, session: date) -> tuple[Stop, ...]:
        """The market-wide halts of a live session, in seconds after its open."""
        row = self._row(session)
        return self._paths_of(row).stops if row >= self.world.first_live else ()

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
                _event(item, self.universe[item.column], on=day, place=place)
                for place, item in enumerate(self.world.items[row])
            ]
            told = [self._told(one, place) for place, one in enumerate(self._telling.get(row, ()))]
            found += told + self._market_news(row)
            self._worded[row] = sorted(found, key=lambda one: one.known_at)
        return self._worded[row]

    def _action(self, payout: Payout) -> CorporateAction:
        """A planned action as the exchange lists it."""
        world, one = self.world, self.universe[payout.column]
        day = world.sessions[payout.row]
        amount: Money | None = None
        if payout.kind is ActionKind.DIVIDEND:
            price = int(world.daily.close[payout.told_row, payout.column])
            amount = Money(max(1, round(price * payout.part / 5)) * 5)
        text = subject(payout, rupees=amount.paise / 100 if amount else 0.0)
        told = midnight(world.sessions[payout.told_row]) + timedelta(seconds=payout.second)
        return CorporateAction(
            id=action_id(one.isin, day, payout.kind, EXCHANGE, text),
            isin=one.isin,
            symbol=one.symbol,
            ex_date=day,
            kind=payout.kind,
            new=payout.new,
            old=payout.old,
            amount=amount,
            subject=text,
            source=EXCHANGE,
            known_at=told.astimezone(UTC),
            status=ActionStatus.CONFIRMED,
        )

    def _told(self, payout: Payout, place: int) -> Event:
        one, action = self.universe[payout.column], self._action(payout)
        words = payout_headline(
            one.name,
            action.kind,
            new=action.new,
            old=action.old,
            paid=str(action.amount or ""),
            ex=action.ex_date,
        )
        on = self.world.sessions[payout.told_row]
        kind = f"{on.isoformat()}-a{place:03d}"
        return _news(words, kind, midnight(on) + timedelta(seconds=payout.second), about=one)

    def _market_news(self, row: int) -> list[Event]:
        """What moved every share of a session, and the exchange's word on a halt."""
        world, day = self.world, self.world.sessions[row]
        mine = [jump for jump in world.weather.jumps if jump.row == row]
        found = [
            _news(
                market_headline(jump.words, rises=jump.size > 0),
                f"{day.isoformat()}-m{place}",
                midnight(day) + timedelta(seconds=jump.second),
            )
            for place, jump in enumerate(mine)
        ]
        moved = float(world.weather.market[row]) + sum(jump.size for jump in mine)
        if row >= world.first_live and abs(moved) > MOVE_LOOKED_AT:
            opens_at = self._hours(day).opens_at
            for stop in self._paths_of(row).stops:
                ends = opens_at + timedelta(seconds=stop.ends)
                words = halt_headline(stop.move_pct, until=f"until {ends:%H:%M}")
                at = opens_at + timedelta(seconds=stop.starts)
                found.append(_news(words, f"{day.isoformat()}-h{stop.starts}", at))
        return found


def _news(words: str, source_id: str, at: datetime, *, about: Instrument | None = None) -> Event:
    """News that is no item: an announced action of a company, or what concerns the whole market."""
    whom = f"Company: {about.name}; Symbol: {about.symbol}; " if about else ""
    return Event(
        id=event_id(NEWSWIRE, source_id, words),
        source=NEWSWIRE,
        source_id=source_id,
        headline=words,
        event_at=at,
        known_at=at,
        body=f"{whom}simulated news: {words}.",
        priority=Priority.NORMAL if about else Priority.URGENT,
        simulated=True,
    )


def _event(item: Item, instrument: Instrument, *, on: date, place: int) -> Event:
    """The item as the desk receives it."""
    words = headline(item, name=instrument.name, on=on)
    source_id = f"{on.isoformat()}-{place:03d}"
    at = midnight(on) + timedelta(seconds=item.second)
    priority = Priority.NORMAL
    if item.kind is EventType.ROUTINE:
        priority = Priority.ROUTINE
    elif item.kind in URGENT:
        priority = Priority.URGENT
    return Event(
        id=event_id(NEWSWIRE, source_id, words),
        source=NEWSWIRE,
        source_id=source_id,
        headline=words,
        event_at=at,
        known_at=at,
        body=f"Company: {instrument.name}; Symbol: {instrument.symbol}; simulated news: {words}.",
        priority=priority,
        simulated=True,
    )
