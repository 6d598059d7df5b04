"""One Zerodha login as a BrokerSession: every write is one request, sent once.

Kite gives no idempotent placement, so nothing here is tried again. Before a GTT is placed the
last price and the band are read (Kite wants the price, the legs' limits want the band); when
that read fails nothing was sent, and the error says so by being Throttled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from threading import Lock
from typing import Any, Final, TypeVar

from core.brokers.kite import NAME, portfolio, prices, triggers, words
from core.brokers.kite.client import Client
from core.brokers.kite.seen import LastSeen
from core.brokers.kite.shares import Shares
from core.brokers.kite.triggers import Cover
from core.brokers.kite.verified import VERIFIED
from core.brokers.rows import Incomplete, net_shares, profile_of
from core.domain.clock import IST, Clock
from core.domain.listed import Listed
from core.domain.money import Money
from core.domain.order import Fill, Order, Product, Side
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
    NotTaken,
)
from core.domain.quote import Quote
from core.errors import (
    BrokerRefused,
    MunimError,
    NotFound,
    SourceFailed,
    Throttled,
)
from core.exchange.values import Rules

T = TypeVar("T")
QUOTES_AT_ONCE: Final = 500


class KiteSession:
    """A BrokerSession and BrokerMore over Kite; safe for several threads."""

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
        self.login_id = login_id
        self.client = client
        self._shares = shares
        self._clock = clock
        self._rules = rules or Rules()
        self._quotes_turn = quotes_turn or nullcontext()  # waits until a quote request may leave
        self._lock = Lock()
        self._variety: dict[str, str] = {}
        self._seen = LastSeen(clock)
        self._not_taken: dict[str, tuple[NotTaken, ...]] = {}
        self.incomplete: tuple[Incomplete, ...] = ()
        self.strange_words: tuple[str, ...] = ()
        self.read_at: dict[str, datetime] = {}

    # Reads

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
        self._note("orders", read.not_taken)
        return read.rows

    def trades(self) -> Sequence[Fill]:
        """Every trade of the day that has a price; `incomplete` holds the others."""
        read = words.read_trades(self._ask("trades", "read the trades", "trades"), self._shares)
        self.incomplete = read.incomplete
        self._note("trades", read.not_taken)
        return read.fills

    def gtts(self) -> Sequence[GttOrder]:
        """GTTs that are active, and those that ended in the last days."""
        read = triggers.read_gtts(self._ask("gtts", "read the GTTs", "get_gtts"), self._shares)
        self._note("gtts", read.not_taken)
        return [gtt.told for gtt in read.rows]

    def holdings(self) -> dict[str, int]:
        """Net shares by ISIN: carried over the night, plus today's trades; two reads."""
        return net_shares(self.holding_rows(), self.positions())

    def holding_rows(self) -> Sequence[BrokerHolding]:
        """Delivery shares as the day began."""
        found = self._ask("holdings", "read the holdings", "holdings")
        read = portfolio.read_holdings(found, self._shares)
        self._note("holdings", read.not_taken)
        return read.rows

    def positions(self) -> Sequence[BrokerPosition]:
        """Net positions of the day in shares; futures and options are set aside by name."""
        found = self._ask("positions", "read the positions", "positions")
        read = portfolio.read_positions(found, self._shares)
        self._note("positions", read.not_taken)
        return read.rows

    def funds(self) -> Funds:
        """Money for equity orders."""
        return portfolio.read_funds(self._ask("funds", "read the funds", "margins", "equity"))

    def quotes(self, isins: Sequence[str]) -> Sequence[Quote]:
        """One quote per ISIN, 500 a request; Kite takes one such request a second."""
        wanted = [self._shares.by_isin(isin) for isin in isins]
        found: list[prices.Priced] = []
        for start in range(0, len(wanted), QUOTES_AT_ONCE):
            part = wanted[start : start + QUOTES_AT_ONCE]
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

    # Writes

    def place(self, order: Order) -> str:
        """Send one order and return Kite's order id."""
        if order.login_id != self.login_id:
            raise BrokerRefused(
                f"{order.symbol}: order {order.id} is for login {order.login_id} and this session "
                f"is {self.login_id}"
            )
        fields = words.order_fields(order, self._shares.to_send(order.isin, order.symbol))
        return self.client.write(f"place {said(order)}", "place_order", **fields)

    def cancel(self, broker_order_id: str) -> None:
        """Ask for a cancel."""
        self.client.write(
            f"cancel order {broker_order_id}",
            "cancel_order",
            variety=self._variety_of(broker_order_id),
            order_id=broker_order_id,
        )

    def modify(
        self,
        broker_order_id: str,
        *,
        limit: Money | None = None,
        qty: int | None = None,
        trigger: Money | None = None,
    ) -> None:
        """Change an open order in place; what is left out stays."""
        wanted = {
            "price": words.as_text(limit) if limit else None,
            "quantity": qty,
            "trigger_price": words.as_text(trigger) if trigger else None,
        }
        changes = {name: value for name, value in wanted.items() if value is not None}
        shown = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in changes.items())
        self.client.write(
            f"change order {broker_order_id} to {shown}",
            "modify_order",
            variety=self._variety_of(broker_order_id),
            order_id=broker_order_id,
            **changes,
        )

    def place_gtt(
        self,
        *,
        isin: str,
        symbol: str,
        qty: int,
        side: Side,
        stop: Money | None,
        target: Money | None,
        product: Product,
    ) -> str:
        """Rest a pair, or one leg alone where the other is None."""
        cover = Cover(self._shares.to_send(isin, symbol), side, qty, product, stop, target)
        fields = self._gtt_fields(cover)
        return self.client.write(f"rest {_shown(cover)}", "place_gtt", **fields)

    def modify_gtt(
        self, gtt_id: str, *, qty: int, stop: Money | None, target: Money | None
    ) -> None:
        """Change a resting GTT in place; its share and side are read first."""
        rests = self._resting(gtt_id)
        share = self._shares.to_send(rests.isin, rests.symbol)
        cover = Cover(share, rests.side, qty, rests.product, stop, target)
        fields = self._gtt_fields(cover)
        self.client.write(
            f"change GTT {gtt_id} to {_shown(cover)}", "modify_gtt", trigger_id=gtt_id, **fields
        )

    def cancel_gtt(self, gtt_id: str) -> None:
        """Take a resting GTT away."""
        self.client.write(f"cancel GTT {gtt_id}", "delete_gtt", trigger_id=gtt_id)

    def place_stop_gtt(
        self, *, isin: str, symbol: str, qty: int, side: Side, stop: Money, product: Product
    ) -> str:
        """Rest a stop without a target."""
        return self.place_gtt(
            isin=isin, symbol=symbol, qty=qty, side=side, stop=stop, target=None, product=product
        )

    def modify_stop_gtt(self, gtt_id: str, *, qty: int, stop: Money) -> None:
        """Change a resting stop in place."""
        self.modify_gtt(gtt_id, qty=qty, stop=stop, target=None)

    # What the broker page shows

    @property
    def not_taken(self) -> Sequence[NotTaken]:
        """Rows of the last read of each list that the desk does not trade."""
        with self._lock:
            return [one for rows in self._not_taken.values() for one in rows]

    @property
    def wire_verified(self) -> Mapping[str, bool]:
        """For each call, whether a recorded real answer passes through this adapter."""
        return {call: known.seen for call, known in VERIFIED.items()}

    @property
    def wire_reasons(self) -> Mapping[str, str]:
        """Why each call counts as verified, or why not."""
        return {call: known.why for call, known in VERIFIED.items()}

    asks_together = True  # a network lies between, and the client takes several threads

    def get_ready(self, isins: Sequence[str]) -> None:
        """Learn the last prices and bands that GTTs on these shares need, if they are not fresh."""
        stale = [isin for isin in dict.fromkeys(isins) if self._seen.fresh(isin) is None]
        if stale:
            self.quotes(stale)

    def see(self, quote: Quote) -> None:
        """Take a quote of the stream as the last price of its share."""
        self._seen.note(quote, None)

    # Inside

    def _ask(self, call: str, doing: str, method: str, *arguments: Any) -> Any:
        found = self.client.read(doing, method, *arguments)
        self.read_at[call] = self._clock.now()
        return found

    def _note(self, call: str, rows: tuple[NotTaken, ...]) -> None:
        with self._lock:
            self._not_taken[call] = rows

    def _variety_of(self, broker_order_id: str) -> str:
        with self._lock:
            return self._variety.get(broker_order_id, words.REGULAR)

    def _gtt_fields(self, cover: Cover) -> dict[str, Any]:
        """What Kite wants of a GTT; reads a quote first unless a fresh one is known."""
        isin = cover.share.isin
        seen = self._seen.fresh(isin)
        if seen is None:
            self._before_write(cover.share.symbol, lambda: self.quotes([isin]))
            seen = self._seen.last(isin)
        return triggers.gtt_fields(cover, last=seen.ltp, band=seen.band, rules=self._rules)

    def _resting(self, gtt_id: str) -> GttOrder:
        found = self._before_write(
            f"GTT {gtt_id}", lambda: self._ask("gtt", f"read GTT {gtt_id}", "get_gtt", gtt_id)
        )
        known = triggers.read_gtt(found, self._shares)
        if known is None or not known.told.active:
            stands = known.told.broker_status if known else "on another instrument"
            raise BrokerRefused(f"GTT {gtt_id} is not active ({stands}) and cannot change")
        return known.told

    def _before_write(self, subject: str, read: Callable[[], T]) -> T:
        """A read that a write needs; failing it, nothing was sent and it may be tried later."""
        try:
            return read()
        except Throttled:
            raise
        except SourceFailed as failed:
            error: MunimError = Throttled(f"{subject}: nothing was sent, for {failed}")
        except NotFound as missing:
            error = BrokerRefused(f"{subject}: {missing}")
        raise error

    def _price_of(self, order: Order) -> Money:
        known = order.limit_price or order.trigger_price
        if known is not None:
            return known
        return self.quotes([order.isin])[0].ltp


def said(order: Order) -> str:
    """An order in a sentence: `BUY 100 MIDCO LIMIT at ₹500.00`."""
    price = order.limit_price or order.trigger_price
    at = f" at {price}" if price is not None else ""
    return f"{order.side} {order.qty} {order.symbol} {order.order_type}{at}"


def _shown(cover: Cover) -> str:
    legs = [
        f"{name} {leg}" for name, leg in (("stop", cover.stop), ("target", cover.target)) if leg
    ]
    return f"a GTT to {cover.side} {cover.qty} {cover.share.symbol}, {' and '.join(legs)}"
