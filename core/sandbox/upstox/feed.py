"""The V3 market feed: protobuf messages as Upstox's own client decodes them.

The first message says which segments trade, the first after a subscription is a snapshot, later
ones carry what changed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from starlette.websockets import WebSocket

from core.domain.clock import IST
from core.domain.quote import Quote
from core.sandbox.faults import FaultKind
from core.sandbox.upstox.answers import millis, number
from core.sandbox.upstox.sockets import Connection, Sockets
from core.sandbox.upstox.state import Upstox, key_of

MODES: Final = {"ltpc": 0, "full": 1, "option_greeks": 2, "full_d30": 3}
KEYS_MOST: Final = 2_000
INITIAL, LIVE, MARKET_INFO = 0, 1, 2
NORMAL_OPEN: Final = 2


class MarketFeed:
    """The sockets of the market feed."""

    def __init__(self, upstox: Upstox) -> None:
        self._upstox = upstox
        self.sockets = Sockets(upstox, "market", opened=self._opened, heard=self._heard)
        upstox.house.watch(self._priced)

    def _opened(self, connection: Connection, socket: WebSocket) -> None:
        message = _response(MARKET_INFO, self._now())
        message.marketInfo.segmentStatus["NSE_EQ"] = NORMAL_OPEN
        connection.put(message.SerializeToString())

    def _heard(self, connection: Connection, raw: bytes) -> None:
        """Take one request in; what cannot be read says nothing, as Upstox says nothing."""
        try:
            asked = json.loads(raw)
            method, keys = asked["method"], [str(key) for key in asked["data"]["instrumentKeys"]]
            mode = asked["data"].get("mode", "ltpc")
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        known = [key for key in keys if self._isin(key)]
        if method == "unsub":
            for key in known:
                connection.modes.pop(key, None)
        elif (
            method in ("sub", "change_mode")
            and mode in MODES
            and len({*connection.modes, *known}) <= KEYS_MOST
        ):
            connection.modes.update(dict.fromkeys(known, mode))
            self._send(connection, known, kind=INITIAL)

    def _priced(self, quotes: Sequence[Quote]) -> None:
        shares = self._upstox.house.instruments
        keys = [key_of(shares[one.isin]) for one in quotes if one.isin in shares]
        for connection in list(self.sockets.open):
            self._send(connection, [key for key in keys if key in connection.modes], kind=LIVE)

    def _send(self, connection: Connection, keys: Sequence[str], *, kind: int) -> None:
        standing = self._upstox.faults.standing
        if standing(FaultKind.FREEZE_TICKS, user=connection.user_id) is not None:
            return
        swapped = standing(FaultKind.SWAP_INSTRUMENT, user=connection.user_id) is not None
        message = _response(kind, self._now())
        for key in keys:
            quote = self._quote(key, swapped=swapped)
            if quote is not None:
                fill(message.feeds[key], quote, connection.modes[key])
        if message.feeds:
            connection.put(message.SerializeToString())

    def _quote(self, key: str, *, swapped: bool) -> Quote | None:
        house, isin = self._upstox.house, self._isin(key)
        if swapped:  # the next share that has a price lends its own
            priced = sorted(house.quotes)
            isin = priced[(priced.index(isin) + 1) % len(priced)] if isin in priced else isin
        return house.quote(isin)

    def _isin(self, key: str) -> str:
        """The share behind a key, or nothing."""
        share = self._upstox.house.instruments.get(key.partition("|")[2])
        return share.isin if share is not None and key_of(share) == key else ""

    def _now(self) -> int:
        return millis(self._upstox.house.clock.now())


def fill(feed: Any, quote: Quote, mode: str) -> None:
    """One share's feed in a mode."""
    feed.requestMode = MODES[mode]
    if mode == "ltpc":
        _ltpc(feed.ltpc, quote)
    elif mode == "option_greeks":
        first = feed.firstLevelWithGreeks
        _ltpc(first.ltpc, quote)
        _level(first.firstDepth, quote)
        first.vtt = quote.volume
    else:
        full = feed.fullFeed.marketFF
        _ltpc(full.ltpc, quote)
        _level(full.marketLevel.bidAskQuote.add(), quote)
        for _ in range(29 if mode == "full_d30" else 4):
            full.marketLevel.bidAskQuote.add()
        day = full.marketOHLC.ohlc.add()
        day.interval = "1d"
        day.open, day.high = number(quote.open), number(quote.high)
        day.low, day.close = number(quote.low), number(quote.ltp)
        day.vol = quote.volume
        local = quote.at.astimezone(IST)
        day.ts = millis(local.replace(hour=0, minute=0, second=0, microsecond=0))
        full.atp, full.vtt = number(quote.ltp), quote.volume
        full.tbq, full.tsq = float(quote.bid_qty), float(quote.ask_qty)


def _ltpc(out: Any, quote: Quote) -> None:
    out.ltp, out.cp = number(quote.ltp), number(quote.prev_close)
    out.ltt, out.ltq = millis(quote.at), 1


def _level(out: Any, quote: Quote) -> None:
    out.bidQ, out.askQ = quote.bid_qty, quote.ask_qty
    out.bidP = number(quote.bid) if quote.bid_qty else 0.0
    out.askP = number(quote.ask) if quote.ask_qty else 0.0


def _response(kind: int, now: int) -> Any:
    from upstox_client.feeder.proto import MarketDataFeedV3_pb2

    return MarketDataFeedV3_pb2.FeedResponse(type=kind, currentTs=now)
