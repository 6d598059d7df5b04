"""Kite's socket: binary frames of ticks, and text frames about orders.

Kite's own ticker needs a network framework that starts once in a process and does not check
certificates. The token stands in the address.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Final
from urllib.parse import urlencode

from core.brokers.kite import NAME
from core.brokers.kite.shares import KiteShare, Shares
from core.brokers.kite.ticks import offers, read_frame
from core.brokers.stream import BACKOFF, BrokerStream, Line, Listeners
from core.domain.clock import Clock

ROOT: Final = "wss://ws.kite.trade"
TOKENS_MAX: Final = 3000
SILENCE_SECONDS: Final = 10.0  # Kite sends a byte every second or so when nothing trades


class KiteStream(BrokerStream[KiteShare]):
    """One socket for prices and orders."""

    headers: ClassVar = {"X-Kite-Version": "3"}
    refusals: ClassVar = frozenset({401, 403})

    def __init__(
        self,
        shares: Shares,
        *,
        api_key: str,
        token: Callable[[], str],
        clock: Clock,
        to: Listeners,
        root: str = ROOT,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self._listed = shares
        self._api_key = api_key
        self._root = root
        super().__init__(
            NAME,
            shares,
            shares_max=TOKENS_MAX,
            token=token,
            clock=clock,
            to=to,
            backoff=backoff,
        )

    def lines(self) -> tuple[Line, ...]:
        """Ticks and orders come on one socket."""
        return (Line("ticker", self._address, self._hear, True, SILENCE_SECONDS),)

    def requests(
        self, *, gone: Sequence[KiteShare], new: Sequence[KiteShare]
    ) -> Iterator[str | bytes]:
        """Kite wants the mode of new shares in a message of its own."""
        if gone:
            yield json.dumps({"a": "unsubscribe", "v": [share.token for share in gone]})
        if new:
            tokens = [share.token for share in new]
            yield json.dumps({"a": "subscribe", "v": tokens})
            yield json.dumps({"a": "mode", "v": ["full", tokens]})

    def _address(self) -> str:
        words = {"api_key": self._api_key, "access_token": self._token()}
        return f"{self._root}?{urlencode(words)}"

    def _hear(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            frame = read_frame(message)
            ticks = offers(frame, self._listed, received_at=self._clock.now())
            self.offer(ticks, cut=frame.cut)
            return
        found = self.news(message)
        if found.get("type") == "order":
            body = found.get("data")
            row = body if isinstance(body, dict) else {}
            self.hint(row.get("order_id"), row.get("status"))
        elif found.get("type") == "error":
            self.trouble("Kite says something is wrong with the stream")
