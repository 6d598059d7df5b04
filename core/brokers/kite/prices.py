"""Kite's quotes, candles and instrument list as domain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from core.brokers import quotes
from core.brokers.kite import NAME
from core.brokers.kite.shares import KiteShare
from core.brokers.plain import Row, row_of, rows_of
from core.domain.instrument import PriceBand
from core.domain.listed import Kind, Listed
from core.domain.money import ZERO, Money
from core.domain.ports import Candle
from core.domain.quote import Quote
from core.errors import SourceWrong

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
    rows = row_of(found, NAME, "quote")
    missing = [share.key for share in wanted if share.key not in rows.fields]
    quotes.none_missing(NAME, missing, len(wanted))
    return [_quote(rows.within(share.key), share, received_at) for share in wanted]


def read_last_prices(found: Any, wanted: Sequence[KiteShare]) -> dict[str, Money]:
    """Last prices by ISIN from an ltp or ohlc answer; a share without one is left out."""
    rows = row_of(found, NAME, "ltp")
    known = [share for share in wanted if share.key in rows.fields]
    return {share.isin: rows.within(share.key).rupees("last_price") for share in known}


def interval_for(start: datetime, end: datetime, *, minutes: int) -> str:
    """Kite's word for candles of so many minutes, 0 for days; BadInput for what it has not."""
    return quotes.interval_for(NAME, INTERVALS, start, end, minutes=minutes)


def read_candles(found: Any) -> list[Candle]:
    """Candles oldest first."""
    candles = []
    for row in rows_of(found, NAME, "historical"):
        at = row.moment("date")
        if at is None:
            raise SourceWrong("Kite's historical: a candle has no date; ask again")
        candles.append(quotes.candle_of(row, at))
    return candles


def read_instruments(found: Iterable[Mapping[str, Any]]) -> list[Listed]:
    """Cash lines of NSE and BSE; derivatives and indices are left out."""
    rows = (row_of(one, NAME, "instruments") for one in found)
    return [_listed(row) for row in rows if row.word("segment") in ("NSE", "BSE")]


def _quote(row: Row, share: KiteShare, received_at: datetime) -> Priced:
    quote = quotes.quote_of(
        row,
        share,
        at=row.moment("timestamp") or row.moment("last_trade_time"),
        prev_close=row.within("ohlc").rupees("close"),
        received_at=received_at,
        source=SOURCE,
    )
    return Priced(quote, _band(row), row.whole("instrument_token"))


def _band(row: Row) -> PriceBand | None:
    if not row.has("lower_circuit_limit") or not row.has("upper_circuit_limit"):
        return None
    low = row.rupees("lower_circuit_limit")
    high = row.rupees("upper_circuit_limit")
    return PriceBand(low, high) if ZERO < low <= high else None


def _listed(row: Row) -> Listed:
    called = row.word("tradingsymbol")
    symbol, _, series = called.rpartition("-")
    if not symbol or len(series) != SERIES_CHARS:
        symbol, series = called, "EQ"
    kind = Kind.OTHER_SHARE if series in TRADE_FOR_TRADE else Kind.BOND
    tick = Decimal(str(row.fields["tick_size"])) * 100
    return Listed(
        broker="kite",
        exchange=row.word("exchange"),
        called=called,
        symbol=symbol,
        name=row.word("name"),
        isin="",
        token=str(row.fields["instrument_token"]),
        series=series,
        kind=Kind.SHARE if series == "EQ" else kind,
        tick_paise=int(tick) or None,
        lot=int(row.fields["lot_size"]),
    )
