"""A broker's sockets in a thread each: ticks become quotes, an order's news a hint to look now.

The brokers' own streamers check no certificates, so this speaks their protocols over `websockets`
with certificates checked. News of an order never changes anything: it wakes a read. After each
connect a snapshot is needed, for what happened in between was not told.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, TypeVar

from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

from core.brokers.guard import Guard, Offered, Rejected
from core.brokers.shares import Share, SharesByIsin
from core.brokers.wire import is_loopback
from core.domain.clock import Clock
from core.domain.quote import Quote
from core.errors import BadInput, SessionDead, SourceFailed

STALL_SECONDS: Final = 15.0
PING_SECONDS: Final = 5.0
OPEN_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.25
BYTES_MAX: Final = 4_000_000
BACKOFF: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

# its lines hold the address, and the address holds a token or a pass
QUIET: Final = logging.getLogger("munim.stream")
QUIET.setLevel(logging.CRITICAL)

S = TypeVar("S", bound=Share)


@dataclass(frozen=True, slots=True)
class Hint:
    """An order moved, the broker says; a read of the book says how."""

    order_id: str
    status: str


@dataclass(frozen=True, slots=True)
class StreamState:
    """How a stream is; ages are in monotonic seconds, None before the first."""

    connected: bool = False  # all of its sockets are
    connects: int = 0
    subscribed: int = 0
    last_tick: float | None = None
    last_frame: float | None = None
    last_tick_at: datetime | None = None
    rejected: int = 0
    cut_frames: int = 0
    refused: bool = False  # the broker took no socket with this token
    trouble: str = ""
    snapshot_needed: bool = False
    subscribed_since: float | None = None

    def is_stalled(self, now: float) -> bool:
        """Whether no tick came for 15 s though shares are subscribed; for continuous trading."""
        since = max(
            (at for at in (self.last_tick, self.subscribed_since) if at is not None), default=None
        )
        return bool(self.subscribed) and since is not None and now - since >= STALL_SECONDS


@dataclass(frozen=True, slots=True)
class Listeners:
    """Whom a stream tells; the callbacks run in its threads and must be quick."""

    quotes: Callable[[Sequence[Quote]], object]
    hint: Callable[[Hint], object]
    rejected: Callable[[Rejected], object] = lambda one: None


@dataclass(frozen=True, slots=True)
class Line:
    """One socket: where it is, and what is done with each message.

    Args:
        address: may ask the broker; raises SessionDead or SourceFailed.
        has_prices: shares are subscribed on it.
        silent_max: seconds without a message after which it is dead; None where it may be silent.
    """

    name: str
    address: Callable[[], str]
    hear: Callable[[str | bytes], None]
    has_prices: bool = False
    silent_max: float | None = None


class BrokerStream(ABC, Generic[S]):
    """All sockets of a login."""

    headers: ClassVar[Mapping[str, str]] = {}
    refusals: ClassVar[frozenset[int]] = (
        frozenset()
    )  # statuses with which a socket refuses the token

    def __init__(
        self,
        broker: str,
        shares: SharesByIsin[S],
        *,
        shares_max: int,
        token: Callable[[], str],
        clock: Clock,
        to: Listeners,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self._broker = broker
        self._shares = shares
        self._shares_max = shares_max
        self._token = token
        self._clock = clock
        self._to = to
        self._guard = Guard()
        self._backoff = tuple(backoff)
        self._lock = threading.Lock()
        self._wanted: frozenset[str] = frozenset()
        self._state = StreamState()
        self._up: set[str] = set()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lines = self.lines()

    @abstractmethod
    def lines(self) -> tuple[Line, ...]:
        """The sockets that make up the stream."""

    @abstractmethod
    def requests(self, *, gone: Sequence[S], new: Sequence[S]) -> Iterator[str | bytes]:
        """The messages that end and begin subscriptions."""

    def watch(self, isins: Sequence[str]) -> None:
        """Subscribe to exactly these shares, now and after each reconnect."""
        wanted = frozenset(self._shares.by_isin(isin).isin for isin in isins)
        if len(wanted) > self._shares_max:
            raise BadInput(
                f"{self._broker} takes {self._shares_max} shares on one socket and {len(wanted)} "
                "were asked; watch fewer"
            )
        with self._lock:
            self._wanted = wanted

    def start(self) -> None:
        """Open the sockets in threads of their own; harmless when they run."""
        if any(thread.is_alive() for thread in self._threads):
            return
        self._over.clear()
        self._threads = [
            threading.Thread(
                target=self._run, args=(line,), name=f"{self._broker}-{line.name}", daemon=True
            )
            for line in self._lines
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Close the sockets and wait for their threads."""
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=OPEN_SECONDS)

    @property
    def state(self) -> StreamState:
        """How the stream is now."""
        with self._lock:
            return self._state

    @property
    def is_stalled(self) -> bool:
        """Whether no tick came for 15 s though shares are subscribed."""
        return self.state.is_stalled(self._clock.monotonic())

    def take_snapshot_flag(self) -> bool:
        """Whether the books must be read since the last connect; asking takes the flag down."""
        with self._lock:
            needed = self._state.snapshot_needed
            self._state = replace(self._state, snapshot_needed=False)
            return needed

    # What an adapter does with a message

    def offer(self, ticks: Sequence[Offered], *, cut: bool) -> None:
        """Pass on the ticks of a frame that the guard lets through; `cut` when it ended early."""
        taken = [self._guard.take(tick) for tick in ticks]
        rejected = [one for one in taken if isinstance(one, Rejected)]
        quotes = [one for one in taken if isinstance(one, Quote)]
        if len(rejected) < len(taken):
            self._note(last_tick=self._clock.monotonic(), last_tick_at=self._clock.now())
        with self._lock:
            state = self._state
            self._state = replace(
                state,
                rejected=state.rejected + len(rejected),
                cut_frames=state.cut_frames + int(cut),
            )
        for one in rejected:
            self._to.rejected(one)
        if quotes:
            self._to.quotes(quotes)

    def news(self, message: str | bytes) -> Mapping[str, Any]:
        """The JSON object of a message; an unreadable one is counted and empty."""
        try:
            found = json.loads(message)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self.offer((), cut=True)
            return {}
        return found

    def hint(self, order_id: object, status: object) -> None:
        """Tell that an order moved."""
        self._to.hint(Hint(str(order_id or ""), str(status or "")))

    def trouble(self, sentence: str) -> None:
        """Note what is wrong with the stream."""
        self._note(trouble=sentence)

    # The threads

    def _run(self, line: Line) -> None:
        tries = 0
        while not self._over.is_set():
            token, connects = self._token(), self.state.connects
            refused = self._attempt(line)
            tries = 0 if self.state.connects > connects else tries + 1
            if refused:
                self._wait_for_another(token)
            else:
                self._over.wait(self._backoff[min(tries, len(self._backoff) - 1)])

    def _attempt(self, line: Line) -> bool:
        """One connection from its opening to its end; whether the token was refused."""
        try:
            with self._opened(line.address()) as socket:
                self._went(line, up=True)
                self._listen(line, socket)
        except SessionDead:
            ended = f"{self._broker} took no socket, for the session ended"
            self._note(refused=True, trouble=ended)
            return True
        except InvalidStatus as refusal:
            status = refusal.response.status_code
            refused = status in self.refusals
            self._note(refused=refused, trouble=f"{self._broker} took no socket ({status})")
            return refused
        except SourceFailed:
            self._note(trouble=f"{self._broker} gave no address for a socket")
        except (InvalidHandshake, InvalidURI, WebSocketException, OSError, TimeoutError) as error:
            self._note(trouble=f"the {line.name} socket ended ({type(error).__name__})")
        finally:
            self._went(line, up=False)
        return False

    def _opened(self, address: str) -> ClientConnection:
        return connect(
            address,
            ssl=ssl.create_default_context() if address.startswith("wss:") else None,
            additional_headers=self.headers,
            open_timeout=OPEN_SECONDS,
            close_timeout=1.0,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
            max_size=BYTES_MAX,
            logger=QUIET,
            proxy=None if is_loopback(address) else True,
        )

    def _listen(self, line: Line, socket: ClientConnection) -> None:
        held: frozenset[str] = frozenset()
        heard = time.monotonic()
        while not self._over.is_set():
            if line.has_prices:
                held = self._subscribe(socket, held)
            try:
                message = socket.recv(timeout=POLL_SECONDS)
            except TimeoutError:
                if line.silent_max is not None and time.monotonic() - heard > line.silent_max:
                    raise OSError("silent") from None
                continue
            heard = time.monotonic()
            if line.has_prices:
                self._note(last_frame=self._clock.monotonic())
            line.hear(message)

    def _subscribe(self, socket: ClientConnection, held: frozenset[str]) -> frozenset[str]:
        with self._lock:
            wanted = self._wanted
        if wanted == held:
            return held
        gone, new = (
            [self._shares.by_isin(isin) for isin in sorted(isins)]
            for isins in (held - wanted, wanted - held)
        )
        for request in self.requests(gone=gone, new=new):
            socket.send(request)
        self._note(subscribed=len(wanted), subscribed_since=self._clock.monotonic())
        return wanted

    def _wait_for_another(self, token: str) -> None:
        """A token that was refused is not tried again; a new login brings another."""
        while not self._over.wait(self._backoff[0]) and self._token() == token:
            continue

    def _went(self, line: Line, *, up: bool) -> None:
        with self._lock:
            (self._up.add if up else self._up.discard)(line.name)
            whole = len(self._up) == len(self._lines)
            changes: dict[str, Any] = {"connected": whole}
            if up:
                changes |= {"connects": self._state.connects + 1, "snapshot_needed": True}
                changes |= {"refused": False} | ({"trouble": ""} if whole else {})
            elif line.has_prices:
                changes |= {"subscribed": 0, "subscribed_since": None}
            self._state = replace(self._state, **changes)

    def _note(self, **changes: Any) -> None:
        with self._lock:
            self._state = replace(self._state, **changes)
