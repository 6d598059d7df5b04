"""A server on this machine that speaks the three vendors' protocols, well and badly, for tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Say = Callable[[str], Any]  # from what was typed to what the model answers


class ModelServer:
    """Answers chat completions and messages with what `say` makes of the typed text.

    `say` gives a JSON value, a string that is sent as it stands, an int that is a status, bytes
    that are dripped out one by one, or None to stay silent until the server is closed. `seen` keeps
    every body, `headers` every header.
    """

    def __init__(self, say: Say) -> None:
        self.say = say
        self.seen: list[Mapping[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.paths: list[str] = []
        self.closing = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def model_server(say: Say) -> Iterator[ModelServer]:
    """A running server, closed at the end."""
    server = ModelServer(say)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _handler(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.seen.append(body)
            server.headers.append(dict(self.headers))
            server.paths.append(self.path)
            answer = server.say(body["messages"][-1]["content"])
            if answer is None:
                server.closing.wait(30)
                return
            if isinstance(answer, bytes):
                self._drip(answer)
                return
            if isinstance(answer, int):
                self._send(answer, {"error": {"message": "no, " + str(dict(self.headers))}})
                return
            text = answer if isinstance(answer, str) else json.dumps(answer)
            self._send(200, _shaped(self.path, text))

        def _send(self, status: int, body: Any) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def _drip(self, raw: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            for at in range(len(raw)):
                if server.closing.wait(0.02):
                    return
                self.wfile.write(raw[at : at + 1])

        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal."""

    return Handler


def _shaped(path: str, text: str) -> dict[str, Any]:
    used = {"input_tokens": 1, "output_tokens": 1}
    if path.endswith("/messages"):
        return {"id": "m1", "type": "message", "role": "assistant", "model": "local",
                "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
                "stop_sequence": None, "usage": used}  # fmt: skip
    message = {"role": "assistant", "content": text}
    return {"id": "c1", "object": "chat.completion", "created": 1, "model": "local",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}  # fmt: skip
