"""Kite's binary packets as quotes.

A frame is a count and then, for each packet, its length and its bytes, all big-endian. Shares of
NSE and BSE come in whole paise. Only a full packet (184 bytes) has times and the order book, so
only that makes a quote; shorter ones give a last price.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from core.brokers.guard import Offered
from core.brokers.kite.prices import SOURCE
from core.brokers.kite.shares import KiteShare, Shares
from core.domain.money import ZERO, Money
from core.domain.quote import Quote

NSE: Final = 1
BSE: Final = 4
LTP_BYTES: Final = 8
QUOTE_BYTES: Final = 44
FULL_BYTES: Final = 184
HEAD: Final = struct.Struct(">11I")
TIMES: Final = struct.Struct(">5I")
LEVEL: Final = struct.Struct(">IIHH")
LEVELS_FROM: Final = 64


@dataclass(frozen=True, slots=True)
class Tick:
    """One packet of a share; what its mode does not carry is None or zero."""

    token: int
    mode: str
    ltp: Money
    last_qty: int = 0
    avg_price: Money | None = None
    volume: int = 0
    buy_qty: int = 0
    sell_qty: int = 0
    open: Money | None = None
    high: Money | None = None
    low: Money | None = None
    prev_close: Money | None = None
    traded_at: datetime | None = None
    at: datetime | None = None
    bid: Money = ZERO
    ask: Money = ZERO
    bid_qty: int = 0
    ask_qty: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """What one binary message held; `cut` when it ended inside a packet."""

    ticks: tuple[Tick, ...]
    skipped: int = 0
    cut: bool = False


def read_frame(frame: bytes) -> Frame:
    """Every packet of a share; other segments and unknown lengths are counted as skipped."""
    if len(frame) < 2:
        return Frame(())  # a heartbeat
    ticks: list[Tick] = []
    skipped, at = 0, 2
    for _ in range(int.from_bytes(frame[:2], "big")):
        size = int.from_bytes(frame[at : at + 2], "big")
        packet = frame[at + 2 : at + 2 + size]
        if len(packet) < size or at + 2 > len(frame):
            return Frame(tuple(ticks), skipped, cut=True)
        tick = read_packet(packet)
        if tick is None:
            skipped += 1
        else:
            ticks.append(tick)
        at += 2 + size
    return Frame(tuple(ticks), skipped)


def read_packet(packet: bytes) -> Tick | None:
    """One packet, or None when it is not about a share of NSE or BSE."""
    if len(packet) not in (LTP_BYTES, QUOTE_BYTES, FULL_BYTES) or packet[3] not in (NSE, BSE):
        return None
    if len(packet) == LTP_BYTES:
        token, ltp = struct.unpack(">2I", packet)
        return Tick(token, "ltp", Money(ltp))
    token, ltp, last, average, volume, buys, sells, first, high, low, close = HEAD.unpack(
        packet[:QUOTE_BYTES]
    )
    full = len(packet) == FULL_BYTES
    times = TIMES.unpack(packet[QUOTE_BYTES:LEVELS_FROM]) if full else (0,) * 5
    bid, bid_qty = _side(packet, 0) if full else (ZERO, 0)
    ask, ask_qty = _side(packet, 5) if full else (ZERO, 0)
    return Tick(
        token=token,
        mode="full" if full else "quote",
        ltp=Money(ltp),
        last_qty=last,
        avg_price=Money(average),
        volume=volume,
        buy_qty=buys,
        sell_qty=sells,
        open=Money(first),
        high=Money(high),
        low=Money(low),
        prev_close=Money(close),
        traded_at=_moment(times[0]),
        at=_moment(times[4]),
        bid=bid,
        ask=ask,
        bid_qty=bid_qty,
        ask_qty=ask_qty,
    )


def quote_of(tick: Tick, share: KiteShare, *, received_at: datetime) -> Quote | None:
    """A full tick as a quote; None for one without a time or a book."""
    when = tick.at or tick.traded_at
    day = (tick.open, tick.high, tick.low, tick.prev_close)
    if tick.mode != "full" or when is None or any(price is None for price in day):
        return None
    return Quote(
        isin=share.isin,
        ltp=tick.ltp,
        bid=tick.bid,
        ask=tick.ask,
        bid_qty=tick.bid_qty,
        ask_qty=tick.ask_qty,
        open=tick.open or ZERO,
        high=tick.high or ZERO,
        low=tick.low or ZERO,
        prev_close=tick.prev_close or ZERO,
        volume=tick.volume,
        at=when,
        received_at=received_at,
        source=SOURCE,
    )


def offers(frame: Frame, shares: Shares, *, received_at: datetime) -> list[Offered]:
    """Each tick of a frame with its share, for the guard to judge."""
    found = []
    for tick in frame.ticks:
        share = shares.by_token(tick.token)
        quote = None if share is None else quote_of(tick, share, received_at=received_at)
        found.append(Offered(f"number {tick.token}", share, tick.ltp, quote))
    return found


def _side(packet: bytes, first: int) -> tuple[Money, int]:
    """The best price of five levels and the total of their quantities."""
    start = LEVELS_FROM + first * LEVEL.size
    levels = [LEVEL.unpack_from(packet, start + number * LEVEL.size) for number in range(5)]
    return Money(levels[0][1]), sum(level[0] for level in levels)


def _moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
