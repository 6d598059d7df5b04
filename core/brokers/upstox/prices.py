"""Upstox's quotes and candles as domain values.

Candles come newest first, and a day that is not over comes from another call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from core.brokers import quotes
from core.brokers.plain import Row, row_of
from core.brokers.upstox import NAME
from core.brokers.upstox.shares import UpstoxShare
from core.brokers.upstox.words import key_in
from core.domain.clock import IST
from core.domain.ports import Candle
from core.domain.quote import Quote
from core.errors import SourceWrong

SOURCE: Final = "upstox"
MILLIS: Final = 1_000
# Upstox's unit and size, and how many days one question may cover, by minutes a candle
INTERVALS: Final = {
    0: (("days", 1), 3650),
    1: (("minutes", 1), 28),
    3: (("minutes", 3), 28),
    5: (("minutes", 5), 28),
    15: (("minutes", 15), 28),
    30: (("minutes", 30), 90),
    60: (("hours", 1), 90),
}


def read_quotes(found: Any, wanted: Sequence[UpstoxShare], *, received_at: datetime) -> list[Quote]:
    """One quote per share asked; NotFound names one that Upstox leaves out."""
    answer = row_of(found, NAME, "quotes")
    rows = {key_in(row): row for row in map(answer.within, answer.fields)}
    missing = [share.symbol for share in wanted if share.key not in rows]
    quotes.none_missing(NAME, missing, len(wanted))
    return [_quote(rows[share.key], share, received_at) for share in wanted]


def interval_for(start: datetime, end: datetime, *, minutes: int) -> tuple[str, int]:
    """Upstox's unit and size for candles of so many minutes, 0 for days; or BadInput."""
    return quotes.interval_for(NAME, INTERVALS, start, end, minutes=minutes)


def read_candles(found: Any) -> list[Candle]:
    """Candles oldest first, each of time, open, high, low, close, volume and open interest."""
    rows = row_of(found, NAME, "candles").get("candles")
    if not isinstance(rows, list):
        raise SourceWrong("Upstox's candles: a list was expected; ask again")
    return sorted((_candle(row) for row in rows), key=lambda one: one.at)


def ends_today(end: datetime, now: datetime) -> bool:
    """Whether a span reaches into the day that is not over."""
    return end.astimezone(IST).date() >= now.astimezone(IST).date()


def _candle(found: Any) -> Candle:
    names = ("at", "open", "high", "low", "close", "volume")
    if not isinstance(found, list) or len(found) < len(names):
        raise SourceWrong("Upstox's candles: one is too short; ask again")
    row = row_of(dict(zip(names, found, strict=False)), NAME, "candles")
    at = row.moment("at")
    if at is None or datetime.fromisoformat(str(found[0])).tzinfo is None:
        raise SourceWrong(f"Upstox sent the time {found[0]} without its offset; it is not guessed")
    return quotes.candle_of(row, at)


def _quote(row: Row, share: UpstoxShare, received_at: datetime) -> Quote:
    return quotes.quote_of(
        row,
        share,
        at=row.moment("timestamp") or row.epoch("last_trade_time", per_second=MILLIS),
        prev_close=row.rupees("prev_close_price"),
        received_at=received_at,
        source=SOURCE,
    )
