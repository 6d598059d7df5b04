"""Upstox's two sockets in a thread each: the V3 feed becomes quotes, an update a hint to look now.

Upstox's own streamers check no certificates and know one address, so this speaks the same
protocol over `websockets` with certificates checked. Each connection asks for an address with a
one-time pass; an update never changes anything, it wakes a read. After each connect a snapshot
is needed, for what happened in between was not told.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

from core.brokers.kite.stream import Hint, StreamState
from core.brokers.plain import row_of
from core.brokers.upstox import NAME
from core.brokers.upstox.client import Client
from core.brokers.upstox.shares import Shares
from core.brokers.upstox.ticks import Guard, Rejected, read_frame
from core.brokers.wire import is_loopback
from core.domain.clock import Clock
from core.domain.quote import Quote
from core.errors import BadInput, SessionDead, SourceFailed, SourceWrong

KEYS_MAX: Final = 2_000
OURS: Final = ".upstox.com"
UPDATES: Final = "/v2/feed/portfolio-stream-feed/authorize?update_types=order%2Cgtt_order"
PING_SECONDS: Final = 5.0
OPEN_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.25
BYTES_MAX: Final = 4_000_000
BACKOFF: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

# its lines hold the address, and the address holds the pass
QUIET: Final = logging.getLogger("munim.upstox.stream")
QUIET.setLevel(logging.CRITICAL)


class UpstoxStream:
    """Both sockets. The callbacks run in their threads and must be quick."""

    def __init__(
        self,
        client: Client,
        shares: Shares,
        *,
        clock: Clock,
        on_quotes: Callable[[Sequence[Quote]], object],
        on_hint: Callable[[Hint], object],
        on_rejected: Callable[[Rejected], object] | None = None,
        guard: Guard | None = None,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self._client = client
        self._shares = shares
        self._clock = clock
        self._on_quotes = on_quotes
        self._on_hint = on_hint
        self._on_rejected = on_rejected
        self._guard = guard or Guard(shares)
        self._backoff = tuple(backoff)
        self._lock = threading.Lock()
        self._wanted: frozenset[str] = frozenset()
        self._state = StreamState()
        self._up: set[str] = set()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def watch(self, isins: Sequence[str]) -> None:
        """Subscribe to exactly these shares, now and after each reconnect."""
        keys = frozenset(self._shares.by_isin(isin).key for isin in isins)
        if len(keys) > KEYS_MAX:
            raise BadInput(
                f"Upstox takes {KEYS_MAX} shares on one socket and {len(keys)} were asked; "
                "watch fewer"
            )
        with self._lock:
            self._wanted = keys

    def start(self) -> None:
        """Open the sockets in threads of their own; harmless when they run."""
        if any(thread.is_alive() for thread in self._threads):
            return
        self._over.clear()
        lines = {
            "feed": (self._feed_address, self._feed),
            "updates": (self._updates_address, self._updates),
        }
        self._threads = [
            threading.Thread(
                target=self._run, args=(name, *line), name=f"upstox-{name}", daemon=True
            )
            for name, line in lines.items()
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
        """How the stream is now; connected means both sockets are."""
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

    # The threads

    def _run(
        self, name: str, address: Callable[[], str], listen: Callable[[ClientConnection], None]
    ) -> None:
        tries = 0
        while not self._over.is_set():
            token, connects = self._client.token, self.state.connects
            refused = self._attempt(name, address, listen)
            tries = 0 if self.state.connects > connects else tries + 1
            if refused:
                self._wait_for_another(token)
            else:
                self._over.wait(self._backoff[min(tries, len(self._backoff) - 1)])

    def _attempt(
        self, name: str, address: Callable[[], str], listen: Callable[[ClientConnection], None]
    ) -> bool:
        """One connection from its opening to its end; whether the session was refused."""
        try:
            with self._opened(address()) as socket:
                self._went(name, up=True)
                listen(socket)
        except SessionDead:
            self._note(refused=True, trouble="Upstox took no socket, for the session ended")
            return True
        except SourceFailed:
            self._note(trouble="Upstox gave no address for a socket")
        except (InvalidHandshake, InvalidURI, WebSocketException, OSError, TimeoutError) as error:
            self._note(trouble=f"the {name} socket ended ({type(error).__name__})")
        finally:
            self._went(name, up=False)
        return False

    def _feed_address(self) -> str:
        found = self._client.read("open the market feed", "get_market_data_feed_authorize_v3")
        return self._checked(found)

    def _updates_address(self) -> str:
        return self._checked(self._client.read_path("open the order updates", UPDATES))

    def _checked(self, found: Any) -> str:
        """The address of a socket; raises SourceWrong for one that is not the broker's."""
        row = row_of(found, NAME, "feed")
        address = row.word("authorized_redirect_uri") or row.word("authorizedRedirectUri")
        parts = urlsplit(address)
        if self._client.is_sandbox:
            ours = parts.scheme == "ws" and is_loopback(address)
        else:
            ours = parts.scheme == "wss" and (parts.hostname or "").endswith(OURS)
        if not ours:
            raise SourceWrong("Upstox named a socket that is not its own; it was not opened")
        return address

    def _opened(self, address: str) -> ClientConnection:
        secure = address.startswith("wss:")
        return connect(
            address,
            ssl=ssl.create_default_context() if secure else None,
            open_timeout=OPEN_SECONDS,
            close_timeout=1.0,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
            max_size=BYTES_MAX,
            logger=QUIET,
            proxy=None if is_loopback(address) else True,
        )

    def _feed(self, socket: ClientConnection) -> None:
        held: frozenset[str] = frozenset()
        while not self._over.is_set():
            held = self._subscribe(socket, held)
            message = _next(socket)
            if isinstance(message, bytes):
                self._on_binary(message)

    def _updates(self, socket: ClientConnection) -> None:
        while not self._over.is_set():
            message = _next(socket)
            if message is not None:
                self._on_text(message)

    def _subscribe(self, socket: ClientConnection, held: frozenset[str]) -> frozenset[str]:
        with self._lock:
            wanted = self._wanted
        if wanted == held:
            return held
        if gone := sorted(held - wanted):
            socket.send(_request("unsub", gone))
        if new := sorted(wanted - held):
            socket.send(_request("sub", new))
        self._note(subscribed=len(wanted), subscribed_since=self._clock.monotonic())
        return wanted

    def _on_binary(self, message: bytes) -> None:
        now = self._clock.now()
        frame = read_frame(message, self._shares, received_at=now)
        taken = [self._guard.take(tick) for tick in frame.ticks]
        quotes = [one for one in taken if isinstance(one, Quote)]
        rejected = [one for one in taken if isinstance(one, Rejected)]
        state = self.state
        self._note(
            last_frame=self._clock.monotonic(),
            rejected=state.rejected + len(rejected),
            cut_frames=state.cut_frames + int(frame.cut),
        )
        if len(rejected) < len(taken):
            self._note(last_tick=self._clock.monotonic(), last_tick_at=now)
        for one in rejected:
            if self._on_rejected is not None:
                self._on_rejected(one)
        if quotes:
            self._on_quotes(quotes)

    def _on_text(self, message: str | bytes) -> None:
        try:
            found = json.loads(message)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self._note(cut_frames=self.state.cut_frames + 1)
        elif found.get("update_type") in ("order", "gtt_order"):
            named = found.get("order_id") or found.get("gtt_order_id") or ""
            self._on_hint(Hint(str(named), str(found.get("status") or "")))

    def _wait_for_another(self, token: str) -> None:
        """A token that Upstox refused is not tried again; a new login brings another."""
        while not self._over.wait(self._backoff[0]) and self._client.token == token:
            continue

    def _went(self, name: str, *, up: bool) -> None:
        with self._lock:
            (self._up.add if up else self._up.discard)(name)
            changes: dict[str, Any] = {"connected": len(self._up) == 2}
            if up:
                connects = self._state.connects + 1
                changes |= {"connects": connects, "snapshot_needed": True, "refused": False}
                changes |= {"trouble": ""} if len(self._up) == 2 else {}
            elif name == "feed":
                changes |= {"subscribed": 0, "subscribed_since": None}
            self._state = replace(self._state, **changes)

    def _note(self, **changes: Any) -> None:
        with self._lock:
            self._state = replace(self._state, **changes)


def _next(socket: ClientConnection) -> str | bytes | None:
    try:
        return socket.recv(timeout=POLL_SECONDS)
    except TimeoutError:
        return None


def _request(method: str, keys: list[str]) -> bytes:
    """A subscription as the client's own streamer writes it."""
    asked = {"instrumentKeys": keys, **({"mode": "full"} if method == "sub" else {})}
    return json.dumps({"guid": str(uuid.uuid4()), "method": method, "data": asked}).encode()
