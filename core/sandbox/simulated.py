"""The simulated market behind a sandbox: a thread that brings prices, and its bars as candles.

One lock guards the market, which lays a session out when it is first asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from threading import Event, RLock, Thread
from typing import Final

from core.domain.calendar import Calendar, Phase
from core.domain.clock import IST, Clock, ist_day
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.quote import Quote
from core.errors import OutsideCalendar
from core.providers.sim import SimMarket
from core.providers.sim.intraday import Paths
from core.sandbox.house import House

PULSE_SECONDS: Final = 1.0
PAID_AFTER_SESSIONS: Final = 10
MINUTES: Final = {
    "minute": 1,
    "2minute": 2,
    "3minute": 3,
    "4minute": 4,
    "5minute": 5,
    "10minute": 10,
    "15minute": 15,
    "30minute": 30,
    "60minute": 60,
}
Candle = tuple[datetime, Money, Money, Money, Money, int]


class Simulation:
    """A simulated market with the clock that plays it."""

    def __init__(self, market: SimMarket, clock: Clock) -> None:
        self.market = market
        self.clock = clock
        self._lock = RLock()

    def phase_of(self, instrument: Instrument, at: datetime) -> Phase:
        """The phase a share is in; a day outside the calendar is closed."""
        return phase_in(self.market.calendar, instrument, at)

    def quotes(self) -> list[Quote]:
        """Every share's quote now."""
        with self._lock:
            return self.market.quotes_at(self.clock.now())

    def candles(self, isin: str, interval: str, start: datetime, end: datetime) -> list[Candle]:
        """Bars that begin between two moments and not after now, oldest first.

        Raises OutsideCalendar for minutes before the first live session.
        """
        end = min(end, self.clock.now())
        found: list[Candle] = []
        for day in self._sessions(ist_day(start), ist_day(end)):
            with self._lock:
                found += self._bars(isin, interval, day)
        if interval == "day":  # a day's bar stands at its midnight
            return [bar for bar in found if start.date() <= bar[0].date() <= end.date()]
        return [bar for bar in found if start <= bar[0] <= end]

    def _bars(self, isin: str, interval: str, day: date) -> list[Candle]:
        if day == ist_day(self.clock.now()):
            return self._today(isin, interval)
        if interval == "day":
            panel = self.market.bars_of(day)
            column = panel.isins.index(isin)
            sides = (panel.open, panel.high, panel.low, panel.close)
            prices = [Money(round(float(side[0, column]) * 100)) for side in sides]
            volume = int(panel.volume[0, column])
            return [(_midnight(day), prices[0], prices[1], prices[2], prices[3], volume)]
        return self._minutes(isin, interval, day, until=None)

    def _today(self, isin: str, interval: str) -> list[Candle]:
        now = self.clock.now()
        if now < self.market.opens(ist_day(now)):
            return []
        if interval != "day":
            return self._minutes(isin, interval, ist_day(now), until=now)
        quote = next(one for one in self.market.quotes_at(now) if one.isin == isin)
        sides = (quote.open, quote.high, quote.low, quote.ltp)
        return [(_midnight(ist_day(now)), *sides, quote.volume)]

    def _minutes(
        self, isin: str, interval: str, day: date, *, until: datetime | None
    ) -> list[Candle]:
        paths = self.market.paths(day)
        column = self.market.world.traits.isins.index(isin)
        last = paths.hours.end if until is None else paths.hours.second_of(until)
        return list(_cut(paths, column, seconds=MINUTES[interval] * 60, last=last))

    def _sessions(self, first: date, last: date) -> list[date]:
        """Sessions of the simulated market between two days."""
        return [day for day in self.market.world.sessions if first <= day <= last]


class Feed(Thread):
    """Brings the market's quotes to a house once a second until it is stopped."""

    def __init__(self, simulation: Simulation, house: House) -> None:
        super().__init__(name="prices", daemon=True)
        self._simulation = simulation
        self._house = house
        self._ended = Event()
        self._one_at_a_time = RLock()
        house.bring = self.pulse

    def run(self) -> None:
        """Pulse until `stop`; past the calendar's end prices stand still."""
        while not self._ended.wait(PULSE_SECONDS):
            self.pulse()

    def pulse(self) -> None:
        """One round of quotes."""
        with self._one_at_a_time:
            self._bring()

    def _bring(self) -> None:
        try:
            quotes = self._simulation.quotes()
            self._go_ex({quote.isin: quote for quote in quotes})
            self._house.on_quotes(quotes)
        except OutsideCalendar:
            self._house.tick()
        self._house.save_clock()

    def _go_ex(self, quotes: Mapping[str, Quote]) -> None:
        """Let today's actions reach the shares before today's first price does."""
        market = self._simulation.market
        today = ist_day(self._simulation.clock.now())
        for action in market.actions_on(today):
            quote = quotes.get(action.isin)
            if quote is not None and ist_day(quote.at) == today:
                pays_on = _sessions_later(market.calendar, today)
                self._house.go_ex(action, base=quote.prev_close, pays_on=pays_on)

    def stop(self) -> None:
        """End with the round that is under way."""
        self._ended.set()
        self.join(timeout=5)


def phase_in(calendar: Calendar, instrument: Instrument, at: datetime) -> Phase:
    """The phase a share is in; a day outside the calendar is closed."""
    try:
        return calendar.phase(at, has_derivatives=instrument.has_derivatives)
    except OutsideCalendar:
        return Phase.CLOSED


def _cut(paths: Paths, column: int, *, seconds: int, last: int) -> Iterator[Candle]:
    """A session's prices in stretches of so many seconds."""
    done = 0
    for start in range(0, last + 1, seconds):
        end = min(start + seconds - 1, last)
        prices = paths.prices[start : end + 1, column]
        traded = int(paths.volume_by(end)[column])
        sides = (prices[0], prices.max(), prices.min(), prices[-1])
        opened, high, low, close = (Money(int(side)) for side in sides)
        at = paths.hours.opens_at + timedelta(seconds=start)
        yield at, opened, high, low, close, max(0, traded - done)
        done = traded


def _sessions_later(calendar: Calendar, day: date) -> date:
    """When a payout reaches its holders; the calendar's last day where it is not loaded so far."""
    try:
        return calendar.add_sessions(day, PAID_AFTER_SESSIONS)
    except OutsideCalendar:
        return calendar.last


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=IST)
