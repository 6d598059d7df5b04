"""Patience with a model: a hard limit on the wall, one more try, and a breaker.

An SDK's timeout counts from byte to byte, so a server that drips would keep it for ever. The
question runs on a thread of its own and is left behind when its time is over.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping
from typing import Any, Final

import pybreaker

from core.domain.llm import Form, LanguageModel
from core.errors import MunimError, SourceFailed, SourceResting, SourceWrong, Throttled

TOTAL_SECONDS: Final = 6.0
ATTEMPTS: Final = 2
FAILURES_MAX: Final = 3
REST_SECONDS: Final = 60.0


class Patient:
    """A LanguageModel around another one; safe to share between sessions of one process."""

    def __init__(
        self,
        inner: LanguageModel,
        *,
        total_seconds: float = TOTAL_SECONDS,
        failures_max: int = FAILURES_MAX,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._inner = inner
        self._total = total_seconds
        self._rest = rest_seconds
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=failures_max, reset_timeout=rest_seconds, throw_new_error_on_trip=False
        )

    @property
    def label(self) -> str:
        return self._inner.label

    def fill(self, form: Form) -> Mapping[str, Any]:
        """Ask at most twice within the limit; a model that rests is not asked at all."""
        try:
            answer: Mapping[str, Any] = self._breaker.call(self._in_time, form)
        except pybreaker.CircuitBreakerError:
            raise SourceResting(
                f"{self.label} failed so often that it rests for {self._rest:g} s"
            ) from None
        return answer

    def _in_time(self, form: Form) -> Mapping[str, Any]:
        ends = time.monotonic() + self._total
        for attempt in range(ATTEMPTS):
            try:
                return self._asked(form, seconds=ends - time.monotonic())
            except (SourceWrong, Throttled):
                raise  # asking again gives the same
            except SourceFailed:
                if attempt + 1 == ATTEMPTS or time.monotonic() >= ends:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _asked(self, form: Form, *, seconds: float) -> Mapping[str, Any]:
        """One question on a thread that does not keep the process alive."""
        answers: queue.SimpleQueue[Mapping[str, Any] | MunimError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._inner.fill(form))
            except MunimError as error:  # carried to the caller's thread, raised there
                answers.put(error)
            except (ValueError, TypeError, AttributeError, LookupError, OSError) as error:
                kind = type(error).__name__
                answers.put(SourceWrong(f"{self.label} answered in another shape ({kind})"))

        threading.Thread(target=ask, name="language model", daemon=True).start()
        try:
            answer = answers.get(timeout=max(0.0, seconds))
        except queue.Empty:
            raise SourceFailed(f"{self.label} did not answer within {self._total:g} s") from None
        if isinstance(answer, MunimError):
            raise answer
        return answer
