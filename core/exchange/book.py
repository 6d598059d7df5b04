"""The state of one client at the exchange, as a fold over events.

`apply` is the only way in. What is finished stays as it is: an event for a finished order is a
fault in the journal and raises IllegalTransition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from core.domain.money import ZERO, Money
from core.domain.order import OrderStatus, Product, Side
from core.errors import IllegalTransition
from core.exchange.values import (
    Accepted,
    BookOrder,
    Cancelled,
    Charged,
    ClosedOut,
    Conversion,
    Converted,
    Credited,
    DayOpened,
    Entitled,
    ExchangeEvent,
    Expired,
    Gtt,
    GttCancelled,
    GttFired,
    GttModified,
    GttPlaced,
    Modified,
    MoneyMoved,
    PaidOut,
    Rejected,
    Released,
    RequestRefused,
    TermsChanged,
    Ticket,
    Traded,
    Triggered,
    TurnedDown,
)


@dataclass(slots=True)
class Book:
    """Orders and trades of the day, GTTs, shares, and the counters that name new ones.

    `spent` is net cash paid for shares since the beginning, charges apart; `charged` is what the
    broker took for orders it sent itself, `moved` what was added less what was paid out. `gone_ex`
    are the actions that reached these shares, `owed` dividends to come and `paid` what came.
    `today` is the day's net trade by share and product, conversions included.
    """

    orders: dict[str, BookOrder] = field(default_factory=dict)
    trades: list[Traded] = field(default_factory=list)
    gtts: dict[str, Gtt] = field(default_factory=dict)
    working: dict[str, list[str]] = field(default_factory=dict)
    resting: dict[str, list[str]] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    unsettled: dict[str, dict[date, int]] = field(default_factory=dict)
    intraday: dict[str, int] = field(default_factory=dict)
    today: dict[tuple[str, Product], int] = field(default_factory=dict)
    day: date | None = None
    gone_ex: set[str] = field(default_factory=set)
    owed: dict[str, Entitled] = field(default_factory=dict)
    paid: list[PaidOut] = field(default_factory=list)
    spent: Money = ZERO
    moved: Money = ZERO
    charged: list[Charged] = field(default_factory=list)
    orders_made: int = 0
    trades_made: int = 0
    gtts_made: int = 0

    def watches(self, isin: str) -> bool:
        """Whether anything of the client's could react to a price of this share."""
        return isin in self.working or isin in self.resting

    def open_orders(self, isin: str) -> list[BookOrder]:
        """Working orders of one share, oldest first."""
        return [self.orders[order_id] for order_id in self.working.get(isin, ())]

    def undelivered(self) -> dict[str, int]:
        """Shares sold short today that neither a purchase nor the demat account covers."""
        short = {isin: -(self.delivery(isin) + qty) for isin, qty in self.intraday.items()}
        return {isin: qty for isin, qty in short.items() if qty > 0 and self.intraday[isin] < 0}

    def at_exchange(self, isin: str) -> list[BookOrder]:
        """Working orders of one share that the exchange has, oldest first."""
        return [order for order in self.open_orders(isin) if not order.queued]

    def resting_gtts(self, isin: str) -> list[Gtt]:
        """Active GTTs of one share, oldest first."""
        return [self.gtts[gtt_id] for gtt_id in self.resting.get(isin, ())]

    def all_open(self) -> Iterator[BookOrder]:
        """Working orders of every share."""
        for isin in list(self.working):
            yield from self.open_orders(isin)

    def delivery(self, isin: str) -> int:
        """CNC shares held, today's purchases included."""
        return self.settled.get(isin, 0) + sum(self.unsettled.get(isin, {}).values())

    def sellable(self, isin: str) -> int:
        """CNC shares that no working sell order has spoken for."""
        promised = sum(
            order.remaining
            for order in self.open_orders(isin)
            if order.ticket.side is Side.SELL and order.ticket.product is Product.CNC
        )
        return self.delivery(isin) - promised

    def closable(self, ticket: Ticket) -> int:
        """MIS shares that an order of this share and side would only close, not spoken for."""
        spoken = Spoken(self.intraday)
        for order in self.open_orders(ticket.isin):
            spoken.opens(order.ticket, order.remaining)
        return spoken.left(ticket)

    def closed_by(self, asked: BookOrder) -> int:
        """MIS shares that one working order only closes, those before it served first."""
        spoken = Spoken(self.intraday)
        for order in self.open_orders(asked.ticket.isin):
            opens = spoken.opens(order.ticket, order.remaining)
            if order.order_id == asked.order_id:
                return order.remaining - opens
        return 0

    def holdings(self) -> dict[str, int]:
        """Net shares by ISIN, unsettled and intraday ones included; no zeros."""
        isins = sorted({*self.settled, *self.unsettled, *self.intraday})
        net = {isin: self.delivery(isin) + self.intraday.get(isin, 0) for isin in isins}
        return {isin: qty for isin, qty in net.items() if qty}

    def apply(self, event: ExchangeEvent) -> None:
        """Take one event into the state."""
        match event:
            case Accepted() | Rejected():
                self._enter(event)
            case Triggered():
                self._change(event.order_id, triggered=True)
            case Traded():
                self._trade(event)
            case Modified():
                self._modify(event)
            case Cancelled():
                self._finish(event.order_id, OrderStatus.CANCELLED, event.reason)
            case TurnedDown():
                self._finish(event.order_id, OrderStatus.REJECTED, event.reason)
            case Expired():
                self._finish(event.order_id, OrderStatus.EXPIRED, event.reason)
            case GttPlaced():
                self.gtts_made += 1
                self.gtts[event.gtt.gtt_id] = event.gtt
                self.resting.setdefault(event.gtt.isin, []).append(event.gtt.gtt_id)
            case GttModified():
                self._modify_gtt(event)
            case GttFired():
                self._close_gtt(event, order_id=event.order_id, reason=f"{event.leg} reached")
            case GttCancelled():
                self._close_gtt(event, order_id="", reason=event.reason)
            case DayOpened():
                self._open_day(event.day)
            case Credited():
                self.settled[event.isin] = self.settled.get(event.isin, 0) + event.qty
            case TermsChanged():
                self._change_terms(event)
            case Entitled():
                self.gone_ex.add(event.action_id)
                self.owed[event.action_id] = event
            case PaidOut():
                self.owed.pop(event.action_id, None)
                self.paid.append(event)
            case MoneyMoved():
                self.moved = self.moved + event.amount
            case ClosedOut():
                self.settled[event.isin] = self.settled.get(event.isin, 0) + event.qty
                self.spent = self.spent + event.price * event.qty
            case Released():
                self.orders[event.order_id] = replace(self._open(event.order_id), queued=False)
            case Converted():
                self._convert(event.asked)
            case Charged():
                self.charged.append(event)
            case RequestRefused():
                pass

    def _enter(self, event: Accepted | Rejected) -> None:
        self.orders_made += 1
        rejected = isinstance(event, Rejected)
        self.orders[event.order_id] = BookOrder(
            order_id=event.order_id,
            ticket=event.ticket,
            placed_at=event.at,
            status=OrderStatus.REJECTED if rejected else OrderStatus.OPEN,
            reason=event.reason if isinstance(event, Rejected) else "",
            queued=event.ticket.amo and not rejected,
        )
        if not rejected:
            self.working.setdefault(event.ticket.isin, []).append(event.order_id)
        elif event.ticket.gtt_id:
            gtt = self.gtts[event.ticket.gtt_id]
            self.gtts[gtt.gtt_id] = replace(gtt, reason=self.orders[event.order_id].reason)

    def _open(self, order_id: str) -> BookOrder:
        order = self.orders[order_id]
        if order.status is not OrderStatus.OPEN:
            raise IllegalTransition(
                f"exchange order {order_id} is {order.status} and takes no further event"
            )
        return order

    def _change(self, order_id: str, *, triggered: bool) -> None:
        self.orders[order_id] = replace(self._open(order_id), triggered=triggered)

    def _modify(self, event: Modified) -> None:
        order = self._open(event.order_id)
        self.orders[event.order_id] = replace(
            order,
            ticket=event.of(order.ticket),
            modifications=order.modifications + 1,
        )
        if event.qty == order.filled:
            self._finish(event.order_id, OrderStatus.FILLED, "")

    def _finish(self, order_id: str, status: OrderStatus, reason: str) -> None:
        order = self._open(order_id)
        self.orders[order_id] = replace(order, status=status, reason=reason)
        _take(self.working, order.ticket.isin, order_id)

    def _trade(self, event: Traded) -> None:
        order = self._open(event.order_id)
        if event.qty > order.remaining:
            raise IllegalTransition(
                f"trade {event.trade_id} of {event.qty} is over the {order.remaining} shares "
                f"left of order {event.order_id}"
            )
        self.trades_made += 1
        self.trades.append(event)
        self.orders[event.order_id] = replace(order, filled=order.filled + event.qty)
        if event.qty == order.remaining:
            self._finish(event.order_id, OrderStatus.FILLED, "")
        self.spent = self.spent + event.price * (event.qty * event.side.sign)
        signed = event.qty * event.side.sign
        self._count(event.isin, event.product, signed)
        if event.product is Product.MIS:
            self.intraday[event.isin] = self.intraday.get(event.isin, 0) + signed
        elif event.side is Side.BUY:
            self._bought(event.isin, event.qty, on=self.day or event.at.date())
        else:
            self._deliver(event.isin, event.qty)

    def _count(self, isin: str, product: Product, signed: int) -> None:
        self.today[isin, product] = self.today.get((isin, product), 0) + signed

    def _bought(self, isin: str, qty: int, *, on: date) -> None:
        """Add to a day's purchase for delivery, or take from it."""
        lots = self.unsettled.setdefault(isin, {})
        lots[on] = lots.get(on, 0) + qty

    def _convert(self, asked: Conversion) -> None:
        """Move shares of the day's position from one product into another."""
        day = self.day or date.min
        signed = asked.qty * asked.side.sign
        for product, moved in ((asked.old, -signed), (asked.new, signed)):
            self._count(asked.isin, product, moved)
            if product is Product.MIS:
                self.intraday[asked.isin] = self.intraday.get(asked.isin, 0) + moved
            elif asked.side is Side.BUY:
                self._bought(asked.isin, moved, on=day)
            elif moved < 0:
                self._deliver(asked.isin, -moved)
            else:
                self.settled[asked.isin] = self.settled.get(asked.isin, 0) + moved

    def _deliver(self, isin: str, qty: int) -> None:
        """Take sold shares from the settled ones first, then from the oldest purchase."""
        from_settled = min(qty, max(0, self.settled.get(isin, 0)))
        self.settled[isin] = self.settled.get(isin, 0) - from_settled
        left = qty - from_settled
        lots = self.unsettled.get(isin, {})
        for bought_on in sorted(lots):
            taken = min(left, lots[bought_on])
            lots[bought_on] -= taken
            left -= taken
        if left:
            raise IllegalTransition(
                f"{isin}: {qty} shares were sold for delivery, {left} more than held"
            )

    def _open_day(self, day: date) -> None:
        """Wipe the order book and settle: a purchase is delivered on the day after its own."""
        self.orders = {key: order for key, order in self.orders.items() if order.remaining}
        self.trades = []
        for isin, lots in self.unsettled.items():
            for bought_on in [d for d in lots if self.day is not None and d < self.day]:
                self.settled[isin] = self.settled.get(isin, 0) + lots.pop(bought_on)
        self.unsettled = {isin: lots for isin, lots in self.unsettled.items() if lots}
        for isin, qty in self.intraday.items():  # what was not squared off becomes delivery
            self.settled[isin] = self.settled.get(isin, 0) + qty
        self.intraday, self.today = {}, {}
        self.settled = {isin: qty for isin, qty in self.settled.items() if qty}
        self.day = day

    def _change_terms(self, event: TermsChanged) -> None:
        """Count the shares anew: each day's purchase rounded down, the rest among the settled.

        What was bought on the ex-date itself is in new terms already.
        """
        self.gone_ex.add(event.action_id)
        if event.qty_before == 0:
            return
        lots = self.unsettled.get(event.isin, {})
        older = [bought_on for bought_on in lots if bought_on != self.day]
        for bought_on in older:
            lots[bought_on] = lots[bought_on] * event.new // event.old
        self.settled[event.isin] = event.qty - sum(lots[bought_on] for bought_on in older)

    def _modify_gtt(self, event: GttModified) -> None:
        gtt = self.gtts[event.gtt_id]
        self.gtts[event.gtt_id] = replace(
            gtt,
            qty=event.qty,
            stop=event.stop or gtt.stop,
            target=event.target or gtt.target,
            stop_limit=event.stop_limit or gtt.stop_limit,
            target_limit=event.target_limit or gtt.target_limit,
        )

    def _close_gtt(self, event: GttFired | GttCancelled, *, order_id: str, reason: str) -> None:
        gtt = self.gtts[event.gtt_id]
        if not gtt.active:
            raise IllegalTransition(f"GTT {event.gtt_id} is closed and takes no further event")
        self.gtts[event.gtt_id] = replace(
            gtt, active=False, fired_order_id=order_id, closed_at=event.at, reason=reason
        )
        _take(self.resting, gtt.isin, event.gtt_id)

    def lately(self, *, days: int) -> list[Gtt]:
        """Active GTTs and those closed within `days` of the broker's day."""
        if self.day is None:
            return list(self.gtts.values())
        since = self.day - timedelta(days=days)
        return [
            gtt
            for gtt in self.gtts.values()
            if gtt.closed_at is None or gtt.closed_at.date() >= since
        ]


class Spoken:
    """Open intraday positions, less what orders already asked about would close of them."""

    def __init__(self, intraday: Mapping[str, int]) -> None:
        self._intraday = intraday
        self._used: dict[tuple[str, Side], int] = {}

    def left(self, ticket: Ticket) -> int:
        """Shares that a ticket's side can still close; 0 for delivery."""
        if ticket.product is not Product.MIS:
            return 0
        open_qty = max(0, -self._intraday.get(ticket.isin, 0) * ticket.side.sign)
        return max(0, open_qty - self._used.get((ticket.isin, ticket.side), 0))

    def opens(self, ticket: Ticket, qty: int) -> int:
        """Shares of an order that need cash; what it closes is spoken for from now on."""
        if ticket.product is not Product.MIS:
            return qty if ticket.side is Side.BUY else 0
        closes = min(qty, self.left(ticket))
        key = (ticket.isin, ticket.side)
        self._used[key] = self._used.get(key, 0) + closes
        return qty - closes


def _take(lists: dict[str, list[str]], isin: str, name: str) -> None:
    """Drop a name from the list of one share, and the list with its last name."""
    lists[isin].remove(name)
    if not lists[isin]:
        del lists[isin]
