"""What one Upstox login reads: orders, trades, GTTs, portfolio, prices and estimates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.brokers.rows import profile_of
from core.brokers.session import BrokerReads, in_parts, said
from core.brokers.upstox import NAME, portfolio, prices, triggers, words
from core.brokers.upstox.client import VERSION, Client
from core.brokers.upstox.owners import Memory
from core.brokers.upstox.shares import Shares
from core.brokers.upstox.verified import VERIFIED
from core.domain.clock import IST, Clock, ist_day
from core.domain.money import ZERO
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


class UpstoxReads(BrokerReads):
    """A BrokerReader and BrokerMore over Upstox; safe for several threads."""

    def __init__(
        self,
        client: Client,
        *,
        login_id: str,
        shares: Shares,
        clock: Clock,
        rules: Rules | None = None,
    ) -> None:
        super().__init__(client, login_id=login_id, clock=clock, verified=VERIFIED)
        self.client = client
        self._shares = shares
        self._rules = rules or Rules()
        self._book: dict[str, words.UpstoxOrder] = {}
        self._memory = Memory()

    def orders(self) -> Sequence[BrokerOrder]:
        """Every order of Upstox's day in the cash segments."""
        return [order.told for order in self.order_details()]

    def order_details(self) -> Sequence[words.UpstoxOrder]:
        """The same with product, type, times and the rest of what Upstox tells."""
        found = self._ask("orders", "read the orders", "get_order_book", VERSION)
        read = words.read_orders(found, self._shares)
        with self._lock:
            self._book = {one.told.broker_order_id: one for one in read.rows}
            told = {order.told.broker_status for order in read.rows}
            self.strange_words = tuple(sorted(word for word in told if not words.is_known(word)))
        return self._rows("orders", read)

    def trades(self) -> Sequence[Fill]:
        """Every trade of the day that has a price; `incomplete` holds the others."""
        found = self._ask("trades", "read the trades", "get_trade_history", VERSION)
        return self._fills(words.read_trades(found, self._shares))

    def gtts(self) -> Sequence[GttOrder]:
        """GTTs that are active or ended today, with those that fired and are not listed."""
        listed = [one.told for one in self.gtt_details()]
        missing = self._memory.see(listed, self._clock.now())
        if missing or self._memory.recalls:
            return [*listed, *self._memory.fired(self.order_details(), listed)]
        return listed

    def gtt_details(self) -> Sequence[triggers.UpstoxGtt]:
        """The list as Upstox gives it, with shapes, times and trailing gaps."""
        found = self._ask("gtts", "read the GTTs", "get_gtt_order_details")
        return self._rows("gtts", triggers.read_gtts(found, self._shares))

    def holding_rows(self) -> Sequence[BrokerHolding]:
        """Delivery shares as the day began."""
        found = self._ask("holdings", "read the holdings", "get_holdings", VERSION)
        return self._rows("holdings", portfolio.read_holdings(found, self._shares))

    def positions(self) -> Sequence[BrokerPosition]:
        """Positions of the day in shares; futures and options are set aside by name."""
        found = self._ask("positions", "read the positions", "get_positions", VERSION)
        return self._rows("positions", portfolio.read_positions(found, self._shares))

    def funds(self) -> Funds:
        """Money for equity orders; payouts first, so that old funds are not shown as new ones."""
        asked = self._ask("payouts", "read the payouts", "get_payout_history")
        out = portfolio.read_paid_out(asked, today=ist_day(self._clock.now()))
        found = self._ask("funds", "read the funds", "get_user_fund_margin", VERSION)
        return portfolio.read_funds(found, paid_out=out)

    def quotes(self, isins: Sequence[str]) -> Sequence[Quote]:
        """One quote per ISIN, 500 a request."""
        quotes: list[Quote] = []
        for part in in_parts([self._shares.by_isin(isin) for isin in isins]):
            keys = ",".join(share.key for share in part)
            do = f"quote {len(part)} shares"
            found = self._ask("quotes", do, "get_full_market_quote_v3", instrument_key=keys)
            quotes += prices.read_quotes(found, part, received_at=self._clock.now())
        return quotes

    def candles(
        self, isin: str, start: datetime, end: datetime, *, minutes: int
    ) -> Sequence[Candle]:
        """Candles of so many minutes, 0 for days; BadInput for what Upstox does not make."""
        unit, size = prices.interval_for(start, end, minutes=minutes)
        share = self._shares.by_isin(isin)
        first, last = (one.astimezone(IST).date().isoformat() for one in (start, end))
        do = f"read {share.symbol}'s candles"
        asked: list[tuple[Any, ...]] = [
            ("get_historical_candle_data1", share.key, unit, size, last, first)
        ]
        if prices.ends_today(end, self._clock.now()):
            asked.append(("get_intra_day_candle_data", share.key, unit, size))
        read = [
            candle
            for method, *arguments in asked
            for candle in prices.read_candles(self._ask("candles", do, method, *arguments))
        ]
        by_time = {one.at: one for one in read}
        if not minutes:  # a day's candle stands at its midnight
            return [by_time[at] for at in sorted(by_time)]
        return [by_time[at] for at in sorted(by_time) if start <= at <= end]

    def margin(self, order: Order) -> MarginEstimate:
        """What Upstox would block for an order, and the charges it foresees; two reads."""
        import upstox_client

        at = self._price_of(order)
        one = upstox_client.Instrument(
            instrument_key=self._shares.by_isin(order.isin).key,
            quantity=order.qty,
            product=words.LETTERS[order.product],
            transaction_type=order.side.value,
            price=float(at.in_rupees),
        )
        body = upstox_client.MarginRequest(instruments=[one])
        found = self._ask("margin", f"estimate {said(order)}", "post_margin", body)
        required = portfolio.read_required(found)
        return MarginEstimate(
            symbol=order.symbol,
            required=required,
            charges=self.charges([order])[0].total,
            leverage=(at * order.qty).share_of(required) if required > ZERO else 1.0,
        )

    def charges(self, orders: Sequence[Order]) -> Sequence[ChargeEstimate]:
        """What each order would cost, by its limit, else its trigger, else the last price."""
        estimates = []
        for order in orders:
            found = self._ask(
                "charges",
                f"estimate the charges of {said(order)}",
                "get_brokerage",
                self._shares.by_isin(order.isin).key,
                order.qty,
                words.LETTERS[order.product],
                order.side.value,
                float(self._price_of(order).in_rupees),
                VERSION,
            )
            estimates.append(portfolio.read_charges(found, order.symbol))
        return estimates

    def profile(self) -> BrokerProfile:
        """Who is logged in."""
        found = self._ask("profile", "read the profile", "get_profile", VERSION)
        return profile_of(found, NAME)

    def expect(self, gtt: GttOrder, at: datetime) -> None:
        """Look out for a GTT that was placed before this session was opened."""
        self._memory.expect(replace(gtt, active=True), at)
