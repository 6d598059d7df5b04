"""The sandbox market's clock, which a control port can set, move on and hurry."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class SandboxClock:
    """Market time at a speed; the monotonic clock is the machine's and never jumps."""

    def __init__(
        self,
        at: datetime,
        *,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._at, self._anchor, self.speed = at, monotonic(), speed

    def now(self) -> datetime:
        """Market time, with its zone."""
        return self._at + timedelta(seconds=(self._monotonic() - self._anchor) * self.speed)

    def monotonic(self) -> float:
        """Seconds that only go forward."""
        return self._monotonic()

    def move_to(self, at: datetime) -> None:
        """Set the market's time, forward or back."""
        self._at, self._anchor = at, self._monotonic()

    def pass_seconds(self, seconds: float) -> None:
        """Move the market's time on."""
        self.move_to(self.now() + timedelta(seconds=seconds))

    def run_at(self, speed: float) -> None:
        """Let so many market seconds go by in one real second from now on."""
        self.move_to(self.now())
        self.speed = speed
