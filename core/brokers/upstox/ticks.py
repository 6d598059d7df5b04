"""Upstox's V3 feed as quotes, and the guard that keeps wrong prices out.

A message holds feeds by instrument key. Only a full one has the order book and the day's prices,
so only that makes a quote. Numbers are floats; the shortest text of each is what was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from core.brokers.upstox.prices import SOURCE
from core.brokers.upstox.shares import Shares, UpstoxShare
from core.domain.clock import ist_day
from core.domain.money import ZERO, Money
from core.domain.quote import Quote
from core.errors import MunimError

INITIAL: Final = 0
MARKET_INFO: Final = 2
DAY: Final = "1d"
JUMP_MAX: Final = 0.10
JUMP_SEEN: Final = 3  # so many ticks near the new price make a jump true


@dataclass(frozen=True, slots=True)
class Tick:
    """One share's part of a message; `quote` is None where its mode makes none."""

    key: str
    ltp: Money
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A tick that is not used, and why."""

    key: str
    symbol: str
    ltp: Money
    why: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What one message held; `cut` when it is no whole message."""

    ticks: tuple[Tick, ...] = ()
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
    ticks: list[Tick] = []
    for key, feed in message.feeds.items():
        share = shares.by_key(key)
        tick = _tick(share, key, feed, sent_at, received_at) if share is not None else None
        if tick is not None:
            ticks.append(tick)
    return Frame(tuple(ticks), len(message.feeds) - len(ticks))


class Guard:
    """Lets a share's own plausible ticks through and says why another is not used.

    A previous close that differs from the day's first one means another share's feed. A price
    more than `jump_max` from the last used one waits until `JUMP_SEEN` ticks in a row agree.
    """

    def __init__(self, shares: Shares, *, jump_max: float = JUMP_MAX) -> None:
        self._shares = shares
        self._jump_max = jump_max
        self._last: dict[str, Money] = {}
        self._closes: dict[str, tuple[date, Money]] = {}
        self._jumps: dict[str, list[Money]] = {}

    def take(self, tick: Tick) -> Quote | Rejected | None:
        """A quote, a rejection, or None for a tick that is right and makes no quote."""
        share = self._shares.by_key(tick.key)
        if share is None:
            return Rejected(tick.key, "", tick.ltp, f"no share has the key {tick.key}")
        why = self._why_not(share, tick)
        if why:
            return Rejected(tick.key, share.symbol, tick.ltp, why)
        self._last[tick.key] = tick.ltp
        if tick.quote is not None:
            self._closes[tick.key] = (ist_day(tick.quote.at), tick.quote.prev_close)
        return tick.quote

    def _why_not(self, share: UpstoxShare, tick: Tick) -> str:
        if tick.ltp <= ZERO:
            return f"{share.symbol} at {tick.ltp}"
        quote = tick.quote
        if quote is not None:
            day, close = self._closes.get(tick.key, (None, None))
            if day == ist_day(quote.at) and close is not None and close != quote.prev_close:
                return (
                    f"{share.symbol} closed at {close} and this tick says {quote.prev_close}: "
                    "it is another share's"
                )
        last = self._last.get(tick.key)
        if last is not None and self._jumped(tick, last):
            return (
                f"{share.symbol} at {tick.ltp} is more than {self._jump_max:.0%} from its last "
                f"price {last}; it waits for {JUMP_SEEN} ticks that agree"
            )
        return ""

    def _jumped(self, tick: Tick, last: Money) -> bool:
        """Whether a price is too far off, and not yet seen often enough to be true."""
        if _far(tick.ltp, last, self._jump_max):
            seen = self._jumps.setdefault(tick.key, [])
            if seen and _far(tick.ltp, seen[-1], self._jump_max / 5):
                seen.clear()
            seen.append(tick.ltp)
            if len(seen) < JUMP_SEEN:
                return True
        self._jumps.pop(tick.key, None)
        return False


def _tick(
    share: UpstoxShare, key: str, feed: Any, sent_at: datetime | None, received_at: datetime
) -> Tick | None:
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
    return Tick(key, ltp, quote)


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


def _far(price: Money, other: Money, share: float) -> bool:
    return abs((price - other).share_of(other)) > share
