"""What both sockets of Upstox share: who may open one, and a queue that any thread can fill."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from core.sandbox.faults import FaultKind
from core.sandbox.upstox.answers import UpstoxError
from core.sandbox.upstox.state import Upstox

CONNECTIONS_MOST: Final = 2
QUEUED_MOST: Final = 1_000  # messages of a client that does not read; later prices are lost
ENDED: Final = None  # in the queue: the session is over
Message = bytes | str | None


@dataclass(slots=True, eq=False)
class Connection:
    """One open socket; only its own loop touches the queue."""

    user_id: str
    modes: dict[str, str] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    queue: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    def put(self, message: Message) -> None:
        """Queue a message from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop ended with its server
            self.loop.call_soon_threadsafe(self._take, message)

    def _take(self, message: Message) -> None:
        if isinstance(message, bytes) and self.queue.qsize() >= QUEUED_MOST:
            return
        self.queue.put_nowait(message)


class Sockets:
    """Every open socket of a kind; `opened` runs first, `heard` for each message of the client."""

    def __init__(
        self,
        upstox: Upstox,
        kind: str,
        *,
        opened: Callable[[Connection, WebSocket], None],
        heard: Callable[[Connection, bytes], None],
    ) -> None:
        self.open: list[Connection] = []
        self._upstox = upstox
        self._kind = kind
        self._opened = opened
        self._heard = heard
        upstox.sessions.on_end(self._ended)

    async def endpoint(self, socket: WebSocket) -> None:
        """Serve one socket; a bad token, a used pass or a third connection is answered with 403."""
        try:
            user_id = self._user(socket)
        except UpstoxError:
            await socket.close()
            return
        if sum(one.user_id == user_id for one in self.open) >= CONNECTIONS_MOST:
            await socket.close()
            return
        connection = Connection(user_id)
        self.open.append(connection)  # before the client knows, so that no end is missed
        try:
            await socket.accept()
            self._opened(connection, socket)
            sender = asyncio.create_task(self._send(socket, connection))
            try:
                while True:
                    message = await socket.receive()
                    if message["type"] == "websocket.disconnect":
                        return
                    raw = message.get("bytes") or (message.get("text") or "").encode()
                    self._heard(connection, raw)
            except WebSocketDisconnect:
                pass
            finally:
                sender.cancel()
        finally:
            self.open.remove(connection)

    def _user(self, socket: WebSocket) -> str:
        word = socket.query_params.get("code")
        if word is not None:
            return self._upstox.sessions.user_of_pass(word, self._kind)
        return self._upstox.sessions.user_of(bearer(dict(socket.scope["headers"])))

    async def _send(self, socket: WebSocket, connection: Connection) -> None:
        while True:
            message = await connection.queue.get()
            if message is ENDED:
                await socket.close(1008)
                return
            standing = self._upstox.faults.standing
            if standing(FaultKind.HALF_OPEN_SOCKET, user=connection.user_id) is not None:
                continue
            if isinstance(message, str):
                await socket.send_text(message)
            else:
                await socket.send_bytes(message)

    def _ended(self, user_id: str) -> None:
        for connection in list(self.open):
            if user_id in ("", connection.user_id):
                connection.put(ENDED)


def bearer(headers: dict[bytes, Any]) -> str:
    """The token of an Authorization header; empty where there is none."""
    scheme, _, token = (
        bytes(headers.get(b"authorization", b"")).decode(errors="replace").partition(" ")
    )
    return token if scheme == "Bearer" else ""
