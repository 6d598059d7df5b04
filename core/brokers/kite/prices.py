"""Kite's quotes, candles and instrument list as domain values.

A quote's bid and ask quantities are the totals of its five levels. An empty side has a price and
a quantity of zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from core.brokers.kite.plain import Row, moment, row_of, rows_of, rupees, whole, within, word
from core.brokers.kite.shares import KiteShare
from core.domain.instrument import PriceBand
from core.domain.listed import Kind, Listed
from core.domain.money import ZERO, Money
from core.domain.ports import Candle
from core.domain.quote import Quote
from core.errors import BadInput, NotFound, SourceWrong

SOURCE: Final = "zerodha"
SERIES_CHARS: Final = 2
# Kite's word and how many days one question may cover, by minutes a candle
INTERVALS: Final = {
    0: ("day", 2000),
    1: ("minute", 60),
    3: ("3minute", 100),
    5: ("5minute", 100),
    15: ("15minute", 200),
    30: ("30minute", 200),
    60: ("60minute", 400),
}
TRADE_FOR_TRADE: Final = frozenset({"BE", "BZ", "SM", "ST", "SZ", "T0"})


@dataclass(frozen=True, slots=True)
class Priced:
    """A quote with the circuit limits that stand with it."""

    quote: Quote
    band: PriceBand | None
    token: int


def read_quotes(found: Any, wanted: Sequence[KiteShare], *, received_at: datetime) -> list[Priced]:
    """One quote per share asked; NotFound names one that Kite leaves out."""
    rows = row_of(found, "quote")
    missing = [share.key for share in wanted if share.key not in rows]
    if missing:
        raise NotFound(
            f"Kite gives no quote of {', '.join(missing[:5])} ({len(missing)} of {len(wanted)}); "
            "load this morning's instrument list"
        )
    return [_quote(within(rows, share.key, "quote"), share, received_at) for share in wanted]


def read_last_prices(found: Any, wanted: Sequence[KiteShare]) -> dict[str, Money]:
    """Last prices by ISIN from an ltp or ohlc answer; a share without one is left out."""
    rows = row_of(found, "ltp")
    known = {share.isin: rows[share.key] for share in wanted if share.key in rows}
    return {isin: rupees(row_of(row, "ltp"), "last_price", "ltp") for isin, row in known.items()}


def interval_for(start: datetime, end: datetime, *, minutes: int) -> str:
    """Kite's word for candles of so many minutes, 0 for days; BadInput for what it has not."""
    if minutes not in INTERVALS:
        raise BadInput(f"Kite has no candles of {minutes} minutes; choose 1, 3, 5, 15, 30, 60")
    interval, days = INTERVALS[minutes]
    if end - start > timedelta(days=days):
        raise BadInput(
            f"Kite gives {days} days of {interval} candles at once and {(end - start).days} "
            "were asked; ask in parts"
        )
    return interval


def read_candles(found: Any) -> list[Candle]:
    """Candles oldest first."""
    candles = []
    for row in rows_of(found, "historical"):
        at = moment(row, "date", "historical")
        if at is None:
            raise SourceWrong("Kite's historical: a candle has no date; ask again")
        candles.append(
            Candle(
                at=at,
                open=rupees(row, "open", "historical"),
                high=rupees(row, "high", "historical"),
                low=rupees(row, "low", "historical"),
                close=rupees(row, "close", "historical"),
                volume=whole(row, "volume", "historical"),
            )
        )
    return candles


def read_instruments(found: Iterable[Row]) -> list[Listed]:
    """Cash lines of NSE and BSE; derivatives and indices are left out."""
    return [_listed(row) for row in found if word(row, "segment") in ("NSE", "BSE")]


def _quote(row: Row, share: KiteShare, received_at: datetime) -> Priced:
    day, depth = within(row, "ohlc", "quote"), within(row, "depth", "quote")
    ltp = rupees(row, "last_price", "quote")
    if ltp <= ZERO:
        raise SourceWrong(f"Kite: {share.symbol} shows a last price of {ltp}; it is not used")
    at = moment(row, "timestamp", "quote") or moment(row, "last_trade_time", "quote")
    if at is None:
        raise SourceWrong(f"Kite: {share.symbol}'s quote has no time; it is not used")
    bid, bid_qty = _side(rows_of(depth.get("buy"), "quote"))
    ask, ask_qty = _side(rows_of(depth.get("sell"), "quote"))
    quote = Quote(
        isin=share.isin,
        ltp=ltp,
        bid=bid,
        ask=ask,
        bid_qty=bid_qty,
        ask_qty=ask_qty,
        open=rupees(day, "open", "quote"),
        high=rupees(day, "high", "quote"),
        low=rupees(day, "low", "quote"),
        prev_close=rupees(day, "close", "quote"),
        volume=whole(row, "volume", "quote"),
        at=at,
        received_at=received_at,
        source=SOURCE,
    )
    return Priced(quote, _band(row), whole(row, "instrument_token", "quote"))


def _side(levels: Sequence[Row]) -> tuple[Money, int]:
    """The best price and the total of all levels."""
    qty = sum(whole(level, "quantity", "quote") for level in levels)
    return (rupees(levels[0], "price", "quote") if levels else ZERO), qty


def _band(row: Row) -> PriceBand | None:
    if row.get("lower_circuit_limit") is None or row.get("upper_circuit_limit") is None:
        return None
    low = rupees(row, "lower_circuit_limit", "quote")
    high = rupees(row, "upper_circuit_limit", "quote")
    return PriceBand(low, high) if ZERO < low <= high else None


def _listed(row: Row) -> Listed:
    called = word(row, "tradingsymbol")
    symbol, _, series = called.rpartition("-")
    if not symbol or len(series) != SERIES_CHARS:
        symbol, series = called, "EQ"
    kind = Kind.OTHER_SHARE if series in TRADE_FOR_TRADE else Kind.BOND
    tick = Decimal(str(row["tick_size"])) * 100
    return Listed(
        broker="kite",
        exchange=word(row, "exchange"),
        called=called,
        symbol=symbol,
        name=word(row, "name"),
        isin="",
        token=str(row["instrument_token"]),
        series=series,
        kind=Kind.SHARE if series == "EQ" else kind,
        tick_paise=int(tick) or None,
        lot=int(row["lot_size"]),
    )
