"""The exchange and the broker's back office for one client, without I/O and without a clock.

Each method answers with the events it caused, already folded into `book`. The state that is
not in `book` is the last quote of each share and how much of it is left; both come back with
the next quote, so nothing of value is lost in a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime

from core.domain.action import CorporateAction
from core.domain.calendar import Phase
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.order import Product, Side
from core.domain.quote import Quote
from core.exchange.changes import Changes, changed, why_not_changed
from core.exchange.converting import why_not_converted
from core.exchange.ex_day import going_ex
from core.exchange.squaring import (
    BROKERS_OWN,
    TRADING,
    intraday_shares,
)
from core.exchange.trading_floor import Events, TradingFloor
from core.exchange.values import (
    Cancelled,
    Conversion,
    Converted,
    Credited,
    ExchangeEvent,
    Gtt,
    GttCancelled,
    GttModified,
    GttPlaced,
    Modified,
    MoneyMoved,
    Ticket,
    TurnedDown,
)


class Exchange(TradingFloor):
    """Orders, trades, GTTs and shares of one client; `name` begins every id it gives out.

    `squares_off` says when the broker ends MIS in a share on a day; None leaves it to the client.
    """

    def replay(self, events: Iterable[ExchangeEvent]) -> None:
        """Fold a journal into an exchange that has just been made."""
        for event in events:
            self.book.apply(event)

    # Requests

    def place(self, ticket: Ticket, *, phase: Phase, at: datetime) -> Events:
        """Accept or reject an order and match it against a fresh quote at once."""
        self._quotes.instrument(ticket.isin)
        self._turn_day(at)
        self._enter(ticket, phase=phase, at=at)
        return self._answer()

    def cancel(self, order_id: str, *, at: datetime) -> Events:
        """Take the rest of a working order away, or say why not."""
        order = self.book.orders.get(order_id)
        if order is None:
            return self._refuse(order_id, f"no order {order_id} in today's book", at)
        if not order.remaining:
            return self._refuse(order_id, f"order {order_id} is already {order.status}", at)
        if order.ticket.by_broker:
            return self._refuse(order_id, f"order {order_id} {BROKERS_OWN}", at)
        self._emit(Cancelled(at, order_id, "cancelled by the client"))
        return self._answer()

    def turn_down(self, order_id: str, reason: str, *, at: datetime) -> Events:
        """Reject an order that stands in the book, as an exchange may after the answer."""
        order = self.book.orders.get(order_id)
        if order is None or not order.remaining:
            return self._refuse(order_id, f"no working order {order_id} to turn down", at)
        self._emit(TurnedDown(at, order_id, reason))
        return self._answer()

    def modify(self, order_id: str, asked: Changes, *, phase: Phase, at: datetime) -> Events:
        """Change an open order in place; what is left out stays as it is."""
        order = self.book.orders.get(order_id)
        if order is None or not order.remaining:
            word = f"already {order.status}" if order else "not in today's book"
            return self._refuse(order_id, f"order {order_id} is {word}", at)
        after = changed(order.ticket, asked)
        reason = why_not_changed(order, after, self._rules)
        if reason := reason or self._why_not_modified(order, after, phase, at):
            return self._refuse(order_id, reason, at)
        self._emit(
            Modified(
                at, order_id, after.qty, after.limit, after.trigger, after.order_type,
                after.validity, after.note,
            )
        )  # fmt: skip
        self._match_standing(order_id, phase=phase, at=at)
        return self._answer()

    def convert(self, asked: Conversion, *, phase: Phase, at: datetime) -> Events:
        """Turn shares of the day's position into another product, or say why not."""
        self._turn_day(at)
        on = self._standing_of(asked.isin, Money(1), phase, at)
        if reason := why_not_converted(self.book, asked, on):
            return self._refuse(asked.isin, reason, at)
        self._emit(Converted(at, asked))
        return self._answer()

    def place_gtt(
        self,
        *,
        isin: str,
        side: Side,
        qty: int,
        product: Product,
        stop: Money | None,
        target: Money | None,
        at: datetime,
        stop_limit: Money | None = None,
        target_limit: Money | None = None,
    ) -> Events:
        """Rest a trigger, or a pair where one leg firing ends the other."""
        symbol = self._quotes.instrument(isin).symbol
        self._turn_day(at)
        gtt_id = f"{self._name}-g{self.book.gtts_made + 1:06d}"
        gtt = Gtt(
            gtt_id, isin, symbol, side, qty, product, stop, target, placed_at=at,
            stop_limit=stop_limit, target_limit=target_limit,
        )  # fmt: skip
        active = sum(len(ids) for ids in self.book.resting.values())
        if reason := self._why_no_gtt(gtt, was=None, active=active):
            return self._refuse(gtt_id, reason, at)
        self._emit(GttPlaced(at, gtt))
        return self._answer()

    def modify_gtt(
        self,
        gtt_id: str,
        *,
        qty: int,
        stop: Money | None,
        target: Money | None,
        at: datetime,
        stop_limit: Money | None = None,
        target_limit: Money | None = None,
    ) -> Events:
        """Change a resting trigger in place."""
        gtt = self.book.gtts.get(gtt_id)
        if gtt is None or not gtt.active:
            return self._refuse(gtt_id, f"GTT {gtt_id} is not active and cannot change", at)
        changed = replace(gtt, qty=qty, stop=stop or gtt.stop, target=target or gtt.target)
        if reason := self._why_no_gtt(changed, was=gtt, active=0):
            return self._refuse(gtt_id, reason, at)
        limits = stop_limit or gtt.stop_limit, target_limit or gtt.target_limit
        self._emit(GttModified(at, gtt_id, qty, changed.stop, changed.target, *limits))
        return self._answer()

    def cancel_gtt(self, gtt_id: str, *, at: datetime) -> Events:
        """Take a resting trigger away, or say why not."""
        gtt = self.book.gtts.get(gtt_id)
        if gtt is None or not gtt.active:
            return self._refuse(gtt_id, f"GTT {gtt_id} is not active", at)
        self._emit(GttCancelled(at, gtt_id, "cancelled by the client"))
        return self._answer()

    def credit(self, isin: str, qty: int, *, at: datetime, price: Money | None = None) -> Events:
        """Bring settled shares in from outside, or take them out."""
        self._quotes.instrument(isin)
        self._turn_day(at)
        self._emit(Credited(at, isin, qty, price))
        return self._answer()

    def move_money(self, amount: Money, *, at: datetime) -> Events:
        """Add money, or pay it out where the amount is below ₹0."""
        self._turn_day(at)
        self._emit(MoneyMoved(at, amount))
        return self._answer()

    def go_ex(self, action: CorporateAction, *, base: Money, pays_on: date, at: datetime) -> Events:
        """Let a share go ex: count it anew, close its GTTs, note what a dividend owes."""
        self._quotes.instrument(action.isin)
        self._turn_day(at)
        for event in going_ex(self.book, action, base=base, pays_on=pays_on, at=at):
            self._emit(event)
        return self._answer()

    # The market moves

    def on_quote(self, quote: Quote, phase: Phase, *, at: datetime | None = None) -> Events:
        """Let one quote fire GTTs, wake stops and fill orders; `at` is the quote's unless given.

        The same quote twice gives no second helping of its size, and an older one is ignored.
        """
        at = at or quote.at
        self._turn_day(at)
        if self._quotes.take(quote) and self.book.watches(quote.isin):
            self._on_phase(quote.isin, phase, at)
            if phase is Phase.CONTINUOUS:
                self._on_price(quote.isin, at)
        return self._answer()

    def advance(self, at: datetime, phase_of: Callable[[Instrument], Phase]) -> Events:
        """Let time pass without a price: days turn, auctions end, orders expire, MIS ends."""
        phases = {isin: phase_of(self._quotes.instrument(isin)) for isin in self.book.working}
        self._turn_day(at)
        for isin, phase in phases.items():
            self._on_phase(isin, phase, at)
            self._release(isin, phase, at)
        for isin in intraday_shares(self.book) if self._squares_off else ():
            instrument = self._quotes.instrument(isin)
            if self._intraday_over(instrument, at) and phase_of(instrument) in TRADING:
                self._square_off(instrument, phase=phase_of(instrument), at=at)
        return self._answer()
