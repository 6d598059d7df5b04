"""Turns already taken at a vendor, kept in the desk's record so that a restart forgets none.

`limits` asks a storage for a moving window; this one stands in `providers.db`, so the worker, a
page and the terminal share one count of what a vendor allows.
"""

from __future__ import annotations

from limits.storage import MovingWindowSupport, Storage

from core.domain.clock import Clock
from core.providers.net.memory import Memory


class KeptTurns(Storage, MovingWindowSupport):
    """A moving window over the record of providers, by the gate's clock."""

    STORAGE_SCHEME = None

    def __init__(self, memory: Memory, clock: Clock) -> None:
        super().__init__()
        self._memory = memory
        self._clock = clock

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return ()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Take `amount` turns unless that would be more than `limit` in `expiry` seconds."""
        at = self._clock.now().timestamp()
        return self._memory.take_turns(key, at=at, seconds=expiry, allowed=limit, wanted=amount)

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest turn of the window was taken, in epoch seconds, and how many were."""
        at = self._clock.now().timestamp()
        taken = self._memory.turns(key, at=at, seconds=expiry)
        return (taken[0] if taken else at), len(taken)

    def check(self) -> bool:
        """The record is a file; it is there or comes into being."""
        return True

    def reset(self) -> int | None:
        """Nothing is forgotten before its time."""
        return None

    def clear(self, key: str) -> None:
        """Nothing is forgotten before its time."""

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Fixed windows are not kept."""
        raise NotImplementedError("turns are kept as a moving window")

    def get(self, key: str) -> int:
        """Fixed windows are not kept."""
        raise NotImplementedError("turns are kept as a moving window")

    def get_expiry(self, key: str) -> float:
        """Fixed windows are not kept."""
        raise NotImplementedError("turns are kept as a moving window")
