"""Kite's socket in a thread: ticks become quotes, order frames become a hint to look now.

Kite's own ticker needs a network framework that starts once in a process and does not check
certificates, so this speaks the same protocol over `websockets` with certificates checked. An
order frame never changes anything: it wakes a read. After each connect a snapshot is needed, for
what happened in between was not told.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from core.brokers.kite.shares import Shares
from core.brokers.kite.ticks import Guard, Rejected, read_frame
from core.brokers.wire import is_loopback
from core.domain.clock import Clock
from core.domain.quote import Quote
from core.errors import BadInput

ROOT: Final = "wss://ws.kite.trade"
TOKENS_MAX: Final = 3000
STALL_SECONDS: Final = 15.0
SILENCE_SECONDS: Final = 10.0  # Kite sends a byte every second or so when nothing trades
PING_SECONDS: Final = 5.0
OPEN_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.25
BYTES_MAX: Final = 4_000_000
BACKOFF: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

# its lines hold the address, and the address holds the token
QUIET: Final = logging.getLogger("munim.kite.stream")
QUIET.setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Hint:
    """An order moved, Kite says; a read of the book says how."""

    order_id: str
    status: str


@dataclass(frozen=True, slots=True)
class StreamState:
    """How the stream is; ages are in monotonic seconds, None before the first."""

    connected: bool = False
    connects: int = 0
    subscribed: int = 0
    last_tick: float | None = None
    last_frame: float | None = None
    last_tick_at: datetime | None = None
    rejected: int = 0
    cut_frames: int = 0
    refused: bool = False  # Kite took no socket with this token
    trouble: str = ""
    snapshot_needed: bool = False
    subscribed_since: float | None = None

    def is_stalled(self, now: float) -> bool:
        """Whether no tick came for 15 s though shares are subscribed; for continuous trading."""
        since = max(
            (at for at in (self.last_tick, self.subscribed_since) if at is not None), default=None
        )
        return bool(self.subscribed) and since is not None and now - since >= STALL_SECONDS


class KiteStream:
    """One socket. The callbacks run in its thread and must be quick."""

    def __init__(
        self,
        shares: Shares,
        *,
        api_key: str,
        token: Callable[[], str],
        clock: Clock,
        on_quotes: Callable[[Sequence[Quote]], object],
        on_hint: Callable[[Hint], object],
        on_rejected: Callable[[Rejected], object] | None = None,
        guard: Guard | None = None,
        root: str = ROOT,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self._shares = shares
        self._api_key = api_key
        self._token = token
        self._clock = clock
        self._on_quotes = on_quotes
        self._on_hint = on_hint
        self._on_rejected = on_rejected
        self._guard = guard or Guard(shares)
        self._root = root
        self._backoff = tuple(backoff)
        self._lock = threading.Lock()
        self._wanted: frozenset[int] = frozenset()
        self._state = StreamState()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, isins: Sequence[str]) -> None:
        """Subscribe to exactly these shares, now and after each reconnect."""
        tokens = frozenset(self._shares.by_isin(isin).token for isin in isins)
        if len(tokens) > TOKENS_MAX:
            raise BadInput(
                f"Kite takes {TOKENS_MAX} shares on one socket and {len(tokens)} were asked; "
                "watch fewer"
            )
        with self._lock:
            self._wanted = tokens

    def start(self) -> None:
        """Open the socket in a thread of its own; harmless when it runs."""
        if self._thread is None or not self._thread.is_alive():
            self._over.clear()
            self._thread = threading.Thread(target=self._run, name="kite-stream", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Close the socket and wait for its thread."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(timeout=OPEN_SECONDS)

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

    # The thread

    def _run(self) -> None:
        tries = 0
        while not self._over.is_set():
            token = self._token()
            connects = self.state.connects
            self._attempt(token)
            tries = 0 if self.state.connects > connects else tries + 1
            if self.state.refused:
                self._wait_for_another(token)
            else:
                self._over.wait(self._backoff[min(tries, len(self._backoff) - 1)])

    def _attempt(self, token: str) -> None:
        """One connection from its opening to its end; what ended it is kept in the state."""
        try:
            with self._opened(token) as socket:
                self._note(
                    connected=True,
                    connects=self.state.connects + 1,
                    snapshot_needed=True,
                    refused=False,
                    trouble="",
                )
                self._listen(socket)
        except InvalidStatus as refusal:
            status = refusal.response.status_code
            self._note(refused=status in (401, 403), trouble=f"Kite took no socket ({status})")
        except (InvalidHandshake, WebSocketException, OSError, TimeoutError) as error:
            self._note(trouble=f"the socket ended ({type(error).__name__})")
        finally:
            self._note(connected=False, subscribed=0, subscribed_since=None)

    def _opened(self, token: str) -> ClientConnection:
        words = urlencode({"api_key": self._api_key, "access_token": token})
        secure = self._root.startswith("wss:")
        return connect(
            f"{self._root}?{words}",
            ssl=ssl.create_default_context() if secure else None,
            additional_headers={"X-Kite-Version": "3"},
            open_timeout=OPEN_SECONDS,
            close_timeout=1.0,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
            max_size=BYTES_MAX,
            logger=QUIET,
            proxy=None if is_loopback(self._root) else True,
        )

    def _listen(self, socket: ClientConnection) -> None:
        held: frozenset[int] = frozenset()
        heard = time.monotonic()
        while not self._over.is_set():
            held = self._subscribe(socket, held)
            try:
                message = socket.recv(timeout=POLL_SECONDS)
            except TimeoutError:
                if time.monotonic() - heard > SILENCE_SECONDS:
                    raise OSError("silent") from None
                continue
            heard = time.monotonic()
            self._note(last_frame=self._clock.monotonic())
            if isinstance(message, bytes):
                self._on_binary(message)
            else:
                self._on_text(message)

    def _subscribe(self, socket: ClientConnection, held: frozenset[int]) -> frozenset[int]:
        with self._lock:
            wanted = self._wanted
        if wanted == held:
            return held
        if gone := sorted(held - wanted):
            socket.send(json.dumps({"a": "unsubscribe", "v": gone}))
        if new := sorted(wanted - held):
            socket.send(json.dumps({"a": "subscribe", "v": new}))
            socket.send(json.dumps({"a": "mode", "v": ["full", new]}))
        self._note(subscribed=len(wanted), subscribed_since=self._clock.monotonic())
        return wanted

    def _on_binary(self, message: bytes) -> None:
        frame = read_frame(message)
        now = self._clock.now()
        taken = [self._guard.take(tick, received_at=now) for tick in frame.ticks]
        quotes = [one for one in taken if isinstance(one, Quote)]
        rejected = [one for one in taken if isinstance(one, Rejected)]
        state = self.state
        if len(rejected) < len(taken):
            self._note(last_tick=self._clock.monotonic(), last_tick_at=now)
        self._note(
            rejected=state.rejected + len(rejected), cut_frames=state.cut_frames + int(frame.cut)
        )
        for one in rejected:
            if self._on_rejected is not None:
                self._on_rejected(one)
        if quotes:
            self._on_quotes(quotes)

    def _on_text(self, message: str) -> None:
        try:
            found = json.loads(message)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self._note(cut_frames=self.state.cut_frames + 1)
        elif found.get("type") == "order":
            body = found.get("data")
            row = body if isinstance(body, dict) else {}
            self._on_hint(Hint(str(row.get("order_id") or ""), str(row.get("status") or "")))
        elif found.get("type") == "error":
            self._note(trouble="Kite says something is wrong with the stream")

    def _wait_for_another(self, token: str) -> None:
        """A token that Kite refused is not tried again; a new login brings another."""
        while not self._over.wait(self._backoff[0]) and self._token() == token:
            continue

    def _note(self, **changes: Any) -> None:
        with self._lock:
            self._state = replace(self._state, **changes)
