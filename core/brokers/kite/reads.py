"""What one Zerodha login reads: orders, trades, GTTs, portfolio, prices and estimates."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from core.brokers.kite import NAME, portfolio, prices, triggers, words
from core.brokers.kite.client import Client
from core.brokers.kite.seen import LastSeen
from core.brokers.kite.shares import Shares
from core.brokers.kite.verified import GTTS, VERIFIED
from core.brokers.rows import profile_of
from core.brokers.session import BrokerReads, in_parts, said
from core.domain.clock import IST, Clock
from core.domain.listed import Listed
from core.domain.order import Fill, Order
from core.domain.ports import (
    BrokerHolding,
    BrokerOrder,
    BrokerPosition,
    BrokerProfile,
    Candle,
    ChargeEstimate,
    Funds,
    GttOrder,
    MarginEstimate,
)
from core.domain.quote import Quote
from core.exchange.rules import Rules


class KiteReads(BrokerReads):
    """A BrokerReader and BrokerMore over Kite; safe for several threads."""

    def __init__(
        self,
        client: Client,
        *,
        login_id: str,
        shares: Shares,
        clock: Clock,
        rules: Rules | None = None,
        quotes_turn: AbstractContextManager[None] | None = None,
    ) -> None:
        super().__init__(client, login_id=login_id, clock=clock, verified=VERIFIED)
        self.client = client
        self._shares = shares
        self._rules = rules or Rules()
        self._quotes_turn = quotes_turn or nullcontext()  # waits until a quote request may leave
        self._variety: dict[str, str] = {}
        self._seen = LastSeen(clock)

    def orders(self) -> Sequence[BrokerOrder]:
        """Every order of Kite's day on NSE and BSE."""
        return [order.told for order in self.order_details()]

    def order_details(self) -> Sequence[words.KiteOrder]:
        """The same with product, type, times and the rest of what Kite tells."""
        read = words.read_orders(self._ask("orders", "read the orders", "orders"), self._shares)
        with self._lock:
            self._variety = words.variety_of(read.rows)
            told = {order.told.broker_status for order in read.rows}
            self.strange_words = tuple(sorted(word for word in told if not words.is_known(word)))
        return self._rows("orders", read)

    def trades(self) -> Sequence[Fill]:
        """Every trade of the day that has a price; `incomplete` holds the others."""
        read = words.read_trades(self._ask("trades", "read the trades", "trades"), self._shares)
        return self._fills(read)

    def gtts(self) -> Sequence[GttOrder]:
        """GTTs that are active, and those that ended in the last days."""
        found = self._ask("gtts", "read the GTTs", "get_gtts")
        read = triggers.read_gtts(found, self._shares)
        if read.rows:  # only what became a value was read
            self._witness("gtts", found, GTTS)
        return [gtt.told for gtt in self._rows("gtts", read)]

    def holding_rows(self) -> Sequence[BrokerHolding]:
        """Delivery shares as the day began."""
        found = self._ask("holdings", "read the holdings", "holdings")
        return self._rows("holdings", portfolio.read_holdings(found, self._shares))

    def positions(self) -> Sequence[BrokerPosition]:
        """Net positions of the day in shares; futures and options are set aside by name."""
        found = self._ask("positions", "read the positions", "positions")
        return self._rows("positions", portfolio.read_positions(found, self._shares))

    def funds(self) -> Funds:
        """Money for equity orders."""
        return portfolio.read_funds(self._ask("funds", "read the funds", "margins", "equity"))

    def quotes(self, isins: Sequence[str]) -> Sequence[Quote]:
        """One quote per ISIN, 500 a request; Kite takes one such request a second."""
        found: list[prices.Priced] = []
        for part in in_parts([self._shares.by_isin(isin) for isin in isins]):
            keys = [share.key for share in part]
            with self._quotes_turn:
                told = self._ask("quotes", f"quote {len(keys)} shares", "quote", *keys)
            found += prices.read_quotes(told, part, received_at=self._clock.now())
        for priced in found:
            self._seen.note(priced.quote, priced.band)
        return [priced.quote for priced in found]

    def candles(
        self, isin: str, start: datetime, end: datetime, *, minutes: int
    ) -> Sequence[Candle]:
        """Candles of so many minutes, 0 for days; BadInput for what Kite does not make."""
        interval = prices.interval_for(start, end, minutes=minutes)
        share = self._shares.by_isin(isin)
        # the client sends a datetime's wall time, and Kite reads it as Indian
        span = (one.astimezone(IST) for one in (start, end))
        do = f"read {share.symbol}'s {interval} candles"
        return prices.read_candles(
            self._ask("candles", do, "historical_data", share.token, *span, interval)
        )

    def margin(self, order: Order) -> MarginEstimate:
        """What Kite would block for an order."""
        fields = [words.estimate_fields(order, self._shares.by_isin(order.isin))]
        found = self._ask("margin", f"estimate {said(order)}", "order_margins", fields)
        return portfolio.read_margins(found, [order.symbol])[0]

    def charges(self, orders: Sequence[Order]) -> Sequence[ChargeEstimate]:
        """What each order would cost, by its limit, else its trigger, else the last price."""
        fields = [
            words.estimate_fields(order, self._shares.by_isin(order.isin))
            | {
                "order_id": str(number),
                "average_price": float(self._price_of(order).in_rupees),
            }
            for number, order in enumerate(orders, start=1)
        ]
        do = f"estimate the charges of {len(fields)} orders"
        found = self._ask("charges", do, "get_virtual_contract_note", fields)
        return portfolio.read_charges(found, [order.symbol for order in orders])

    def profile(self) -> BrokerProfile:
        """Who is logged in."""
        return profile_of(self._ask("profile", "read the profile", "profile"), NAME)

    def instruments(self, exchange: str = "NSE") -> list[Listed]:
        """This morning's list of one exchange."""
        do = f"read {exchange}'s instrument list"
        return prices.read_instruments(self._ask("instruments", do, "instruments", exchange))

    def get_ready(self, isins: Sequence[str]) -> None:
        """Learn the last prices and bands that GTTs on these shares need, if they are not fresh."""
        stale = [isin for isin in dict.fromkeys(isins) if self._seen.fresh(isin) is None]
        if stale:
            self.quotes(stale)

    def see(self, quote: Quote) -> None:
        """Take a quote of the stream as the last price of its share."""
        self._seen.note(quote, None)

    def _variety_of(self, broker_order_id: str) -> str:
        with self._lock:
            return self._variety.get(broker_order_id, words.REGULAR)
