"""Quotes, candles and the instrument list in Kite's fields.

The invented index NIFTY 50 moves with the average of all shares and cannot be traded.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from core.domain.clock import IST
from core.domain.instrument import PriceBand, trading_range
from core.domain.money import ZERO, Money
from core.domain.quote import Quote
from core.domain.ticks import tick_now
from core.errors import OutsideCalendar
from core.sandbox.faults import FaultKind
from core.sandbox.house import House
from core.sandbox.kite.answers import KiteError, number, stamp
from core.sandbox.kite.state import Kite

INDEX_TOKEN: Final = 256265
INDEX_SYMBOL: Final = "NIFTY 50"
INDEX_BASE: Final = Decimal(25_000)
DEPTH_LEVELS: Final = 5
QUOTES_MOST: Final = 500
LTP_MOST: Final = 1_000
COLUMNS: Final = (
    "instrument_token", "exchange_token", "tradingsymbol", "name", "last_price", "expiry",
    "strike", "tick_size", "lot_size", "instrument_type", "segment", "exchange",
)  # fmt: skip
SPAN_DAYS: Final = {
    "minute": 60,
    "2minute": 60,
    "3minute": 100,
    "4minute": 100,
    "5minute": 100,
    "10minute": 100,
    "15minute": 200,
    "30minute": 200,
    "60minute": 400,
    "day": 2_000,
}


def index_points(house: House) -> tuple[Money, Money, Money, Money, Money] | None:
    """Last, open, high, low and previous close of the invented index; None before any quote."""
    found = list(house.quotes.values())
    if not found:
        return None

    def points(name: str) -> Money:
        share = sum(
            Decimal(getattr(one, name).paise) / one.prev_close.paise
            for one in found
            if one.prev_close.paise
        )
        return Money.rupees(INDEX_BASE * share / len(found))

    return points("ltp"), points("open"), points("high"), points("low"), Money.rupees(INDEX_BASE)


def full_quotes(kite: Kite, keys: Sequence[str]) -> dict[str, Any]:
    """Everything of each known instrument; unknown ones are left out, as Kite leaves them."""
    _not_too_many(keys, QUOTES_MOST)
    found = {key: _quoted(kite, key) for key in keys}
    return {key: full_row(kite.house, quote) for key, quote in found.items() if quote}


def ohlc(kite: Kite, keys: Sequence[str]) -> dict[str, Any]:
    """Last price and the day's four prices."""
    _not_too_many(keys, LTP_MOST)
    rows: dict[str, Any] = {}
    for key in keys:
        quote = _quoted(kite, key)
        if quote is not None:
            rows[key] = {**_ltp_row(kite.house, quote), "ohlc": _ohlc(quote)}
        elif key == f"NSE:{INDEX_SYMBOL}" and (points := index_points(kite.house)):
            rows[key] = {**_index_row(points), "ohlc": _index_ohlc(points)}
    return rows


def ltp(kite: Kite, keys: Sequence[str]) -> dict[str, Any]:
    """Last prices alone."""
    _not_too_many(keys, LTP_MOST)
    rows: dict[str, Any] = {}
    for key in keys:
        quote = _quoted(kite, key)
        if quote is not None:
            rows[key] = _ltp_row(kite.house, quote)
        elif key == f"NSE:{INDEX_SYMBOL}" and (points := index_points(kite.house)):
            rows[key] = _index_row(points)
    return rows


def candles(kite: Kite, token: str, interval: str, since: str, until: str) -> dict[str, Any]:
    """Bars of a share, oldest first; raises InputException for a span over Kite's."""
    isin = kite.house.isin_of_token.get(int(token) if token.isdigit() else -1)
    if isin is None:
        raise KiteError("InputException", "Invalid `instrument_token`.")
    most = SPAN_DAYS.get(interval)
    if most is None:
        raise KiteError("InputException", "Invalid `interval`.")
    start, end = _moment(since, name="from"), _moment(until, name="to")
    if end < start:
        raise KiteError("InputException", "`from` is after `to`.")
    if end - start > timedelta(days=most):
        raise KiteError("InputException", f"interval exceeds max limit: {most} days for {interval}")
    if kite.candles is None:
        raise KiteError("GeneralException", "This sandbox has no candles.")
    try:
        bars = kite.candles(isin, interval, start, end)
    except OutsideCalendar as error:
        raise KiteError("InputException", str(error)) from error
    return {
        "candles": [
            [f"{at.astimezone(IST):%Y-%m-%dT%H:%M:%S%z}", *map(number, prices), volume]
            for at, *prices, volume in bars
        ]
    }


def instruments_csv(house: House, exchange: str = "") -> str:
    """The day's list of instruments with Kite's columns."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    if exchange in ("", "NSE"):
        index = [INDEX_TOKEN, INDEX_TOKEN >> 8, INDEX_SYMBOL, INDEX_SYMBOL, "0.0", "", "0.0"]
        writer.writerow([*index, "0.0", 0, "EQ", "INDICES", "NSE"])
    for isin, item in house.instruments.items():
        if exchange in ("", item.exchange):
            token = house.tokens[isin]
            quote = house.quote(isin)
            tick = tick_now(quote) if quote else Money(5)
            row = [token, token >> 8, item.symbol, item.name, "0.0", "", "0.0"]
            writer.writerow([*row, float(tick.in_rupees), 1, "EQ", item.exchange, item.exchange])
    return out.getvalue()


def full_row(house: House, quote: Quote) -> dict[str, Any]:
    """A quote with depth; the one level known on each side stands on top."""
    band = band_of(house, quote)
    return {
        "instrument_token": house.tokens[quote.isin],
        "timestamp": stamp(house.clock.now()),
        "last_trade_time": stamp(quote.at),
        "last_price": number(quote.ltp),
        "last_quantity": 1,
        "buy_quantity": quote.bid_qty,
        "sell_quantity": quote.ask_qty,
        "volume": quote.volume,
        "average_price": number(quote.ltp),
        "oi": 0,
        "oi_day_high": 0,
        "oi_day_low": 0,
        "net_change": 0,
        "lower_circuit_limit": number(band.low),
        "upper_circuit_limit": number(band.high),
        "ohlc": _ohlc(quote),
        "depth": {
            "buy": _levels(quote.bid, quote.bid_qty),
            "sell": _levels(quote.ask, quote.ask_qty),
        },
    }


def band_of(house: House, quote: Quote) -> PriceBand:
    """The day's lowest and highest price of a share."""
    return trading_range(
        house.instruments[quote.isin],
        prev_close=quote.prev_close,
        ltp=quote.ltp,
        tick=tick_now(quote),
    )


def _quoted(kite: Kite, key: str) -> Quote | None:
    exchange, _, symbol = key.partition(":")
    isin = kite.house.isin_of_symbol.get(symbol)
    if isin is None or kite.house.instruments[isin].exchange != exchange:
        return None
    if kite.faults.standing(FaultKind.FREEZE_TICKS) is not None:
        return kite.house.previous.get(isin) or kite.house.quote(isin)
    return kite.house.quote(isin)


def _levels(price: Money, qty: int) -> list[dict[str, Any]]:
    top = {"price": number(price if qty else ZERO), "quantity": qty, "orders": 1 if qty else 0}
    none = {"price": 0, "quantity": 0, "orders": 0}
    return [top, *(dict(none) for _ in range(DEPTH_LEVELS - 1))]


def _ohlc(quote: Quote) -> dict[str, Any]:
    return {
        "open": number(quote.open),
        "high": number(quote.high),
        "low": number(quote.low),
        "close": number(quote.prev_close),
    }


def _ltp_row(house: House, quote: Quote) -> dict[str, Any]:
    return {"instrument_token": house.tokens[quote.isin], "last_price": number(quote.ltp)}


def _index_row(points: tuple[Money, ...]) -> dict[str, Any]:
    return {"instrument_token": INDEX_TOKEN, "last_price": number(points[0])}


def _index_ohlc(points: tuple[Money, ...]) -> dict[str, Any]:
    names = ("open", "high", "low", "close")
    return dict(zip(names, map(number, points[1:]), strict=True))


def _moment(text: str, *, name: str) -> datetime:
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=IST)
        except ValueError:
            continue
    raise KiteError("InputException", f"Invalid `{name}` date.")


def _not_too_many(keys: Sequence[str], most: int) -> None:
    if not keys:
        raise KiteError("InputException", "Invalid `i`; name at least one instrument.")
    if len(keys) > most:
        raise KiteError("InputException", f"{len(keys)} instruments are over the {most} a call.")
