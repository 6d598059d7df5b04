"""Kite's binary market packets, big-endian, prices in paise.

The client tells packets apart by their length alone: 8 is a last price, 44 a quote, 184 a full
quote with depth, and 28 or 32 an index.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from core.domain.money import Money
from core.domain.quote import Quote

LTP, QUOTE, FULL = "ltp", "quote", "full"
MODES: Final = (LTP, QUOTE, FULL)
HEARTBEAT: Final = b"\x00"
EMPTY_LEVELS: Final = 4  # below the one level the market shows


def frame(packets: Sequence[bytes]) -> bytes:
    """Packets as one message: how many, then each with its length before it."""
    parts = [struct.pack(">H", len(packets))]
    for packet in packets:
        parts += [struct.pack(">H", len(packet)), packet]
    return b"".join(parts)


def share_packet(token: int, quote: Quote, mode: str, *, now: datetime) -> bytes:
    """One share's packet in a mode."""
    ltp = quote.ltp.paise
    if mode == LTP:
        return struct.pack(">II", token, ltp)
    head = struct.pack(
        ">11I",
        token,
        ltp,
        1,
        ltp,
        quote.volume,
        quote.bid_qty,
        quote.ask_qty,
        quote.open.paise,
        quote.high.paise,
        quote.low.paise,
        quote.prev_close.paise,
    )
    if mode == QUOTE:
        return head
    times = struct.pack(">5I", int(quote.at.timestamp()), 0, 0, 0, int(now.timestamp()))
    return head + times + _side(quote.bid, quote.bid_qty) + _side(quote.ask, quote.ask_qty)


def index_packet(token: int, points: Sequence[Money], mode: str, *, now: datetime) -> bytes:
    """An index's packet; `points` are last, open, high, low and previous close."""
    last, opened, high, low, close = (one.paise for one in points)
    if mode == LTP:
        return struct.pack(">II", token, last)
    head = struct.pack(">6Ii", token, last, high, low, opened, close, last - close)
    return head if mode == QUOTE else head + struct.pack(">I", int(now.timestamp()))


def _side(price: Money, qty: int) -> bytes:
    """Five levels of one side; the pad of two bytes makes each twelve long."""
    top = struct.pack(">IIHxx", qty, price.paise if qty else 0, 1 if qty else 0)
    return top + bytes(12) * EMPTY_LEVELS
