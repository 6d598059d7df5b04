"""Quotes and candles in Upstox's fields.

An answer names each share by segment and symbol with a colon, and its `instrument_token` by
segment and ISIN with a bar. Candles come newest first; a day that is not over is asked apart.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

from core.domain.clock import IST, ist_day
from core.domain.money import ZERO, Money
from core.domain.quote import Quote
from core.errors import OutsideCalendar
from core.sandbox.faults import FaultKind
from core.sandbox.kite.market import band_of
from core.sandbox.upstox.answers import FAILED, INVALID, UpstoxError, millis, number
from core.sandbox.upstox.state import Upstox, key_of, listed

DEPTH_LEVELS: Final = 5
KEYS_MOST: Final = 500
HOUSE_MINUTES: Final = {1: "minute", 3: "3minute", 5: "5minute", 10: "10minute", 15: "15minute",
                        30: "30minute", 60: "60minute"}  # fmt: skip
Row = Callable[[Upstox, Quote], dict[str, Any]]


def found(upstox: Upstox, keys: str, row: Row) -> dict[str, Any]:
    """A row for each known key; unknown ones are left out."""
    names = [name for name in keys.split(",") if name]
    if not names or len(names) > KEYS_MOST:
        raise UpstoxError("UDAPI1009", f"Give 1 to {KEYS_MOST} instrument keys")
    rows: dict[str, Any] = {}
    for name in names:
        quote = _quoted(upstox, name)
        if quote is not None:
            share = upstox.house.instruments[quote.isin]
            rows[f"{share.exchange}_EQ:{share.symbol}"] = row(upstox, quote)
    return rows


def ltp_v2(upstox: Upstox, quote: Quote) -> dict[str, Any]:
    """The last price."""
    return {"last_price": number(quote.ltp), "instrument_token": _key(upstox, quote)}


def ltp_v3(upstox: Upstox, quote: Quote) -> dict[str, Any]:
    """The last price with the previous close."""
    return {
        **ltp_v2(upstox, quote),
        "ltq": 1,
        "volume": quote.volume,
        "cp": number(quote.prev_close),
    }


def ohlc_v2(upstox: Upstox, quote: Quote) -> dict[str, Any]:
    """The last price with the day's four."""
    return {**ltp_v2(upstox, quote), "ohlc": _ohlc(quote)}


def ohlc_v3(upstox: Upstox, quote: Quote) -> dict[str, Any]:
    """The day's bar as far as it went, and nothing of the day before."""
    live = {**_ohlc(quote), "volume": quote.volume, "ts": _midnight_millis(quote.at)}
    return {**ltp_v2(upstox, quote), "prev_ohlc": None, "live_ohlc": live}


def full_v2(upstox: Upstox, quote: Quote) -> dict[str, Any]:
    """Everything, with depth; the one level known on each side stands on top."""
    share, now = upstox.house.instruments[quote.isin], upstox.house.clock.now()
    band = band_of(upstox.house, quote)
    return {
        "ohlc": _ohlc(quote),
        "depth": {
            "buy": levels(quote.bid, quote.bid_qty),
            "sell": levels(quote.ask, quote.ask_qty),
        },
        "timestamp": now.astimezone(IST).isoformat(timespec="milliseconds"),
        "instrument_token": _key(upstox, quote),
        "symbol": share.symbol,
        "last_price": number(quote.ltp),
        "volume": quote.volume,
        "average_price": number(quote.ltp),
        "oi": 0.0,
        "net_change": number(quote.ltp - quote.prev_close),
        "total_buy_quantity": float(quote.bid_qty),
        "total_sell_quantity": float(quote.ask_qty),
        "lower_circuit_limit": number(band.low),
        "upper_circuit_limit": number(band.high),
        "last_trade_time": str(millis(quote.at)),
        "oi_day_high": 0.0,
        "oi_day_low": 0.0,
    }


def full_v3(upstox: Upstox, quote: Quote) -> dict[str, Any]:
    """The same with the previous close by its own name."""
    ohlc = {**_ohlc(quote), "volume": quote.volume, "ts": _midnight_millis(quote.at)}
    share = upstox.house.instruments[quote.isin]
    more = {
        "ohlc": ohlc,
        "prev_close_price": number(quote.prev_close),
        "year_high": number(quote.high),
        "year_low": number(quote.low),
        "previous_oi": 0.0,
        "indicative_equilibrium_price": 0.0,
        "reference_price": 0.0,
        "indicative_equilibrium_quantity": 0,
        "indicative_imbalance_quantity_total": 0,
        "indicative_imbalance_quantity_market": 0,
        "cas_eligible": share.has_derivatives,
    }
    return {**full_v2(upstox, quote), **more}


def levels(price: Money, qty: int) -> list[dict[str, Any]]:
    """Five levels of a side, of which one is known."""
    top = {"quantity": qty, "price": number(price if qty else ZERO), "orders": 1 if qty else 0}
    return [top, *({"quantity": 0, "price": 0.0, "orders": 0} for _ in range(DEPTH_LEVELS - 1))]


def history(
    upstox: Upstox, key: str, unit: str, size: str, *, since: str, until: str
) -> dict[str, Any]:
    """Finished sessions between two days, newest bar first; raises UpstoxError over a span."""
    interval = _interval(unit, size)
    start, end = _day(since), _day(until)
    if end < start:
        raise UpstoxError("UDAPI1015", "'to_date' is before 'from_date'")
    longest = _longest(unit, int(size))
    if end - start > longest:
        raise UpstoxError("UDAPI1148", f"the span is over {longest.days} days")
    today = ist_day(upstox.house.clock.now())
    return _candles(upstox, key, interval, start, min(end, today - timedelta(days=1)))


def intraday(upstox: Upstox, key: str, unit: str, size: str) -> dict[str, Any]:
    """Today's bars, newest first."""
    today = ist_day(upstox.house.clock.now())
    return _candles(upstox, key, _interval(unit, size), today, today)


def _candles(upstox: Upstox, key: str, interval: str, first: date, last: date) -> dict[str, Any]:
    isin = listed(upstox, key).isin
    if upstox.candles is None:
        raise UpstoxError(FAILED, "This sandbox has no candles")
    if last < first:
        return {"candles": []}
    start = datetime(first.year, first.month, first.day, tzinfo=IST)
    end = datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=IST)
    try:
        bars = list(upstox.candles(isin, interval, start, end))
    except OutsideCalendar as error:
        raise UpstoxError(INVALID, str(error)) from error
    rows = [
        [at.astimezone(IST).isoformat(), *map(number, prices), volume, 0]
        for at, *prices, volume in bars
    ]
    return {"candles": rows[::-1]}


def _interval(unit: str, size: str) -> str:
    """The house's word for bars of a size; raises UpstoxError."""
    if unit == "days" and size == "1":
        return "day"
    minutes = {"minutes": 1, "hours": 60}.get(unit, 0) * (int(size) if size.isdigit() else 0)
    if minutes not in HOUSE_MINUTES:
        raise UpstoxError("UDAPI1020", f"the sandbox has no bars of {size} {unit}")
    return HOUSE_MINUTES[minutes]


def _longest(unit: str, size: int) -> timedelta:
    """A decade of days, a quarter of hours and half hours, a month of less."""
    if unit == "days":
        return timedelta(days=3_653)
    return timedelta(days=31 if unit == "minutes" and size <= 15 else 92)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UpstoxError(INVALID, f"{text!r} is no day") from None


def _quoted(upstox: Upstox, key: str) -> Quote | None:
    segment, _, isin = key.partition("|")
    share = upstox.house.instruments.get(isin)
    if share is None or key_of(share) != f"{segment}|{isin}":
        return None
    if upstox.faults.standing(FaultKind.FREEZE_TICKS) is not None:
        return upstox.house.previous.get(isin) or upstox.house.quote(isin)
    return upstox.house.quote(isin)


def _key(upstox: Upstox, quote: Quote) -> str:
    return key_of(upstox.house.instruments[quote.isin])


def _ohlc(quote: Quote) -> dict[str, float]:
    return {
        "open": number(quote.open),
        "high": number(quote.high),
        "low": number(quote.low),
        "close": number(quote.ltp),
    }


def _midnight_millis(at: datetime) -> int:
    day = ist_day(at)
    return millis(datetime(day.year, day.month, day.day, tzinfo=IST))
