"""The desk as a use case sees it: settings, store, calendar and the market's clock.

Under sim and replay the worker tells the time through its heartbeat, so a page, a terminal
and the worker agree; when the worker is silent, its market sleeps and the clock stands still.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session

from core.config import Settings, settings_now
from core.domain.account import Market
from core.domain.calendar import Calendar
from core.domain.calendar_override import Override, overridden
from core.domain.clock import Clock, WallClock
from core.domain.job import Heartbeat
from core.providers.calendar_file import load_calendar
from core.store import calendar_overrides, heartbeat
from core.store.engine import Store, open_store

REFERENCE = Path(__file__).resolve().parents[2] / "data"
CALENDAR_READ_EVERY = 1.0  # seconds until a day set in another process is seen
SILENT_AFTER = 5.0  # seconds without a heartbeat after which the worker counts as silent


class PulseClock:
    """The simulated market's time, carried on from the worker's last heartbeat."""

    def __init__(self, store: Store, *, before_first: datetime) -> None:
        self._store = store
        self._before_first = before_first

    def now(self) -> datetime:
        beat = self.beat()
        if beat is None:
            return self._before_first
        passed = min(max(0.0, time.monotonic() - beat.monotonic), SILENT_AFTER)
        return beat.market_at + timedelta(seconds=passed * beat.speed)

    def monotonic(self) -> float:
        return time.monotonic()

    def beat(self) -> Heartbeat | None:
        """The last heartbeat, None before the first."""
        with self._store.read() as tx:
            return heartbeat.last(tx)


class CalendarNow:
    """The committed calendar with the days a person set, read from the store each second.

    `rules` is the committed one alone: a simulated market trades by it, whatever a person says.
    """

    def __init__(self, rules: Calendar, store: Store) -> None:
        self.rules = rules
        self._store = store
        self._days: list[Override] = []
        self._made = rules
        self._read_at = -math.inf

    def now(self) -> Calendar:
        """The calendar as of this second."""
        at = time.monotonic()
        if at - self._read_at >= CALENDAR_READ_EVERY:
            with self._store.read() as tx:
                days = calendar_overrides.all_overrides(tx)
            self._read_at = at
            if days != self._days:
                self._days, self._made = days, overridden(self.rules, days)
        return self._made

    def forget(self) -> None:
        """Read the store again at the next question."""
        self._read_at = -math.inf


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a use case may reach; holds no broker and no credential."""

    settings: Settings
    store: Store
    calendars: CalendarNow
    market: Market
    home: Path
    clock: Clock

    @property
    def calendar(self) -> Calendar:
        """The trading calendar, with what a person said about single days."""
        return self.calendars.now()

    def worker_age(self) -> float | None:
        """Real seconds since the worker's last heartbeat; None if there never was one."""
        with self.store.read() as tx:
            return self.beat_age(tx)

    def beat_age(self, tx: Session) -> float | None:
        """The same, of the heartbeat that one transaction sees."""
        beat = heartbeat.last(tx)
        return None if beat is None else max(0.0, self.clock.monotonic() - beat.monotonic)

    def real_seconds(self, market_seconds: float) -> float:
        """Market seconds as seconds of the wall, for the age of a feed; replay has no feed."""
        if self.market is Market.REPLAY:
            return 0.0
        speed = self.settings.speed if self.market is Market.SIM else 1.0
        return market_seconds / speed


@lru_cache(maxsize=1)
def calendar_now() -> Calendar:
    """The committed NSE calendar, read once."""
    return load_calendar(REFERENCE / "calendar.json")


@lru_cache(maxsize=4)
def _opened(url: str, market: Market, seed: int) -> Store:
    return open_store(url, market, seed=seed)


def open_desk(settings: Settings | None = None) -> Desk:
    """Open the desk on its store; raises WrongMarket for a store of another market."""
    settings = settings or settings_now()
    settings.home.mkdir(parents=True, exist_ok=True)
    store = _opened(settings.database_url, settings.market, settings.seed)
    return desk_over(settings, store)


def desk_over(settings: Settings, store: Store, clock: Clock | None = None) -> Desk:
    """A desk over an open store; the clock follows the market unless one is given."""
    calendar = calendar_now()
    if clock is None:
        clock = WallClock() if store.market is Market.LIVE else _pulse(store, calendar)
    return Desk(
        settings=settings,
        store=store,
        calendars=CalendarNow(calendar, store),
        market=store.market,
        home=settings.home,
        clock=clock,
    )


def _pulse(store: Store, calendar: Calendar) -> PulseClock:
    from core.providers.sim.market import SIM_STARTS_ON

    opens_at = calendar.session(SIM_STARTS_ON).opens_at
    return PulseClock(store, before_first=opens_at.astimezone(UTC))
