"""Two clocks: the market's, which dates facts, and the monotonic one, which measures safety.

The market clock may be simulated and may run faster than the wall. Ages, heartbeats and the
120 s life of an approval are monotonic seconds, so that moving a clock extends nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

IST = ZoneInfo("Asia/Kolkata")


class Clock(Protocol):
    """Says what time it is at the market, and how much real time passed."""

    def now(self) -> datetime:
        """Market time, UTC."""

    def monotonic(self) -> float:
        """Seconds that only go forward; comparable across processes of one machine."""


class WallClock:
    """The live market's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class AnchoredClock:
    """A simulated market: `market_at` was the time there when the monotonic clock said `anchor`."""

    market_at: datetime
    anchor: float
    speed: float = 1.0

    def now(self) -> datetime:
        return self.market_at + timedelta(seconds=(time.monotonic() - self.anchor) * self.speed)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(slots=True)
class SteppedClock:
    """Replay, backtest and tests: time moves when it is told to, both clocks together."""

    at: datetime
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def move_to(self, at: datetime) -> None:
        """Go forward to `at`; never back."""
        self.seconds += max(0.0, (at - self.at).total_seconds())
        self.at = max(self.at, at)

    def pass_seconds(self, seconds: float) -> None:
        """Let `seconds` go by."""
        self.move_to(self.at + timedelta(seconds=seconds))


def ist_day(at: datetime) -> date:
    """The calendar day in India at a moment."""
    return at.astimezone(IST).date()
