"""What the worker's loop needs of a market, so that one loop serves the simulated and the live one.

The simulated market answers all of it from its seed. The live one tells prices as they come; what
it cannot tell (bars of a session, news, market-wide halts) comes from files and vendors.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Protocol, runtime_checkable

from core.domain.action import CorporateAction
from core.domain.clock import Clock, WallClock
from core.domain.event import Event
from core.domain.quote import Quote
from core.panel import Floats, Panel
from core.providers.sim.halting import Stop


class MarketSide(Protocol):
    """The market as the floor sees it."""

    def quotes_at(self, at: datetime) -> Sequence[Quote]:
        """Prices to store and to trade on now; a live market tells each once, as it came."""

    def events(self, since: datetime, until: datetime) -> Sequence[Event]:
        """News with `since < known_at <= until`, oldest first."""

    def actions(self, until: datetime) -> Sequence[CorporateAction]:
        """Corporate actions announced by the exchange itself."""

    def actions_on(self, day: date) -> list[CorporateAction]:
        """Corporate actions whose ex-date it is."""

    def opens(self, session: date) -> datetime:
        """When continuous trading begins."""

    def halts_of(self, session: date) -> Sequence[Stop]:
        """Market-wide halts of a session, in seconds from its open."""

    def bars_of(self, session: date) -> Panel | None:
        """The bars of a session that ended; None where they come from files and vendors."""

    def last_trades(self, sessions: Sequence[date]) -> Floats:
        """Last trades beside the official closes of `bars_of`."""


class FloorClock(Clock, Protocol):
    """The worker's clock; `speed` is market seconds in one second."""

    @property
    def speed(self) -> float: ...


@runtime_checkable
class JumpingClock(Protocol):
    """A market's clock that sleeps with its worker and jumps over nights."""

    def jump_to(self, at: datetime) -> None:
        """Set the market's time; the monotonic clock is not touched."""


class MarketClock:
    """The simulated market's clock in the worker; it jumps over nights and holidays."""

    def __init__(self, at: datetime, *, speed: float) -> None:
        self.speed = speed
        self.jump_to(at)

    def jump_to(self, at: datetime) -> None:
        """Set the market's time; the monotonic clock is not touched."""
        self._at, self._anchor = at, time.monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=(time.monotonic() - self._anchor) * self.speed)

    def monotonic(self) -> float:
        return time.monotonic()


class LiveClock(WallClock):
    """The real market's clock: nobody sets it, and no night is jumped over."""

    speed = 1.0
