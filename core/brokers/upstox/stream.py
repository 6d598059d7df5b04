"""Upstox's two sockets: the V3 feed of prices, and the updates about orders and GTTs.

Upstox's own streamers check no certificates and know one address. Each connection asks for an
address with a one-time pass.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from core.brokers.plain import row_of
from core.brokers.stream import BACKOFF, BrokerStream, Line, Listeners
from core.brokers.upstox import NAME
from core.brokers.upstox.client import Client
from core.brokers.upstox.shares import Shares, UpstoxShare
from core.brokers.upstox.ticks import read_frame
from core.brokers.wire import is_loopback
from core.domain.clock import Clock
from core.errors import SourceWrong

KEYS_MAX: Final = 2_000
OURS: Final = ".upstox.com"
UPDATES: Final = "/v2/feed/portfolio-stream-feed/authorize?update_types=order%2Cgtt_order"


class UpstoxStream(BrokerStream[UpstoxShare]):
    """One socket for prices and one for orders."""

    def __init__(
        self,
        client: Client,
        shares: Shares,
        *,
        clock: Clock,
        to: Listeners,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self._client = client
        self._listed = shares
        super().__init__(
            NAME,
            shares,
            shares_max=KEYS_MAX,
            token=lambda: client.token,
            clock=clock,
            to=to,
            backoff=backoff,
        )

    def lines(self) -> tuple[Line, ...]:
        """The feed and the updates; the latter may be silent for hours."""
        return (
            Line("feed", self._feed_address, self._on_feed, has_prices=True),
            Line("updates", self._updates_address, self._on_update),
        )

    def requests(
        self, *, gone: Sequence[UpstoxShare], new: Sequence[UpstoxShare]
    ) -> Iterator[str | bytes]:
        """Subscriptions as the client's own streamer writes them."""
        if gone:
            yield _request("unsub", gone)
        if new:
            yield _request("sub", new, mode="full")

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

    def _on_feed(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            frame = read_frame(message, self._listed, received_at=self._clock.now())
            self.offer(frame.ticks, cut=frame.cut)

    def _on_update(self, message: str | bytes) -> None:
        found = self.news(message)
        if found.get("update_type") in ("order", "gtt_order"):
            self.hint(found.get("order_id") or found.get("gtt_order_id"), found.get("status"))


def _request(method: str, shares: Sequence[UpstoxShare], **more: str) -> bytes:
    asked = {"instrumentKeys": [share.key for share in shares], **more}
    return json.dumps({"guid": str(uuid.uuid4()), "method": method, "data": asked}).encode()
