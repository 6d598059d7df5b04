"""Postbacks go to a registered loopback address and carry a checksum the app can verify."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from core.errors import BadInput
from core.sandbox.kite.postback import loopback
from core.sandbox.kite.session import App
from tests.sandbox.kite_client import bench


@pytest.fixture
def heard() -> Iterator[tuple[str, Queue[dict[str, Any]]]]:
    """An address and what was posted to it."""
    posted: Queue[dict[str, Any]] = Queue()

    class Hears(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            posted.put({"path": self.path, **json.loads(self.rfile.read(size))})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hears)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/kite?desk=1", posted
    server.shutdown()
    server.server_close()


def test_a_trade_is_posted_with_a_checksum_of_number_time_and_secret(
    heard: tuple[str, Queue[dict[str, Any]]],
) -> None:
    url, posted = heard
    with bench(registered=App(postback_url=url)) as at:
        number = at.place(price=505, tag="mine")
        opened, traded = posted.get(timeout=5), posted.get(timeout=5)
        assert (opened["status"], traded["status"]) == ("OPEN", "COMPLETE")
        assert (traded["path"], traded["tag"], traded["user_id"]) == (
            "/kite?desk=1",
            "mine",
            "AB1234",
        )
        secret = at.sandbox.registered.api_secret
        text = f"{number}{traded['order_timestamp']}{secret}"
        assert traded["checksum"] == hashlib.sha256(text.encode()).hexdigest()


def test_an_address_that_does_not_answer_is_kept_and_not_asked_again() -> None:
    with bench(registered=App(postback_url="http://localhost:9/x")) as at:
        at.place(price=480)
        postbacks = at.sandbox.postbacks
        assert postbacks is not None
        postbacks.close()
        assert len(postbacks.failed) == 1


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/x", "http://example.com/x", "http://10.0.0.1/", "nonsense", ""]
)
def test_an_address_outside_this_machine_cannot_be_registered(url: str) -> None:
    with pytest.raises(BadInput, match="no http address on loopback"):
        loopback(url)
