"""A vendor's circuit breaker: pybreaker's rules over a state that outlives the process.

Only a SourceFailed counts against a vendor. A refused key or an unknown symbol is an answer,
so it shows that the vendor is alive.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pybreaker

from core.domain.clock import Clock
from core.errors import SourceFailed
from core.providers.net.memory import Memory
from core.providers.net.policy import Policy


class KeptState(pybreaker.CircuitBreakerStorage):
    """pybreaker's storage in the desk's record of providers.

    pybreaker compares the opening with the wall, so what it is told is as old by the wall as
    the opening is by our clock.
    """

    def __init__(self, vendor: str, memory: Memory, clock: Clock) -> None:
        super().__init__(vendor)
        self._memory = memory
        self._clock = clock

    @property
    def state(self) -> str:
        return self._memory.vendor(self.name).state

    @state.setter
    def state(self, state: str) -> None:
        self._memory.change(self.name, state=state)

    def increment_counter(self) -> None:
        self._memory.change(self.name, failures=self.counter + 1)

    def reset_counter(self) -> None:
        self._memory.change(self.name, failures=0)

    def increment_success_counter(self) -> None:
        self._memory.change(self.name, successes=self.success_counter + 1)

    def reset_success_counter(self) -> None:
        self._memory.change(self.name, successes=0)

    @property
    def counter(self) -> int:
        return self._memory.vendor(self.name).failures

    @property
    def success_counter(self) -> int:
        return self._memory.vendor(self.name).successes

    @property
    def opened_at(self) -> datetime | None:
        opened = self._memory.vendor(self.name).opened_at
        return None if opened is None else datetime.now(UTC) - (self._clock.now() - opened)

    @opened_at.setter
    def opened_at(self, at: datetime) -> None:
        self._memory.change(self.name, opened_at=self._clock.now())


def breaker_of(policy: Policy, memory: Memory, clock: Clock) -> Any:
    """A pybreaker.CircuitBreaker that goes on from the state the last process left."""
    return pybreaker.CircuitBreaker(
        fail_max=policy.failures_max,
        reset_timeout=policy.rest_seconds,
        exclude=[_is_an_answer],
        state_storage=KeptState(policy.name, memory, clock),
        name=policy.name,
        throw_new_error_on_trip=False,  # the vendor's own sentence says more
    )


def _is_an_answer(error: BaseException) -> bool:
    return isinstance(error, Exception) and not isinstance(error, SourceFailed)
