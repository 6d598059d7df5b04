"""How the exchange works inside: its book, days, phases and matching.

Each step emits events that are folded into `book` at once. The state that is not in `book` is
the last quote of each share and how much of it is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from core.domain.calendar import Phase
from core.domain.clock import ist_day
from core.domain.instrument import Instrument, PriceBand
from core.domain.money import ZERO, Money, total
from core.domain.order import Product, Side, Validity
from core.domain.square_off import SquaresOff
from core.domain.ticks import tick_on
from core.exchange.after_market import is_sent, why_not_kept, why_not_queued
from core.exchange.book import Book, Spoken
from core.exchange.ex_day import falling_due
from core.exchange.market import Prices, Quotes
from core.exchange.matching import child_of, deal, leg_reached, wakes
from core.exchange.refusals import Standing, why_no_gtt, why_refused
from core.exchange.rules import Rules
from core.exchange.squaring import (
    fee_of,
    left_over,
    squaring,
)
from core.exchange.values import (
    Accepted,
    BookOrder,
    Cancelled,
    ClosedOut,
    DayOpened,
    ExchangeEvent,
    Expired,
    Gtt,
    GttFired,
    Rejected,
    Released,
    RequestRefused,
    Ticket,
    Traded,
    Triggered,
    TurnedDown,
)

BOOK_WIPED_AFTER = timedelta(hours=3)  # past midnight, as brokers wipe their order books
Events = tuple[ExchangeEvent, ...]


class TradingFloor:
    """The state of one client's exchange and the steps its requests are made of.

    `squares_off` says when the broker ends MIS in a share on a day; None leaves it to the client.
    """

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        *,
        name: str,
        rules: Rules | None = None,
        funds: Money | None = None,
        squares_off: SquaresOff | None = None,
    ) -> None:
        self.book = Book()
        self._name = name
        self._rules = rules or Rules()
        self._funds = funds
        self._squares_off = squares_off
        self._quotes = Quotes(instruments, self._rules)
        self._auctions: set[str] = set()
        self._out: list[ExchangeEvent] = []

    def _emit(self, event: ExchangeEvent) -> None:
        self.book.apply(event)
        self._out.append(event)

    def _answer(self) -> Events:
        out, self._out = tuple(self._out), []
        return out

    def _refuse(self, subject_id: str, reason: str, at: datetime) -> Events:
        self._emit(RequestRefused(at, subject_id, reason))
        return self._answer()

    def _turn_day(self, at: datetime) -> None:
        day = broker_day(at)
        if self.book.day is None or day > self.book.day:
            for order in [one for one in self.book.all_open() if not one.queued]:
                self._emit(Expired(at, order.order_id, "the day is over"))
            self._auctions.clear()
            short = sorted(self.book.undelivered().items())
            closed_out = [self._closed_out(isin, qty, at) for isin, qty in short]
            self._emit(DayOpened(at, day))
            for event in closed_out:
                self._emit(event)
            for paid in list(falling_due(self.book, today=day, at=at)):
                self._emit(paid)

    def _closed_out(self, isin: str, qty: int, at: datetime) -> ClosedOut:
        quote = self._quotes.last(isin)
        sold = [trade.price for trade in self.book.trades if trade.isin == isin]
        last = quote.ltp if quote else sold[-1]
        price = last.times(1 + Decimal(self._rules.close_out_pct) / 100)
        symbol = self._quotes.instrument(isin).symbol
        words = f"{symbol}: {qty} shares sold and not delivered were closed out at {price}"
        return ClosedOut(at, isin, qty, price, words)

    def _release(self, isin: str, phase: Phase, at: datetime) -> None:
        """Send the exchange what waited at the broker for this phase; it may turn it down."""
        for order in self.book.open_orders(isin):
            if not order.queued or not is_sent(order, phase):
                continue
            self._emit(Released(at, order.order_id))
            on = self._standing_without(order, order.ticket, phase, at)
            quote = self._quotes.last(isin)
            if quote is None or broker_day(quote.at) != broker_day(at):
                on = replace(on, band=None, ltp=None)  # no price of today tells them yet
            if reason := why_refused(order.ticket, on):
                self._emit(TurnedDown(at, order.order_id, reason))
            else:
                self._match_standing(order.order_id, phase=phase, at=at)

    def _intraday_over(self, instrument: Instrument, at: datetime) -> bool:
        """Whether the broker has begun to end MIS in a share today."""
        when = self._squares_off(instrument, broker_day(at)) if self._squares_off else None
        return when is not None and at >= when.at

    def _square_off(self, instrument: Instrument, *, phase: Phase, at: datetime) -> None:
        """Close a share's MIS position, or what of it nobody took so far."""
        when = self._squares_off(instrument, broker_day(at)) if self._squares_off else None
        assert when is not None  # asked only once MIS is over
        most, next_id = self._rules.qty_freeze, self._next_order_id
        for event in squaring(
            self.book, instrument, fee=when.fee, most=most, at=at, next_id=next_id
        ):
            self._emit(event)
            if isinstance(event, Accepted):
                self._match_standing(event.order_id, phase=phase, at=at)

    def _next_order_id(self) -> str:
        return f"{self._name}-{self.book.orders_made + 1:06d}"

    def _standing(self, ticket: Ticket, phase: Phase, at: datetime) -> Standing:
        price = ticket.worst or ticket.trigger or Money(1)
        on = self._standing_of(ticket.isin, price, phase, at)
        return replace(on, closes=self.book.closable(ticket))

    def _standing_of(self, isin: str, price: Money, phase: Phase, at: datetime) -> Standing:
        known, instrument = self._quotes.prices(isin), self._quotes.instrument(isin)
        return Standing(
            instrument=instrument,
            phase=phase,
            tick=known.tick if known else tick_on(broker_day(at), month_close=price),
            band=known.band if known else None,
            ltp=known.quote.ltp if known else None,
            ask=known.quote.ask if known else None,
            sellable=self.book.sellable(isin),
            funds=self.free_funds(),
            rules=self._rules,
            intraday_over=self._intraday_over(instrument, at),
        )

    def _standing_without(
        self, order: BookOrder, ticket: Ticket, phase: Phase, at: datetime
    ) -> Standing:
        """As `_standing`, with what an order of the book holds back given free again."""
        on = self._standing(ticket, phase, at)
        if order.ticket.side is Side.SELL and order.ticket.product is Product.CNC:
            return replace(on, sellable=on.sellable + order.remaining)
        on = replace(on, closes=on.closes + self.book.closed_by(order))
        if on.funds is None:
            return on
        opens = order.remaining - self.book.closed_by(order)
        return replace(on, funds=on.funds + (order.ticket.worst or on.ask or ZERO) * opens)

    def free_funds(self) -> Money | None:
        """Rupees not spent and not promised to a working order; None when cash is not checked."""
        if self._funds is None:
            return None
        taken = total(one.amount for one in self.book.charged)
        return self._funds + self.book.moved - self.book.spent - taken - self._blocked()

    def _blocked(self) -> Money:
        """Cash promised to working orders, and what short positions keep until bought back.

        A short position keeps what its sale brought and its worth now as margin.
        """
        kept, spoken = ZERO, Spoken(self.book.intraday)
        for order in self.book.all_open():
            ticket = order.ticket
            opens = spoken.opens(ticket, order.remaining)
            quote = self._quotes.last(ticket.isin)
            ask = quote.ask if quote else ZERO
            kept = kept + (ticket.worst or ask) * opens
        for isin, qty in self.book.intraday.items():
            quote = self._quotes.last(isin)
            if qty < 0 and quote is not None:
                kept = kept + quote.ltp * (-2 * qty)
        return kept

    def _enter(self, ticket: Ticket, *, phase: Phase, at: datetime) -> None:
        order_id = self._next_order_id()
        why_not = why_not_queued if ticket.amo else why_refused
        if reason := why_not(ticket, self._standing(ticket, phase, at)):
            self._emit(Rejected(at, order_id, ticket, reason))
            return
        self._emit(Accepted(at, order_id, ticket))
        self._match_standing(order_id, phase=phase, at=at)

    def _match_standing(self, order_id: str, *, phase: Phase, at: datetime) -> None:
        """Try an order that has just come in or changed against the quote that stands."""
        order = self.book.orders[order_id]
        live = self._quotes.live_prices(order.ticket.isin, at=at)
        trades = phase is Phase.CONTINUOUS and not order.queued
        if live is not None and trades and order.remaining:
            self._match(order, live, at)

    def _why_not_modified(self, order: BookOrder, after: Ticket, phase: Phase, at: datetime) -> str:
        on = self._standing_without(order, after, phase, at)
        if order.triggered:
            on = replace(on, ltp=None)
        rest = replace(after, qty=max(1, after.qty - order.filled))
        return why_not_kept(rest, on) if order.queued else why_refused(rest, on)

    def _why_no_gtt(self, gtt: Gtt, *, was: Gtt | None, active: int) -> str:
        quote = self._quotes.last(gtt.isin)
        ltp = quote.ltp if quote else None
        return why_no_gtt(gtt, was=was, ltp=ltp, active=active, rules=self._rules)

    def _on_phase(self, isin: str, phase: Phase, at: datetime) -> None:
        """End what the phase ends: stops before an auction, everything after the close."""
        if phase in (Phase.PRE_OPEN, Phase.CONTINUOUS):
            return
        if phase is Phase.CLOSING_AUCTION and self._quotes.instrument(isin).has_derivatives:
            self._auctions.add(isin)
            for order in self.book.at_exchange(isin):
                if order.ticket.is_stop or order.ticket.validity is Validity.IOC:
                    reason = "continuous trading ended; the auction takes no such order"
                    self._emit(Cancelled(at, order.order_id, reason))
            return
        if isin in self._auctions:
            self._auctions.discard(isin)
            self._uncross(isin, at)
        for order in self.book.at_exchange(isin):
            self._emit(Expired(at, order.order_id, left_over(order)))

    def _uncross(self, isin: str, at: datetime) -> None:
        """Trade the auction's orders at its one price, the last one traded."""
        known = self._quotes.prices(isin)
        if known is not None:
            for order in self.book.at_exchange(isin):
                self._trade(order, price=known.quote.ltp, band=known.band, at=at)

    def _on_price(self, isin: str, at: datetime) -> None:
        live = self._quotes.live_prices(isin, at=at)
        if live is None:
            return
        for gtt in self.book.resting_gtts(isin):
            leg = leg_reached(gtt, live.quote.ltp)
            if leg is not None:
                self._emit(GttFired(at, gtt.gtt_id, leg, self._next_order_id()))
                child = child_of(gtt, leg, band=live.band, tick=live.tick, rules=self._rules)
                self._enter(child, phase=Phase.CONTINUOUS, at=at)
        for order in self.book.at_exchange(isin):
            self._match(order, live, at)

    def _match(self, order: BookOrder, live: Prices, at: datetime) -> None:
        ticket = order.ticket
        if ticket.is_stop and not order.triggered:
            if not wakes(ticket, live.quote.ltp):
                return
            self._emit(Triggered(at, order.order_id))
        price = live.quote.ask if ticket.side is Side.BUY else live.quote.bid
        self._trade(order, price=price, band=live.band, at=at)
        left = self.book.orders[order.order_id].remaining
        if left and ticket.validity is Validity.IOC:
            self._emit(Cancelled(at, order.order_id, f"IOC: {left} of {ticket.qty} unfilled"))

    def _trade(self, order: BookOrder, *, price: Money, band: PriceBand, at: datetime) -> None:
        ticket = order.ticket
        room = self._quotes.room(ticket.isin, ticket.side)
        struck = deal(ticket, remaining=order.remaining, price=price, room=room, band=band)
        if struck is None:
            return
        qty, price = struck
        self._quotes.use(ticket.isin, ticket.side, qty)
        self._emit(
            Traded(
                at=at,
                order_id=order.order_id,
                trade_id=f"{self._name}-t{self.book.trades_made + 1:06d}",
                isin=ticket.isin,
                symbol=ticket.symbol,
                side=ticket.side,
                qty=qty,
                price=price,
                product=ticket.product,
            )
        )
        if charged := fee_of(order, at=at):
            self._emit(charged)


def broker_day(at: datetime) -> date:
    """The Indian day an order book belongs to; it is wiped at 03:00."""
    return ist_day(at - BOOK_WIPED_AFTER)
