"""Serving a sandbox on loopback: in a thread for tests, in the foreground for the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from core.errors import SourceFailed
from core.sandbox.wire import CUT

HOST = "127.0.0.1"
STARTS_WITHIN_SECONDS = 10.0
Peer = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers; `base` is its address without a path."""

    port: int

    @property
    def base(self) -> str:
        """For requests."""
        return f"http://{HOST}:{self.port}"

    @property
    def socket_base(self) -> str:
        """For a stream."""
        return f"ws://{HOST}:{self.port}"


class Connections:
    """Open connections by the client's address, so that one can be cut in the middle."""

    def __init__(self) -> None:
        self._open: dict[Peer, asyncio.Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """An HTTP protocol that tells this table of its connections."""
        table = self._open

        class Told(H11Protocol):
            """Notes each connection while it is open."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if self.client is not None:
                    table[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                if self.client is not None:
                    table.pop(self.client, None)
                super().connection_lost(exc)

        return Told

    def cut(self, peer: Sequence[Any]) -> None:
        """Reset one connection."""
        transport = self._open.pop((str(peer[0]), int(peer[1])), None)
        if transport is not None:
            transport.abort()


def bound(port: int) -> socket.socket:
    """A listening socket on loopback, 0 for any free port; raises SourceFailed."""
    # the protocol by name: only then does asyncio send small answers at once, not after 40 ms
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise SourceFailed(
            f"port {port} on {HOST} is taken ({error.strerror}); give another with --port"
        ) from None
    return listener


def server_of(app: ASGIApp) -> uvicorn.Server:
    """A quiet server for one application."""
    connections = Connections()

    async def with_cut(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})[CUT] = connections.cut
        await app(scope, receive, send)

    return uvicorn.Server(
        uvicorn.Config(
            with_cut,
            http=connections.protocol(),
            ws="websockets-sansio",
            ws_ping_interval=None,
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            date_header=False,  # the sandbox tells the time of its own clock
            timeout_graceful_shutdown=1,
        )
    )


@contextlib.contextmanager
def serving(app: ASGIApp, port: int = 0) -> Iterator[Served]:
    """Serve in a thread of this process until the block ends."""
    listener = bound(port)
    server = server_of(app)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True
    )
    thread.start()
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise SourceFailed(f"the sandbox did not start within {STARTS_WITHIN_SECONDS:.0f} s")
        time.sleep(0.005)
    try:
        yield Served(int(listener.getsockname()[1]))
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        listener.close()


async def serve_together(apps: Sequence[tuple[ASGIApp, socket.socket]]) -> None:
    """Serve several applications in the foreground until the process is interrupted."""
    servers = [(server_of(app), listener) for app, listener in apps]
    await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in servers))
