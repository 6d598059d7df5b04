"""A broker over the embedded exchange, for the simulated market, replay and backtest alike.

What was answered is on disk: each call commits its events before it returns, and a restart
folds the journal back. A tag already used is accepted again, as real brokers do; sending once
is the desk's duty.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from threading import RLock

from core.brokers.journal import Journal
from core.brokers.paper_words import fill_of, ticket_of, told
from core.domain.action import CorporateAction
from core.domain.calendar import Phase
from core.domain.clock import Clock
from core.domain.instrument import Instrument
from core.domain.money import ZERO, Money
from core.domain.order import (
    Fill,
    Order,
    OrderType,
    Product,
    Side,
    Validity,
)
from core.domain.ports import BrokerOrder, GttOrder
from core.domain.quote import Quote
from core.domain.square_off import SquaresOff
from core.domain.words import rupees
from core.errors import BrokerRefused, OutcomeUnknown
from core.exchange.changes import Changes
from core.exchange.engine import Exchange
from core.exchange.rules import Rules
from core.exchange.trading_floor import Events
from core.exchange.values import (
    Accepted,
    Charged,
    Conversion,
    ExchangeEvent,
    GttPlaced,
    PaidOut,
    Rejected,
    RequestRefused,
    Ticket,
)

PhaseOf = Callable[[Instrument, datetime], Phase]
Heard = Callable[[Sequence[ExchangeEvent]], None]


class PaperBroker:
    """A BrokerSession for one login; safe for two threads by one lock.

    `journal` is a file of its own, or ":memory:" for replay and backtest. `funds` None leaves
    cash to the desk's books. `heard` is told of every event once it is on disk, under the lock.
    `squares_off` says when MIS ends in a share on a day; None leaves that to the client.
    """

    def __init__(
        self,
        journal: Path | str,
        *,
        login_id: str,
        instruments: Mapping[str, Instrument],
        clock: Clock,
        phase_of: PhaseOf,
        rules: Rules | None = None,
        funds: Money | None = None,
        heard: Heard | None = None,
        squares_off: SquaresOff | None = None,
    ) -> None:
        self.login_id = login_id
        self._instruments = instruments
        self._clock = clock
        self._phase_of = phase_of
        self._rules = rules or Rules()
        self._funds = funds
        self._heard = heard
        self._squares_off = squares_off
        self._lock = RLock()
        self._journal = Journal(journal, login_id=login_id)
        self._exchange = self._rebuilt()

    # Reads

    def orders(self) -> Sequence[BrokerOrder]:
        """Every order of the broker's day, rejected ones too."""
        with self._at_now():
            return [told(order) for order in self._exchange.book.orders.values()]

    def trades(self) -> Sequence[Fill]:
        """Every trade of the broker's day; the account is the desk's to know and left empty."""
        with self._at_now():
            return [fill_of(trade, self._instruments) for trade in self._exchange.book.trades]

    def gtts(self) -> Sequence[GttOrder]:
        """Active GTTs and those closed in the last days."""
        with self._at_now():
            return [
                GttOrder(
                    gtt_id=gtt.gtt_id,
                    symbol=gtt.symbol,
                    isin=gtt.isin,
                    side=gtt.side,
                    qty=gtt.qty,
                    stop=gtt.stop or ZERO,
                    target=gtt.target or ZERO,
                    product=gtt.product,
                    active=gtt.active,
                    fired_order_id=gtt.fired_order_id,
                    reason=gtt.reason,
                )
                for gtt in self._exchange.book.lately(days=self._rules.gtt_days_shown)
            ]

    def holdings(self) -> dict[str, int]:
        """Net shares by ISIN, unsettled ones included."""
        with self._at_now():
            return self._exchange.book.holdings()

    def settled(self) -> dict[str, int]:
        """Shares by ISIN that are in the demat account; T+1 purchases are not."""
        with self._at_now():
            return {isin: qty for isin, qty in self._exchange.book.settled.items() if qty}

    def unsettled(self) -> dict[str, dict[date, int]]:
        """Delivery shares by ISIN and the day they were bought, while they are on their way."""
        with self._at_now():
            return {isin: dict(lots) for isin, lots in self._exchange.book.unsettled.items()}

    def free_funds(self) -> Money | None:
        """Rupees neither spent nor promised to a working order; None when cash is not checked."""
        with self._at_now():
            return self._exchange.free_funds()

    def past(self) -> list[ExchangeEvent]:
        """Every event since the journal began, oldest first."""
        with self._lock:
            return list(self._journal.events())

    # Writes

    def place(self, order: Order) -> str:
        """Send one order; BrokerRefused carries the exchange's reason."""
        if order.login_id != self.login_id:
            raise BrokerRefused(
                f"{order.symbol}: order {order.id} is for login {order.login_id} and this session "
                f"is {self.login_id}"
            )
        return self.place_ticket(ticket_of(order))

    def place_ticket(self, ticket: Ticket) -> str:
        """Send one ticket as it stands; BrokerRefused carries the exchange's reason."""
        with self._at_now() as at:
            phase = self._phase(ticket.isin, at)
            events = self._kept(self._exchange.place(ticket, phase=phase, at=at))
            entry = next(event for event in events if isinstance(event, (Accepted, Rejected)))
            if isinstance(entry, Rejected):
                raise BrokerRefused(entry.reason)
            return entry.order_id

    def cancel(self, broker_order_id: str) -> None:
        """Cancel the rest of an order; BrokerRefused when there is none to cancel."""
        with self._at_now() as at:
            self._done(self._exchange.cancel(broker_order_id, at=at))

    def turn_down(self, broker_order_id: str, reason: str) -> None:
        """Let the exchange reject an order after it was accepted."""
        with self._at_now() as at:
            self._done(self._exchange.turn_down(broker_order_id, reason, at=at))

    def modify(
        self,
        broker_order_id: str,
        *,
        qty: int | None = None,
        limit: Money | None = None,
        trigger: Money | None = None,
        order_type: OrderType | None = None,
        validity: Validity | None = None,
        note: str | None = None,
    ) -> None:
        """Change an open order in place; what is left out stays.

        A type without a limit or a trigger drops it; `note` replaces the broker's own.
        """
        asked = Changes(qty, limit, trigger, order_type, validity, note)
        with self._at_now() as at:
            order = self._exchange.book.orders.get(broker_order_id)
            phase = self._phase(order.ticket.isin, at) if order else Phase.CLOSED
            self._done(self._exchange.modify(broker_order_id, asked, phase=phase, at=at))

    def convert(self, asked: Conversion) -> None:
        """Turn shares of the day's position into another product; BrokerRefused says why not."""
        with self._at_now() as at:
            phase = self._phase(asked.isin, at)
            self._done(self._exchange.convert(asked, phase=phase, at=at))

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
        stop_limit: Money | None = None,
        target_limit: Money | None = None,
    ) -> str:
        """Rest a stop, a target or a pair; whether the shares are there is checked at firing."""
        with self._at_now() as at:
            events = self._done(
                self._exchange.place_gtt(
                    isin=isin,
                    side=side,
                    qty=qty,
                    product=product,
                    stop=stop,
                    target=target,
                    stop_limit=stop_limit,
                    target_limit=target_limit,
                    at=at,
                )
            )
            return next(event.gtt.gtt_id for event in events if isinstance(event, GttPlaced))

    def modify_gtt(
        self,
        gtt_id: str,
        *,
        qty: int,
        stop: Money | None,
        target: Money | None,
        stop_limit: Money | None = None,
        target_limit: Money | None = None,
    ) -> None:
        """Change a resting trigger or pair in place."""
        with self._at_now() as at:
            self._done(
                self._exchange.modify_gtt(
                    gtt_id,
                    qty=qty,
                    stop=stop,
                    target=target,
                    stop_limit=stop_limit,
                    target_limit=target_limit,
                    at=at,
                )
            )

    def cancel_gtt(self, gtt_id: str) -> None:
        """Take a resting pair away."""
        with self._at_now() as at:
            self._done(self._exchange.cancel_gtt(gtt_id, at=at))

    # The market's side

    def on_quotes(self, quotes: Sequence[Quote]) -> Sequence[ExchangeEvent]:
        """Let new prices fill, fire and expire; returns what happened, already on disk."""
        with self._lock:
            at = self._clock.now()
            listed = [quote for quote in quotes if quote.isin in self._instruments]
            # phases first: a date outside the calendar stops here, before anything has moved
            phases = {
                quote.isin: self._phase(quote.isin, at)
                for quote in listed
                if self._exchange.book.watches(quote.isin)
            }
            events = list(self._advanced(at))
            for quote in listed:
                phase = phases.get(quote.isin, Phase.CLOSED)
                events += self._exchange.on_quote(quote, phase, at=at)
            return self._kept(tuple(events))

    def credit(self, isin: str, qty: int, *, price: Money | None = None) -> None:
        """Bring settled shares in from outside, as a transfer between demat accounts does."""
        with self._at_now() as at:
            self._kept(self._exchange.credit(isin, qty, at=at, price=price))

    def move_money(self, amount: Money) -> None:
        """Add money from the bank, or pay it out where the amount is below ₹0.

        Raises:
            BrokerRefused: more is to be paid out than is free.
        """
        with self._at_now() as at:
            free = self._exchange.free_funds()
            if free is not None and free + amount < ZERO and amount < ZERO:
                raise BrokerRefused(
                    f"{self.login_id}: {rupees(-amount)} cannot be paid out, {rupees(free)} is free"
                )
            self._kept(self._exchange.move_money(amount, at=at))

    def go_ex(self, action: CorporateAction, *, base: Money, pays_on: date) -> None:
        """Let a share go ex for this client; a second call for the same action changes nothing.

        Args:
            base: last close in new terms, at which a fraction of a share is paid.
            pays_on: when a dividend is paid.
        """
        with self._at_now() as at:
            self._kept(self._exchange.go_ex(action, base=base, pays_on=pays_on, at=at))

    def payments(self) -> Sequence[PaidOut]:
        """Money of dividends and fractions that reached this client, oldest first."""
        with self._at_now():
            return tuple(self._exchange.book.paid)

    def charged(self) -> Sequence[Charged]:
        """What the broker took for orders it sent itself, oldest first."""
        with self._at_now():
            return tuple(self._exchange.book.charged)

    def save_clock(self, at: datetime) -> None:
        """Keep the market's time, so that a simulated market sleeps while its worker is down."""
        with self._lock:
            self._journal.save_clock(at)

    def saved_clock(self) -> datetime | None:
        """The market's time when it was last kept."""
        with self._lock:
            return self._journal.saved_clock()

    def close(self) -> None:
        """Close the journal."""
        with self._lock:
            self._journal.close()

    # Inside

    def _rebuilt(self) -> Exchange:
        exchange = Exchange(
            self._instruments,
            name=self.login_id,
            rules=self._rules,
            funds=self._funds,
            squares_off=self._squares_off,
        )
        exchange.replay(self._journal.events())
        return exchange

    @contextmanager
    def _at_now(self) -> Iterator[datetime]:
        """The lock, with the exchange brought to the present and that kept."""
        with self._lock:
            at = self._clock.now()
            self._kept(self._advanced(at))
            yield at

    def _advanced(self, at: datetime) -> Events:
        return self._exchange.advance(at, lambda instrument: self._phase_of(instrument, at))

    def _phase(self, isin: str, at: datetime) -> Phase:
        instrument = self._instruments.get(isin)
        if instrument is None:
            raise BrokerRefused(f"{isin} is not listed on this exchange; check the ISIN")
        return self._phase_of(instrument, at)

    def _kept(self, events: Events) -> Events:
        """Commit events before anybody hears of them.

        When the file cannot be written the exchange goes back to what the file says.
        """
        try:
            self._journal.append(events)
        except sqlite3.Error as error:
            self._exchange = self._rebuilt()
            raise OutcomeUnknown(
                f"paper login {self.login_id} could not write its journal ({error}); "
                "look the order up before doing anything else"
            ) from error
        if events and self._heard is not None:
            self._heard(events)
        return events

    def _done(self, events: Events) -> Events:
        kept = self._kept(events)
        for event in kept:
            if isinstance(event, RequestRefused):
                raise BrokerRefused(event.reason)
        return kept
