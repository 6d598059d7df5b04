"""A login's session as the worker's loop may use it: paced, and never waited for twice.

The loop goes from login to login, so a broker that does not answer costs the others one patience
and no more: it then rests, reads and writes are turned down at once, and a probe beside the loop
says when it answers again. A session that a read found dead stays dead.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from core.domain.capability import Rates
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
from core.execution.looks import Looks
from core.execution.reads import Reads, Window, in_a_second, windows_of

T = TypeVar("T")
LATELY_SECONDS: Final = 10.0
NO_WINDOW: Final = Rates(None, None, None)


class PacedSession:
    """A BrokerSession around another; `inner` is what talks to the broker.

    `rates` are the broker's windows for reads. `asked` tells how many of those requests left on
    the wire today, from wherever in this process; without it the session counts its own.
    """

    def __init__(
        self,
        inner: BrokerSession,
        *,
        label: str,
        rates: Rates = NO_WINDOW,
        asked: Callable[[], int] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.inner = inner
        self.label = label
        self.died = ""
        self.silent = ""  # the sentence of the read that got no answer
        self.read_at: float | None = None  # monotonic seconds of the last answer
        self.counted = Reads(windows_of(rates))
        self.looks = Looks(self.counted)
        self._most = in_a_second(rates)
        self._asked_today, self._asked_before = asked, 0
        self._monotonic = monotonic
        self._sleep = sleep
        self._reads: deque[float] = deque()
        self._lock = threading.Lock()
        self._placed: dict[str, float] = {}  # when an order in a share was placed last
        self._kept: dict[str, Any] | None = None  # lists of the look that is under way

    @property
    def seconds(self) -> float:
        """Now, in the session's monotonic seconds."""
        return self._monotonic()

    @contextmanager
    def one_look(self) -> Iterator[None]:
        """Within it each list is read once, and anew after a write or `forget`."""
        outer = self._kept
        if outer is None:
            self._kept = {}
        try:
            yield
        finally:
            self._kept = outer

    def has_read(self, name: str) -> bool:
        """Whether a list was read in the look that is under way."""
        return self._kept is not None and name in self._kept

    def forget(self) -> None:
        """Read each list anew, though it was read in this look."""
        if self._kept is not None:
            self._kept.clear()

    def used(self) -> tuple[int, Window] | None:
        """Requests in the longest read window and what it takes; None where there is none."""
        if not self.counted.windows:
            return None
        window = max(self.counted.windows, key=lambda one: one.seconds)
        with self._lock:
            self._count()
            return self.counted.used(window, self._monotonic()), window

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
        return self._read("orders", self.inner.orders)

    def trades(self) -> Sequence[Fill]:
        """Every trade of the broker's day."""
        return self._read("trades", self.inner.trades)

    def gtts(self) -> Sequence[GttOrder]:
        """Active and lately fired GTTs."""
        return self._read("gtts", self.inner.gtts)

    def holdings(self) -> dict[str, int]:
        """Net shares by ISIN; brokers tell them in two requests."""
        return self._read("", self.inner.holdings, requests=2)

    # Writes

    def place(self, order: Order) -> str:
        """Send one order."""
        with self._lock:
            self._placed[order.isin] = self._monotonic()
        return self._write(lambda: self.inner.place(order))

    def placed_lately(self) -> list[str]:
        """Shares of the orders that were placed a moment ago."""
        with self._lock:
            since = self._monotonic() - LATELY_SECONDS
            self._placed = {isin: at for isin, at in self._placed.items() if at >= since}
            return list(self._placed)

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

    def _read(self, name: str, ask: Callable[[], T], *, requests: int = 1) -> T:
        """One list; of a look that is under way the same once more, where it has a name."""
        if self.died:
            raise SessionDead(self.died)
        if self.silent:
            raise SourceResting(f"{self.label} does not answer and is left alone: {self.silent}")
        kept = self._kept
        if kept is not None and name in kept:
            found: T = kept[name]
            return found
        answer = self._asked(ask, requests=requests)
        if kept is not None and name:
            kept[name] = answer
        return answer

    def _asked(self, ask: Callable[[], T], *, requests: int = 1) -> T:
        self._pace(requests)
        try:
            found = ask()
        except SessionDead as dead:
            self.died = str(dead)
            raise
        except Throttled:
            self.looks.refused(self._monotonic())
            raise  # it answered
        except SourceWrong:
            raise
        except SourceFailed as lost:
            self.silent = str(lost)
            raise
        finally:
            with self._lock:
                self._count()
        self.silent, self.read_at = "", self._monotonic()
        return found

    def _write(self, send: Callable[[], T]) -> T:
        """A write is refused here only where nothing has left; its own ends pass through."""
        if self.died:
            raise SessionDead(self.died)
        if self.silent:
            raise Throttled(f"{self.label} does not answer; nothing was sent: {self.silent}")
        self.forget()
        self.looks.wrote()
        return send()

    def _pace(self, requests: int) -> None:
        """Wait for a place in the second; raises Throttled where a longer window is full."""
        with self._lock:
            self._count()
            full = self.counted.why_full(self._monotonic())
            if full:
                raise Throttled(f"{self.label}: {full}; nothing was asked, the next look asks")
            if self._asked_today is None:
                self.counted.note(self._monotonic(), requests)
        for _ in range(requests):
            self._wait_its_turn()

    def _wait_its_turn(self) -> None:
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

    def _count(self) -> None:
        """Note what left on the wire since the last count; the wire counts anew each day."""
        if self._asked_today is None:
            return
        today = self._asked_today()
        new = today - self._asked_before if today >= self._asked_before else today
        self._asked_before = today
        self.counted.note(self._monotonic(), new)
