"""Kite's WebSocket: binary ticks for what is subscribed, text frames for the user's orders.

Orders of a user reach all his connections, whatever they subscribe to. A connection that has
nothing to say sends one byte a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Sequence
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from core.domain.quote import Quote
from core.sandbox.faults import FaultKind
from core.sandbox.house import Happening
from core.sandbox.kite.answers import KiteError
from core.sandbox.kite.market import INDEX_TOKEN, index_points
from core.sandbox.kite.packets import HEARTBEAT, MODES, QUOTE, frame, index_packet, share_packet
from core.sandbox.kite.state import Kite
from core.sandbox.kite.words import is_told, update_row

CONNECTIONS_MOST: Final = 3
TOKENS_MOST: Final = 3_000
HEARTBEAT_SECONDS: Final = 1.0
QUEUED_MOST: Final = 1_000  # messages of a client that does not read; later ticks are lost
ENDED: Final = None  # in the queue: the session is over


class Connection:
    """One open socket; only its own loop touches the queue."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.modes: dict[int, str] = {}
        self.queue: asyncio.Queue[bytes | str | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def put(self, message: bytes | str | None) -> None:
        """Queue a message from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop ended with its server
            self._loop.call_soon_threadsafe(self._take, message)

    def _take(self, message: bytes | str | None) -> None:
        if isinstance(message, bytes) and self.queue.qsize() >= QUEUED_MOST:
            return
        self.queue.put_nowait(message)


class Streams:
    """The open sockets of a sandbox."""

    def __init__(self, kite: Kite) -> None:
        self._kite = kite
        self._open: list[Connection] = []
        kite.house.watch(self._priced)
        kite.house.listen(self._told)
        kite.sessions.on_end(self._ended)

    async def endpoint(self, socket: WebSocket) -> None:
        """Serve one socket; a bad token or a fourth connection is answered with 403."""
        asked = socket.query_params
        try:
            user_id = self._kite.sessions.user_of(
                asked.get("api_key", ""), asked.get("access_token", "")
            )
        except KiteError:
            await socket.close()
            return
        if sum(one.user_id == user_id for one in self._open) >= CONNECTIONS_MOST:
            await socket.close()
            return
        connection = Connection(user_id)
        self._open.append(connection)  # before the client knows, so that no end is missed
        try:
            await socket.accept()
            sender = asyncio.create_task(self._send(socket, connection))
            try:
                while True:
                    self._asked(connection, await socket.receive_text())
            except (WebSocketDisconnect, KeyError):  # KeyError: a binary message says nothing
                pass
            finally:
                sender.cancel()
        finally:
            self._open.remove(connection)

    async def _send(self, socket: WebSocket, connection: Connection) -> None:
        while True:
            try:
                message = await asyncio.wait_for(connection.queue.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                message = HEARTBEAT
            half_open = self._standing(FaultKind.HALF_OPEN_SOCKET, connection)
            if message is ENDED:
                await socket.close(1008)
                return
            if half_open:
                continue
            if isinstance(message, str):
                await socket.send_text(message)
            else:
                await socket.send_bytes(message)

    def _asked(self, connection: Connection, text: str) -> None:
        """Take one message of a client in; what cannot be read is answered with an error."""
        try:
            asked = json.loads(text)
            action, value = asked["a"], asked["v"]
            mode, tokens = (value[0], value[1]) if action == "mode" else (QUOTE, value)
            tokens = [int(token) for token in tokens]
        except (ValueError, KeyError, TypeError, IndexError):
            connection.put(_error("Invalid message"))
            return
        known = [
            token for token in tokens if token in self._kite.house.isin_of_token
            or token == INDEX_TOKEN
        ]  # fmt: skip
        if action == "unsubscribe":
            for token in known:
                connection.modes.pop(token, None)
        elif action not in ("subscribe", "mode") or mode not in MODES:
            connection.put(_error(f"Invalid action or mode {action!r} {mode!r}"))
        elif len({*connection.modes, *known}) > TOKENS_MOST:
            connection.put(_error(f"more than {TOKENS_MOST} instruments on one connection"))
        else:
            for token in known:
                kept = connection.modes.get(token, mode)
                connection.modes[token] = mode if action == "mode" else kept
            self._tick(connection, known)

    def _priced(self, quotes: Sequence[Quote]) -> None:
        tokens = [self._kite.house.tokens[one.isin] for one in quotes if self._lists(one.isin)]
        for connection in list(self._open):
            wanted = [token for token in tokens if token in connection.modes]
            if INDEX_TOKEN in connection.modes:
                wanted.append(INDEX_TOKEN)
            self._tick(connection, wanted)

    def _lists(self, isin: str) -> bool:
        return isin in self._kite.house.tokens

    def _tick(self, connection: Connection, tokens: Sequence[int]) -> None:
        """Send the last known price of each token in its mode."""
        if self._standing(FaultKind.FREEZE_TICKS, connection):
            return
        swapped = self._standing(FaultKind.SWAP_INSTRUMENT, connection)
        packets = [
            packet
            for token in tokens
            if (packet := self._packet(token, connection.modes[token], swapped=swapped))
        ]
        if packets:
            connection.put(frame(packets))

    def _packet(self, token: int, mode: str, *, swapped: bool) -> bytes | None:
        house = self._kite.house
        now = house.clock.now()
        if token == INDEX_TOKEN:
            points = index_points(house)
            return index_packet(token, points, mode, now=now) if points else None
        isin = house.isin_of_token[token]
        if swapped:  # the next share that has a price lends its own
            priced = sorted(house.quotes)
            isin = priced[(priced.index(isin) + 1) % len(priced)] if isin in priced else isin
        quote = house.quote(isin)
        return share_packet(token, quote, mode, now=now) if quote else None

    def _told(self, user_id: str, happened: Sequence[Happening]) -> None:
        kite = self._kite
        client = kite.house.client(user_id)
        rows = [
            update_row(kite, client, one.step)
            for one in happened
            if one.step is not None and is_told(one) and kite.faults.shows(one.step.order_id)
        ]
        for row in kite.faults.events(rows):
            text = json.dumps({"type": "order", "id": "", "data": row})
            for connection in list(self._open):
                if connection.user_id == user_id:
                    connection.put(text)

    def _ended(self, user_id: str) -> None:
        for connection in list(self._open):
            if user_id in ("", connection.user_id):
                connection.put(ENDED)

    def _standing(self, kind: FaultKind, connection: Connection) -> bool:
        return self._kite.faults.standing(kind, user=connection.user_id) is not None


def _error(words: str) -> str:
    message: dict[str, Any] = {"type": "error", "data": words}
    return json.dumps(message)
