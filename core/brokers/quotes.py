"""A broker's quotes and candles as domain values, where brokers write them alike.

A quote's bid and ask quantities are the totals of its five levels. An empty side has a price and
a quantity of zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from core.brokers.plain import Row
from core.brokers.shares import Share
from core.domain.money import ZERO, Money
from core.domain.ports import Candle
from core.domain.quote import Quote
from core.errors import BadInput, NotFound, SourceWrong

T = TypeVar("T")


def quote_of(
    row: Row,
    share: Share,
    *,
    at: datetime | None,
    prev_close: Money,
    received_at: datetime,
    source: str,
) -> Quote:
    """One share's quote; raises SourceWrong for one without a price or a time."""
    day, depth = row.within("ohlc"), row.within("depth")
    ltp = row.rupees("last_price")
    if ltp <= ZERO:
        raise SourceWrong(
            f"{row.broker}: {share.symbol} shows a last price of {ltp}; it is not used"
        )
    if at is None:
        raise SourceWrong(f"{row.broker}: {share.symbol}'s quote has no time; it is not used")
    bid, bid_qty = _side(depth.rows("buy"))
    ask, ask_qty = _side(depth.rows("sell"))
    return Quote(
        isin=share.isin,
        ltp=ltp,
        bid=bid,
        ask=ask,
        bid_qty=bid_qty,
        ask_qty=ask_qty,
        open=day.rupees("open"),
        high=day.rupees("high"),
        low=day.rupees("low"),
        prev_close=prev_close,
        volume=row.whole("volume"),
        at=at,
        received_at=received_at,
        source=source,
    )


def candle_of(row: Row, at: datetime) -> Candle:
    """One candle that begins at `at`."""
    return Candle(
        at=at,
        open=row.rupees("open"),
        high=row.rupees("high"),
        low=row.rupees("low"),
        close=row.rupees("close"),
        volume=row.whole("volume"),
    )


def none_missing(broker: str, missing: Sequence[str], asked: int) -> None:
    """Raise NotFound where a broker left out shares that were asked."""
    if missing:
        raise NotFound(
            f"{broker} gives no quote of {', '.join(missing[:5])} ({len(missing)} of {asked}); "
            "load this morning's instrument list"
        )


def interval_for(
    broker: str,
    intervals: Mapping[int, tuple[T, int]],
    start: datetime,
    end: datetime,
    *,
    minutes: int,
) -> T:
    """The broker's word for candles of so many minutes, 0 for days.

    Args:
        intervals: that word and how many days one question may cover, by minutes a candle.

    Raises:
        BadInput: the broker has no such candles, or gives fewer days at once.
    """
    if minutes not in intervals:
        offered = ", ".join(str(one) for one in sorted(intervals) if one)
        raise BadInput(f"{broker} has no candles of {minutes} minutes; choose {offered}")
    found, days = intervals[minutes]
    if end - start > timedelta(days=days):
        kind = f"{minutes}-minute" if minutes else "day"
        raise BadInput(
            f"{broker} gives {days} days of {kind} candles at once and {(end - start).days} "
            "were asked; ask in parts"
        )
    return found


def _side(levels: Sequence[Row]) -> tuple[Money, int]:
    """The best price and the total of all levels."""
    qty = sum(level.whole("quantity") for level in levels)
    return (levels[0].rupees("price") if levels else ZERO), qty
