"""Postbacks: an order that changed is told to the app's registered address, once.

Only a loopback address can be registered, so that a sandbox never speaks to the outside.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from queue import SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

from core.errors import BadInput
from core.sandbox.house import Happening
from core.sandbox.kite.state import Kite
from core.sandbox.kite.words import is_told, update_row

TIMEOUT_SECONDS = 5.0


class Postbacks:
    """Sends each change of an order from a thread of its own; a failure is kept and not retried."""

    def __init__(self, kite: Kite) -> None:
        self.failed: list[str] = []
        self._kite = kite
        parts = urlsplit(kite.app.postback_url)
        self._host, self._port = loopback(kite.app.postback_url)
        self._path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="postbacks", daemon=True)
        self._thread.start()
        kite.house.listen(self._told)

    def close(self) -> None:
        """Send what is queued and end."""
        self._queue.put(None)
        self._thread.join(timeout=TIMEOUT_SECONDS)

    def _told(self, user_id: str, happened: Sequence[Happening]) -> None:
        client = self._kite.house.client(user_id)
        rows = [
            update_row(self._kite, client, one.step)
            for one in happened
            if one.step is not None and is_told(one)
        ]
        for row in self._kite.faults.events(rows):
            self._queue.put(json.dumps(row))

    def _run(self) -> None:
        while (body := self._queue.get()) is not None:
            connection = HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
            try:
                headers = {"Content-Type": "application/json"}
                connection.request("POST", self._path, body, headers)
                connection.getresponse().read()
            except (OSError, HTTPException) as error:
                self.failed.append(f"postback to port {self._port} failed: {error}")
            finally:
                connection.close()


def loopback(url: str) -> tuple[str, int]:
    """Host and port of a plain loopback address; raises BadInput for any other."""
    parts = urlsplit(url)
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
    try:
        inside = parts.scheme == "http" and ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise BadInput(f"{url} is no http address on loopback; a sandbox posts back to no other")
    return host, parts.port or 80
