"""Asking one vendor: cache, then breaker, turn, request and retry; a stale answer on failure.

Reads only. A write must never pass through here, because it may be asked more than once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import pybreaker
from limits import parse
from limits.strategies import MovingWindowRateLimiter
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from core.domain.clock import Clock, WallClock
from core.domain.words import age
from core.errors import SessionDead, SourceFailed, SourceResting, SourceWrong, Throttled
from core.providers.net.breaker import breaker_of
from core.providers.net.memory import Kept, Memory
from core.providers.net.policy import Policy
from core.providers.net.turns import KeptTurns

T = TypeVar("T")
MISREAD = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a vendor said and when; `why_stale` holds the failure that made an old one serve."""

    value: T
    at: datetime
    age_seconds: float
    why_stale: str = ""

    @property
    def is_stale(self) -> bool:
        """Whether the vendor could not be asked and an older answer stands in."""
        return bool(self.why_stale)


class Gate:
    """One vendor's way to the network; keep one for each vendor and process."""

    def __init__(
        self,
        policy: Policy,
        memory: Memory,
        *,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.policy = policy
        self.memory = memory
        self._clock = clock or WallClock()
        self._sleep = sleep
        self._breaker = breaker_of(policy, memory, self._clock)
        self._limiter = MovingWindowRateLimiter(KeptTurns(memory, self._clock))
        self._rates = [parse(rate) for rate in policy.rates]

    def now(self) -> datetime:
        """Market time of the network, UTC."""
        return self._clock.now()

    def ask(
        self,
        key: str,
        fetch: Callable[[], Any],
        read: Callable[[Any], T],
        *,
        ttl: timedelta,
    ) -> Answer[T]:
        """Answer from the cache while it is younger than `ttl`, else from the vendor.

        When the vendor fails, an older answer stands in, with its age and the failure.

        Args:
            key: names the question among this vendor's.
            fetch: asks the vendor and returns plain JSON; may be called several times.
            read: turns the JSON into a value, raising SourceWrong for what cannot be.

        Raises:
            SourceFailed: no answer, and no older one.
            SessionDead: the vendor refuses the key.
        """
        kept = self.memory.answer(self.policy.name, key)
        if kept is not None and self._age(kept) <= ttl.total_seconds():
            return self._from(kept, read)
        try:
            payload, value = self._live(fetch, read)
        except (SourceFailed, SessionDead) as failure:
            self._note(failure)
            if kept is None:
                raise
            return self._from(kept, read, why=str(failure))
        at = self.now()
        self.memory.keep(self.policy.name, key, payload, at=at)
        self.memory.change(self.policy.name, last_success_at=at, not_before=None)
        return Answer(value, at, 0.0)

    def _from(self, kept: Kept, read: Callable[[Any], T], *, why: str = "") -> Answer[T]:
        return Answer(read(kept.payload), kept.at, self._age(kept), why)

    def _age(self, kept: Kept) -> float:
        return max(0.0, (self.now() - kept.at).total_seconds())

    def _live(self, fetch: Callable[[], Any], read: Callable[[Any], T]) -> tuple[Any, T]:
        self._refuse_early()

        def once() -> tuple[Any, T]:
            try:
                payload = fetch()
                return payload, read(payload)
            except MISREAD as odd:
                raise SourceWrong(
                    f"{self.policy.label} answered in a shape nobody expects "
                    f"({type(odd).__name__}); nothing of it is used"
                ) from None

        def through_breaker() -> tuple[Any, T]:
            self._wait_for_turn()
            done: tuple[Any, T] = self._breaker.call(once)
            return done

        retrying = Retrying(
            stop=stop_after_attempt(self.policy.attempts),
            wait=self._pause,
            retry=retry_if_exception(self._is_worth_repeating),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(through_breaker)
        except pybreaker.CircuitBreakerError:
            raise self._resting() from None

    def _is_worth_repeating(self, error: BaseException) -> bool:
        """Not what would answer the same again, nor what has just opened the breaker."""
        if not isinstance(error, SourceFailed) or isinstance(error, SourceWrong):
            return False
        if isinstance(error, Throttled):
            wait = error.retry_after
            return wait is not None and wait <= self.policy.patience_seconds and self._is_closed()
        return self._is_closed()

    def _is_closed(self) -> bool:
        return self.memory.vendor(self.policy.name).state == pybreaker.STATE_CLOSED

    def _pause(self, tried: RetryCallState) -> float:
        """Seconds before the next attempt: as long as the vendor asks, else growing, jittered."""
        error = tried.outcome.exception() if tried.outcome else None
        asked = error.retry_after if isinstance(error, Throttled) else None
        grown = wait_exponential_jitter(
            multiplier=self.policy.backoff_seconds,
            max=self.policy.backoff_seconds_max,
            jitter=self.policy.backoff_seconds,
        )(tried)
        return max(asked or 0.0, grown)

    def _wait_for_turn(self) -> None:
        """Sleep until the vendor's own limits let one more request through."""
        waited = 0.0
        for rate in self._rates:
            while not self._limiter.hit(rate, self.policy.name):
                free_at = self._limiter.get_window_stats(rate, self.policy.name).reset_time
                wait = max(0.01, free_at - self.now().timestamp())
                waited += wait
                if waited > self.policy.patience_seconds:
                    raise Throttled(
                        f"{self.policy.label} allows {rate}, all of it is used; the next request "
                        f"may go in {age(wait)}, over the {self.policy.patience_seconds:.0f} s "
                        "worth waiting"
                    )
                self._sleep(wait)

    def _refuse_early(self) -> None:
        """Send nothing while the vendor wants rest, after a refused key, or to an open breaker."""
        state = self.memory.vendor(self.policy.name)
        left = 0.0
        if state.not_before is not None:
            left = (state.not_before - self.now()).total_seconds()
        if left > 0:
            raise SourceResting(
                f"{self.policy.label} is left alone for {left:.0f} s more; {state.last_failure}"
            )
        if state.state == pybreaker.STATE_OPEN and self._rest_left() > 0:
            raise self._resting()

    def _rest_left(self) -> float:
        opened = self.memory.vendor(self.policy.name).opened_at
        if opened is None:
            return 0.0
        return self.policy.rest_seconds - (self.now() - opened).total_seconds()

    def _resting(self) -> SourceResting:
        state = self.memory.vendor(self.policy.name)
        return SourceResting(
            f"{self.policy.label} rests after {state.failures} failures, "
            f"{max(0.0, self._rest_left()):.0f} s more; the last one: {state.last_failure}"
        )

    def _note(self, failure: SourceFailed | SessionDead) -> None:
        """Remember a failure that was the vendor's; a request never sent changes nothing."""
        if isinstance(failure, SourceResting):
            return
        parts: dict[str, Any] = {"last_failure_at": self.now(), "last_failure": str(failure)}
        rest = None
        if isinstance(failure, SessionDead):  # a refused key is refused for every share
            rest = self.policy.rest_seconds
        elif isinstance(failure, Throttled):
            rest = failure.retry_after
        if rest is not None:
            parts["not_before"] = self.now() + timedelta(seconds=rest)
        self.memory.change(self.policy.name, **parts)
