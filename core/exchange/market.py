"""What is known of prices now: the last quote of each share and how much of it is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.domain.instrument import Instrument, PriceBand, trading_range
from core.domain.money import Money
from core.domain.order import Side
from core.domain.quote import Quote
from core.domain.ticks import tick_now
from core.errors import NotFound
from core.exchange.matching import visible
from core.exchange.rules import Rules


@dataclass(frozen=True, slots=True)
class Prices:
    """One share's quote with the tick and band that go with it."""

    quote: Quote
    tick: Money
    band: PriceBand


class Quotes:
    """Last quotes, and the shares of each side that this client may still take."""

    def __init__(self, instruments: Mapping[str, Instrument], rules: Rules) -> None:
        self._instruments = instruments
        self._rules = rules
        self._last: dict[str, Quote] = {}
        self._room: dict[tuple[str, Side], int] = {}

    def instrument(self, isin: str) -> Instrument:
        """The listed share; raises NotFound for one that is not listed."""
        found = self._instruments.get(isin)
        if found is None:
            raise NotFound(f"{isin} is not listed on this exchange; check the ISIN")
        return found

    def take(self, quote: Quote) -> bool:
        """Keep a quote; False for one older than the last.

        The same quote twice gives no second helping of its size.
        """
        last = self._last.get(quote.isin)
        if last is not None and quote.at <= last.at:
            return quote.at == last.at
        self._last[quote.isin] = quote
        pct = self._rules.visible_share_pct
        self._room[quote.isin, Side.BUY] = visible(quote.ask_qty, share_pct=pct)
        self._room[quote.isin, Side.SELL] = visible(quote.bid_qty, share_pct=pct)
        return True

    def last(self, isin: str) -> Quote | None:
        """The last quote, however old."""
        return self._last.get(isin)

    def prices(self, isin: str) -> Prices | None:
        """The last quote with its tick and band, or None before the first quote."""
        quote = self._last.get(isin)
        if quote is None:
            return None
        tick = tick_now(quote)
        band = trading_range(
            self.instrument(isin), prev_close=quote.prev_close, ltp=quote.ltp, tick=tick
        )
        return Prices(quote, tick, band)

    def live_prices(self, isin: str, *, at: datetime) -> Prices | None:
        """As `prices`, but None when the quote is too old or no exchange could have printed it."""
        found = self.prices(isin)
        if found is None or at - found.quote.at > self._rules.quote_life:
            return None
        return found if found.band.holds(found.quote.ltp) else None

    def room(self, isin: str, side: Side) -> int:
        """Shares this client may still take from the last quote."""
        return self._room.get((isin, side), 0)

    def use(self, isin: str, side: Side, qty: int) -> None:
        """Note shares taken from the last quote."""
        self._room[isin, side] -= qty
