"""A real HTTP server on loopback that answers as told; every request it got is kept."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

MOCKS = Path(__file__).resolve().parents[4] / "shared" / "data" / "broker" / "kite_mocks"


@dataclass(frozen=True)
class Reply:
    """One answer; `claims` is a Content-Length other than the true one, `reset` hangs up first."""

    body: bytes = b"{}"
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    claims: int | None = None
    reset: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class Got:
    """One request as it arrived."""

    method: str
    path: str
    fields: dict[str, str]
    headers: dict[str, str]
    body: str


@dataclass
class Server:
    root: str
    got: list[Got] = field(default_factory=list)
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    release: threading.Event = field(default_factory=threading.Event)

    def say(self, route: str, *replies: Reply) -> None:
        """Answer `GET /orders` and the like with these, the last one for ever."""
        self.replies[route] = list(replies)

    def say_mock(self, route: str, name: str) -> None:
        self.say(route, mock(name))

    def writes(self) -> list[Got]:
        return [one for one in self.got if one.method != "GET"]


def mock(name: str) -> Reply:
    """Zerodha's recorded answer."""
    kind = "text/csv" if name.endswith(".csv") else "application/json"
    return Reply((MOCKS / name).read_bytes(), kind=kind)


def ok(data: object) -> Reply:
    return Reply(json.dumps({"status": "success", "data": data}).encode())


def error(status: int, error_type: str, message: str, **headers: str) -> Reply:
    body = {"status": "error", "message": message, "error_type": error_type, "data": None}
    return Reply(json.dumps(body).encode(), status=status, headers=headers)


@contextmanager
def serving() -> Iterator[Server]:
    """A server for one test."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def answer(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            fields = dict(parse_qsl(url.query)) | dict(parse_qsl(body))
            server.got.append(Got(self.command, url.path, fields, dict(self.headers), body))
            replies = server.replies.get(f"{self.command} {url.path}")
            reply = Reply(b'{"status":"error"}', 404) if not replies else replies[0]
            if replies and len(replies) > 1:
                replies.pop(0)
            if reply.seconds:
                server.release.wait(reply.seconds)
            if reply.reset:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                self.close_connection = True
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            claimed = len(reply.body) if reply.claims is None else reply.claims
            self.send_header("Content-Length", str(claimed))
            for name, value in reply.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(reply.body)
            if reply.claims is not None:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (ValueError, OSError):
                self.close_connection = True

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = Server(f"http://127.0.0.1:{http.server_address[1]}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        http.shutdown()
        http.server_close()
        thread.join()
