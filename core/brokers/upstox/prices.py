"""Upstox's quotes and candles as domain values.

A quote's bid and ask quantities are the totals of its five levels. Candles come newest first,
and a day that is not over comes from another call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from core.brokers.upstox.plain import (
    Row,
    epoch,
    moment,
    row_of,
    rows_of,
    rupees,
    whole,
    within,
    word,
)
from core.brokers.upstox.shares import UpstoxShare
from core.domain.clock import IST
from core.domain.money import ZERO, Money
from core.domain.ports import Candle
from core.domain.quote import Quote
from core.errors import BadInput, NotFound, SourceWrong

SOURCE: Final = "upstox"
MILLIS: Final = 1_000
# Upstox's unit and size, and how many days one question may cover, by minutes a candle
INTERVALS: Final = {
    0: ("days", 1, 3650),
    1: ("minutes", 1, 28),
    3: ("minutes", 3, 28),
    5: ("minutes", 5, 28),
    15: ("minutes", 15, 28),
    30: ("minutes", 30, 90),
    60: ("hours", 1, 90),
}


def read_quotes(found: Any, wanted: Sequence[UpstoxShare], *, received_at: datetime) -> list[Quote]:
    """One quote per share asked; NotFound names one that Upstox leaves out."""
    rows = {word(row, "instrument_token"): row for row in _values(found)}
    missing = [share.symbol for share in wanted if share.key not in rows]
    if missing:
        raise NotFound(
            f"Upstox gives no quote of {', '.join(missing[:5])} ({len(missing)} of {len(wanted)}); "
            "load this morning's instrument list"
        )
    return [_quote(rows[share.key], share, received_at) for share in wanted]


def interval_for(start: datetime, end: datetime, *, minutes: int) -> tuple[str, int]:
    """Upstox's unit and size for candles of so many minutes, 0 for days; or BadInput."""
    if minutes not in INTERVALS:
        raise BadInput(f"Upstox has no candles of {minutes} minutes; choose 1, 3, 5, 15, 30, 60")
    unit, size, days = INTERVALS[minutes]
    if end - start > timedelta(days=days):
        raise BadInput(
            f"Upstox gives {days} days of such candles at once and {(end - start).days} were "
            "asked; ask in parts"
        )
    return unit, size


def read_candles(found: Any) -> list[Candle]:
    """Candles oldest first, each of time, open, high, low, close, volume and open interest."""
    rows = row_of(found, "candles").get("candles")
    if not isinstance(rows, list):
        raise SourceWrong("Upstox's candles: a list was expected; ask again")
    return sorted((_candle(row) for row in rows), key=lambda one: one.at)


def _candle(row: Any) -> Candle:
    names = ("at", "open", "high", "low", "close", "volume")
    if not isinstance(row, list) or len(row) < len(names):
        raise SourceWrong("Upstox's candles: one is too short; ask again")
    named = dict(zip(names, row, strict=False))
    at = moment(named, "at", "candles")
    if at is None or datetime.fromisoformat(str(row[0])).tzinfo is None:
        raise SourceWrong(f"Upstox sent the time {row[0]} without its offset; it is not guessed")
    return Candle(
        at=at,
        open=rupees(named, "open", "candles"),
        high=rupees(named, "high", "candles"),
        low=rupees(named, "low", "candles"),
        close=rupees(named, "close", "candles"),
        volume=whole(named, "volume", "candles"),
    )


def ends_today(end: datetime, now: datetime) -> bool:
    """Whether a span reaches into the day that is not over."""
    return end.astimezone(IST).date() >= now.astimezone(IST).date()


def _values(found: Any) -> list[Row]:
    return [row_of(row, "quotes") for row in row_of(found, "quotes").values()]


def _quote(row: Row, share: UpstoxShare, received_at: datetime) -> Quote:
    day, depth = within(row, "ohlc", "quotes"), within(row, "depth", "quotes")
    ltp = rupees(row, "last_price", "quotes")
    if ltp <= ZERO:
        raise SourceWrong(f"Upstox: {share.symbol} shows a last price of {ltp}; it is not used")
    at = moment(row, "timestamp", "quotes") or epoch(
        row, "last_trade_time", "quotes", per_second=MILLIS
    )
    if at is None:
        raise SourceWrong(f"Upstox: {share.symbol}'s quote has no time; it is not used")
    bid, bid_qty = _side(rows_of(depth.get("buy"), "quotes"))
    ask, ask_qty = _side(rows_of(depth.get("sell"), "quotes"))
    return Quote(
        isin=share.isin,
        ltp=ltp,
        bid=bid,
        ask=ask,
        bid_qty=bid_qty,
        ask_qty=ask_qty,
        open=rupees(day, "open", "quotes"),
        high=rupees(day, "high", "quotes"),
        low=rupees(day, "low", "quotes"),
        prev_close=rupees(row, "prev_close_price", "quotes"),
        volume=whole(row, "volume", "quotes"),
        at=at,
        received_at=received_at,
        source=SOURCE,
    )


def _side(levels: Sequence[Row]) -> tuple[Money, int]:
    """The best price and the total of all levels."""
    qty = sum(whole(level, "quantity", "quotes") for level in levels)
    return (rupees(levels[0], "price", "quotes") if levels else ZERO), qty
