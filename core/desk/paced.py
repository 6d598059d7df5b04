"""A login's session as the worker's loop may use it: paced, and never waited for twice.

The loop goes from login to login, so a broker that does not answer costs the others one patience
and no more: it then rests, reads and writes are turned down at once, and a probe beside the loop
says when it answers again. A session that a read found dead stays dead.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from core.domain.money import Money
from core.domain.order import Fill, Order, Product, Side
from core.domain.ports import BrokerOrder, BrokerSession, GttOrder
from core.errors import (
    SessionDead,
    SourceFailed,
    SourceResting,
    SourceWrong,
    Throttled,
)

T = TypeVar("T")
QUOTES_APART_SECONDS: Final = 1.0  # between an answer and the next question, as Zerodha takes them
READS_A_SECOND: Final = 7  # of the ten that Zerodha takes; the rest is for reads beside the loop


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


class PacedSession:
    """A BrokerSession around another; `inner` is what talks to the broker."""

    def __init__(
        self,
        inner: BrokerSession,
        *,
        label: str,
        reads_a_second: int = READS_A_SECOND,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.inner = inner
        self.label = label
        self.died = ""
        self.silent = ""  # the sentence of the read that got no answer
        self.read_at: float | None = None  # monotonic seconds of the last answer
        self._most = reads_a_second
        self._monotonic = monotonic
        self._sleep = sleep
        self._reads: deque[float] = deque()
        self._lock = threading.Lock()

    def probe(self) -> bool:
        """Ask once beside the loop whether the broker answers again."""
        try:
            self._asked(self.inner.orders)
        except (SourceFailed, SessionDead):
            return False
        return True

    @property
    def asks_together(self) -> bool:
        """Whether two reads may be under way at once."""
        return bool(getattr(self.inner, "asks_together", False))

    def get_ready(self, isins: Sequence[str]) -> None:
        """Let the session learn the prices that stops on these shares need."""
        get_ready = getattr(self.inner, "get_ready", None)
        if get_ready is not None and not self.died and not self.silent:
            get_ready(isins)

    def __getattr__(self, name: str) -> Any:
        """What one broker has and others lack, such as `holds_pairs`, as that broker says it."""
        if name == "inner":
            raise AttributeError(name)
        return getattr(self.inner, name)

    @property
    def strange_words(self) -> Sequence[str]:
        """Status words of the last order list that nobody here knows."""
        return tuple(getattr(self.inner, "strange_words", ()))

    # Reads

    def orders(self) -> Sequence[BrokerOrder]:
        """Every order of the broker's day."""
        return self._read(self.inner.orders)

    def trades(self) -> Sequence[Fill]:
        """Every trade of the broker's day."""
        return self._read(self.inner.trades)

    def gtts(self) -> Sequence[GttOrder]:
        """Active and lately fired GTTs."""
        return self._read(self.inner.gtts)

    def holdings(self) -> dict[str, int]:
        """Net shares by ISIN; brokers tell them in two requests."""
        return self._read(self.inner.holdings, requests=2)

    # Writes

    def place(self, order: Order) -> str:
        """Send one order."""
        return self._write(lambda: self.inner.place(order))

    def cancel(self, broker_order_id: str) -> None:
        """Ask for a cancel."""
        self._write(lambda: self.inner.cancel(broker_order_id))

    def modify(
        self,
        broker_order_id: str,
        *,
        limit: Money | None = None,
        qty: int | None = None,
        trigger: Money | None = None,
    ) -> None:
        """Change an open order in place."""
        self._write(
            lambda: self.inner.modify(broker_order_id, limit=limit, qty=qty, trigger=trigger)
        )

    def place_gtt(
        self,
        *,
        isin: str,
        symbol: str,
        qty: int,
        side: Side,
        stop: Money,
        target: Money,
        product: Product,
    ) -> str:
        """Rest a stop-and-target pair."""
        return self._write(
            lambda: self.inner.place_gtt(
                isin=isin,
                symbol=symbol,
                qty=qty,
                side=side,
                stop=stop,
                target=target,
                product=product,
            )
        )

    def modify_gtt(self, gtt_id: str, *, qty: int, stop: Money, target: Money) -> None:
        """Change a resting pair in place."""
        self._write(lambda: self.inner.modify_gtt(gtt_id, qty=qty, stop=stop, target=target))

    def cancel_gtt(self, gtt_id: str) -> None:
        """Take a resting pair away."""
        self._write(lambda: self.inner.cancel_gtt(gtt_id))

    # Inside

    def _read(self, ask: Callable[[], T], *, requests: int = 1) -> T:
        if self.died:
            raise SessionDead(self.died)
        if self.silent:
            raise SourceResting(f"{self.label} does not answer and is left alone: {self.silent}")
        return self._asked(ask, requests=requests)

    def _asked(self, ask: Callable[[], T], *, requests: int = 1) -> T:
        for _ in range(requests):
            self._pace()
        try:
            found = ask()
        except SessionDead as dead:
            self.died = str(dead)
            raise
        except (Throttled, SourceWrong):
            raise  # it answered
        except SourceFailed as lost:
            self.silent = str(lost)
            raise
        self.silent, self.read_at = "", self._monotonic()
        return found

    def _write(self, send: Callable[[], T]) -> T:
        """A write is refused here only where nothing has left; its own ends pass through."""
        if self.died:
            raise SessionDead(self.died)
        if self.silent:
            raise Throttled(f"{self.label} does not answer; nothing was sent: {self.silent}")
        return send()

    def _pace(self) -> None:
        """Wait until one more read is within what the broker takes in a second."""
        while True:
            with self._lock:
                now = self._monotonic()
                while self._reads and now - self._reads[0] >= 1.0:
                    self._reads.popleft()
                if len(self._reads) < self._most:
                    self._reads.append(now)
                    return
                wait = 1.0 - (now - self._reads[0])
            self._sleep(max(0.005, wait))
