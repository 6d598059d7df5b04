"""Upstox: V3 candles through its own client, which is given our way to the network.

Left alone the client retries, waits for ever on a float timeout and copies the first settings
it ever made, sandbox or not; so it gets settings of its own and a pool that is our session.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, Final

import requests

from core.errors import BadInput, NotFound, SourceWrong
from core.providers.ask_bars import ask_bars
from core.providers.bar_run import DAY, MINUTES, BarRun, Row, Span
from core.providers.net.gate import Answer, Gate
from core.providers.net.wire import wire_session
from core.providers.universe_file import Listing

HOST: Final = "https://api.upstox.com"
# a decade of days, a quarter of half hours and longer, a month of less
DAYS_AT_ONCE: Final = {DAY: 3650, 1: 28, 3: 28, 5: 28, 15: 28, 30: 88, 60: 88}


class UpstoxHistory:
    """A BarSource. `root` is another host, without a path."""

    name = "upstox"

    def __init__(self, gate: Gate, keys: Mapping[str, str], *, root: str | None = None) -> None:
        import upstox_client as upstox

        upstox.Configuration.set_default(None)  # or a sandbox made earlier would be copied
        settings = upstox.Configuration()
        settings.host = settings.order_host = root or HOST
        settings.access_token = keys["MUNIM_UPSTOX_ACCESS_TOKEN"]
        client = upstox.ApiClient(settings)
        client.pool.close()  # threads that nothing here uses, and that end badly on exit
        client.pool.join()
        client.pool = SimpleNamespace(close=lambda: None, join=lambda: None)
        client.rest_client.pool_manager = SessionPool(wire_session(gate.policy, root=root))
        self._gate = gate
        self._history = upstox.HistoryV3Api(client)

    def daily(self, share: Listing, start: date, end: date) -> Answer[BarRun]:
        """Daily bars in today's share terms."""
        return self._bars(share, Span(share.symbol, start, end))

    def intraday(self, share: Listing, start: date, end: date, *, minutes: int) -> Answer[BarRun]:
        """Bars of so many minutes, from 2022 on."""
        if minutes not in MINUTES:
            raise BadInput(f"Upstox is asked for 1, 3, 5, 15, 30 or 60 minutes, not {minutes}")
        return self._bars(share, Span(share.symbol, start, end, minutes))

    def _bars(self, share: Listing, span: Span) -> Answer[BarRun]:
        def fetch(part: Span) -> list[Any]:
            return self._candles(share.upstox, part)

        days = DAYS_AT_ONCE[span.minutes]
        return ask_bars(self._gate, span, days=days, fetch=fetch, rows=read_candles)

    def _candles(self, instrument: str, part: Span) -> list[Any]:
        from upstox_client.rest import ApiException

        unit, size = ("days", 1) if part.minutes == DAY else ("minutes", part.minutes)
        try:
            found = self._history.get_historical_candle_data1(
                instrument, unit, size, part.end.isoformat(), part.start.isoformat()
            )
        except ApiException as error:
            if error.status in (400, 404):
                raise NotFound(
                    f"Upstox knows no share {instrument} or no such span ({error.status}); "
                    "check its name in the universe"
                ) from None
            raise SourceWrong(f"Upstox refused the question ({error.status})") from None
        candles: list[Any] = found.data.candles
        return candles


class SessionPool:
    """What the client takes for its urllib3 pool: one request through our session, no retry."""

    def __init__(self, session: requests.Session) -> None:
        self._session = session

    def request(
        self, method: str, url: str, *, fields: Any = None, headers: Any = None, **rest: Any
    ) -> SimpleNamespace:
        """Send once; raises SourceWrong for what is no JSON, which the client takes as text."""
        if method != "GET":
            raise BadInput(f"history is only read, and this is a {method}")
        response = self._session.get(url, params=fields, headers=headers)
        try:
            json.loads(response.content)
        except ValueError:
            raise SourceWrong(
                f"Upstox sent {len(response.content)} bytes that are cut off or no JSON"
            ) from None
        return SimpleNamespace(
            status=response.status_code,
            reason=response.reason,
            data=response.content,
            headers=response.headers,
            getheaders=lambda: response.headers,
        )


def read_candles(candles: Sequence[Any], part: Span) -> list[Row]:
    """Candles of [time, open, high, low, close, volume, open interest], times with offset."""
    return [[_epoch(str(one[0])), *one[1:6]] for one in candles]


def _epoch(text: str) -> int:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise SourceWrong(f"Upstox sent the time {text} without its offset; it is not guessed")
    return int(at.timestamp())
