"""Quote requests a second apart, as Zerodha takes them, wherever in the process they come from."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from core.errors import Throttled

QUOTES_APART_SECONDS: Final = 1.0  # between an answer and the next question


class OneASecond:
    """Lets one request through at a time, and none within a second of the last one's answer.

    It keeps nobody longer than that second: whoever would wait more is turned down with
    Throttled and nothing is sent. Safe for several threads.
    """

    def __init__(
        self,
        *,
        label: str,
        apart: float = QUOTES_APART_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._label, self._apart = label, apart
        self._monotonic, self._sleep = monotonic, sleep
        self._lock = threading.Lock()
        self._free_at = float("-inf")

    def __enter__(self) -> None:
        ends = self._monotonic() + self._apart
        if not self._lock.acquire(timeout=self._apart):
            raise self._too_soon()
        if self._free_at > ends:
            self._lock.release()
            raise self._too_soon()
        wait = self._free_at - self._monotonic()
        if wait > 0:
            self._sleep(wait)

    def __exit__(self, *_: object) -> None:
        self._free_at = self._monotonic() + self._apart
        self._lock.release()

    def _too_soon(self) -> Throttled:
        return Throttled(
            f"{self._label} takes one quote request in {self._apart:g} s and others wait for "
            "theirs; nothing was sent, ask again"
        )
