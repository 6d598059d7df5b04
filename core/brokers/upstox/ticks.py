"""Upstox's V3 feed as quotes.

A message holds feeds by instrument key. Only a full one has the order book and the day's prices,
so only that makes a quote. Numbers are floats; the shortest text of each is what was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from core.brokers.guard import Offered
from core.brokers.upstox.prices import SOURCE
from core.brokers.upstox.shares import Shares, UpstoxShare
from core.domain.money import ZERO, Money
from core.domain.quote import Quote
from core.errors import MunimError

INITIAL: Final = 0
MARKET_INFO: Final = 2
DAY: Final = "1d"


@dataclass(frozen=True, slots=True)
class Frame:
    """What one message held; `cut` when it is no whole message."""

    ticks: tuple[Offered, ...] = ()
    skipped: int = 0
    cut: bool = False


def read_frame(raw: bytes, shares: Shares, *, received_at: datetime) -> Frame:
    """Every share of a message; unknown keys and unreadable parts are counted as skipped."""
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from upstox_client.feeder.proto import MarketDataFeedV3_pb2

    try:
        message = MarketDataFeedV3_pb2.FeedResponse.FromString(raw)
    except DecodeError:
        return Frame(cut=True)
    if message.type == MARKET_INFO:
        return Frame()
    sent_at = None if message.type == INITIAL else _moment(message.currentTs)
    ticks: list[Offered] = []
    for key, feed in message.feeds.items():
        share = shares.by_key(key)
        tick = _tick(share, key, feed, sent_at, received_at) if share is not None else None
        if tick is not None:
            ticks.append(tick)
    return Frame(tuple(ticks), len(message.feeds) - len(ticks))


def _tick(
    share: UpstoxShare, key: str, feed: Any, sent_at: datetime | None, received_at: datetime
) -> Offered | None:
    """One share's part; None when a number in it is none."""
    which = feed.WhichOneof("FeedUnion")
    full = feed.fullFeed.marketFF if which == "fullFeed" else None
    ltpc = {
        "ltpc": feed.ltpc,
        "fullFeed": feed.fullFeed.marketFF.ltpc,
        "firstLevelWithGreeks": feed.firstLevelWithGreeks.ltpc,
    }.get(which)
    if ltpc is None:
        return None
    try:
        ltp = _rupees(ltpc.ltp)
        at = sent_at or _moment(ltpc.ltt)
        quote = None if full is None or at is None else _quote(share, full, at, received_at)
    except (MunimError, ArithmeticError):
        return None
    return Offered(f"key {key}", share, ltp, quote)


def _quote(share: UpstoxShare, full: Any, at: datetime, received_at: datetime) -> Quote | None:
    day = next((one for one in full.marketOHLC.ohlc if one.interval == DAY), None)
    if day is None:
        return None
    levels = list(full.marketLevel.bidAskQuote)
    best = levels[0] if levels else None
    return Quote(
        isin=share.isin,
        ltp=_rupees(full.ltpc.ltp),
        bid=_rupees(best.bidP) if best else ZERO,
        ask=_rupees(best.askP) if best else ZERO,
        bid_qty=sum(one.bidQ for one in levels),
        ask_qty=sum(one.askQ for one in levels),
        open=_rupees(day.open),
        high=_rupees(day.high),
        low=_rupees(day.low),
        prev_close=_rupees(full.ltpc.cp),
        volume=full.vtt,
        at=at,
        received_at=received_at,
        source=SOURCE,
    )


def _rupees(value: float) -> Money:
    return Money.rupees(Decimal(str(value)))


def _moment(millis: int) -> datetime | None:
    return datetime.fromtimestamp(millis / 1000, UTC) if millis > 0 else None
