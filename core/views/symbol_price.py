"""The price of one share in words: the feed's with its age, or the last stored close."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.desk import Desk
from core.domain.instrument import Instrument, trading_range
from core.domain.quote import Quote
from core.domain.ticks import tick_now
from core.domain.words import age, pct, price, qty, rupees
from core.store import quotes
from core.views.ages import real_age
from core.views.day_price import CLOSES, DayPrice
from core.views.shown import Cells, Text, sign_tone

STALE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What ticks in the head: last price, change, age."""

    ltp: str
    change: Text
    age: str
    stale: bool


def price_line(desk: Desk, isin: str) -> PriceLine:
    """The last price of a share; `–` while it never had one."""
    with desk.store.read() as tx:
        quote = quotes.last(tx, isin)
        stored = CLOSES.of(tx).get(isin) if quote is None else None
    if quote is None:
        return _closed(stored)
    move = quote.ltp - quote.prev_close
    seconds = real_age(desk, quote.received_at)
    change = pct(move.share_of(quote.prev_close), signed=True)
    return PriceLine(
        ltp=price(quote.ltp),
        change=Text(f"{rupees(move, signed=True)} · {change}", sign_tone(move)),
        age=age(seconds) + (", slow" if quote.is_slow else ""),
        stale=seconds > STALE_SECONDS,
    )


def _closed(stored: DayPrice | None) -> PriceLine:
    """The last stored close with its session, where the feed brought no price."""
    if stored is None:
        return PriceLine("–", Text("no price yet", "mute"), "", stale=False)
    if stored.prev_close is None or stored.change is None:
        return PriceLine(price(stored.ltp), Text(""), f"close of {stored.at}", stale=False)
    move = stored.ltp - stored.prev_close
    words = f"{rupees(move, signed=True)} · {pct(stored.change, signed=True)}"
    tone = sign_tone(move)
    return PriceLine(price(stored.ltp), Text(words, tone), f"close of {stored.at}", stale=False)


def day_rows(
    share: Instrument, quote: Quote | None, stored: DayPrice | None
) -> tuple[tuple[str, Cells], ...]:
    """The day in pairs of name and value: the feed's, or the last stored session's."""
    if quote is None and stored is not None:
        return _stored_day(stored)
    if quote is None:
        return (("Price", Text("none yet; the feed brings one", "mute")),)
    tick = tick_now(quote)
    band = trading_range(share, prev_close=quote.prev_close, ltp=quote.ltp, tick=tick)
    return (
        ("Open", price(quote.open)),
        ("High · Low", f"{price(quote.high)} · {price(quote.low)}"),
        ("Prev close", price(quote.prev_close)),
        ("Volume, shares", qty(quote.volume)),
        ("Best bid", (Text(price(quote.bid), "buy"), f"× {qty(quote.bid_qty)}")),
        ("Best offer", (Text(price(quote.ask), "sell"), f"× {qty(quote.ask_qty)}")),
        ("Spread", pct(quote.spread)),
        ("Circuits", f"{price(band.low)} – {price(band.high)}"),
        ("Tick", rupees(tick)),
    )


def _stored_day(stored: DayPrice) -> tuple[tuple[str, Cells], ...]:
    before = price(stored.prev_close) if stored.prev_close else "–"
    return (
        ("Close", price(stored.ltp)),
        ("Open", price(stored.open)),
        ("High · Low", f"{price(stored.high)} · {price(stored.low)}"),
        ("Prev close", before),
        ("Volume, shares", qty(stored.volume)),
        ("Bid and offer", Text("none without a feed", "mute")),
    )
