"""What a broker's back office remembers of one client, as a fold over exchange events.

The exchange keeps what can still trade; here stand the steps each order went through, what was
paid and which purchases a holding is made of. Quantities of shares are the exchange's to tell.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import date, datetime

from core.domain.money import ZERO, Money
from core.domain.order import OrderStatus, Product, Side
from core.exchange.values import (
    Accepted,
    Cancelled,
    Charged,
    ClosedOut,
    Conversion,
    Converted,
    Credited,
    DayOpened,
    ExchangeEvent,
    Expired,
    Gtt,
    GttCancelled,
    GttFired,
    GttLeg,
    GttModified,
    GttPlaced,
    Modified,
    MoneyMoved,
    Rejected,
    Released,
    TermsChanged,
    Ticket,
    Traded,
    Triggered,
    TurnedDown,
)


@dataclass(frozen=True, slots=True)
class OrderStep:
    """An order after one event, named `cause`; `paid` is the sum of quantity times price.

    A `queued` one waits at the broker for the open.
    """

    order_id: str
    ticket: Ticket
    placed_at: datetime
    at: datetime
    cause: str
    status: OrderStatus
    filled: int = 0
    paid: Money = ZERO
    triggered: bool = False
    modifications: int = 0
    reason: str = ""
    queued: bool = False

    @property
    def remaining(self) -> int:
        """Shares that did not trade, whether they still can or not."""
        return self.ticket.qty - self.filled

    @property
    def is_open(self) -> bool:
        """Whether it still works."""
        return self.status is OrderStatus.OPEN

    @property
    def sleeps(self) -> bool:
        """Whether it waits for its trigger."""
        return self.is_open and self.ticket.is_stop and not self.triggered

    @property
    def waits(self) -> bool:
        """Whether it has not reached the exchange and still can."""
        return self.is_open and self.queued


@dataclass(frozen=True, slots=True)
class GttState:
    """A GTT with the times a client is shown; `leg` is the one that fired."""

    gtt: Gtt
    created_at: datetime
    updated_at: datetime
    leg: GttLeg | None = None
    order_id: str = ""
    cancelled: bool = False

    @property
    def is_active(self) -> bool:
        """Whether it can still fire."""
        return self.leg is None and not self.cancelled


@dataclass(slots=True)
class Lot:
    """Delivery shares of one purchase; `price` is None when nobody said what they cost.

    `bought_on` is None for shares that came from outside.
    """

    qty: int
    price: Money | None
    bought_on: date | None = None


@dataclass(slots=True)
class DayTrades:
    """What was bought and sold in one share and product on the broker's day."""

    bought: int = 0
    paid: Money = ZERO
    sold: int = 0
    got: Money = ZERO

    @property
    def net(self) -> int:
        """Shares bought less shares sold."""
        return self.bought - self.sold


class Record:
    """One client's record; `apply` is the only way in."""

    def __init__(self) -> None:
        self.steps: dict[str, list[OrderStep]] = {}
        self.trades: list[Traded] = []
        self.gtts: dict[str, GttState] = {}
        self.lots: dict[str, deque[Lot]] = {}
        self.positions: dict[tuple[str, Product], DayTrades] = {}
        self.day: date | None = None
        self.spent = ZERO
        self.spent_before_today = ZERO
        self.paid_in = ZERO  # today, as what was paid out
        self.paid_out = ZERO
        self.moved_before_today = ZERO

    def order(self, order_id: str) -> OrderStep | None:
        """An order of the day as it stands."""
        steps = self.steps.get(order_id)
        return steps[-1] if steps else None

    def orders(self) -> list[OrderStep]:
        """Every order of the day as it stands, oldest first."""
        return [steps[-1] for steps in self.steps.values()]

    def average_cost(self, isin: str) -> float:
        """Rupees a share of what was held before today, first in first out; 0 if nobody said."""
        lots = [
            lot
            for lot in self.lots.get(isin, ())
            if lot.price is not None and (lot.bought_on is None or lot.bought_on != self.day)
        ]
        shares = sum(lot.qty for lot in lots)
        paise = sum(lot.qty * lot.price.paise for lot in lots if lot.price is not None)
        return paise / shares / 100 if shares else 0.0

    def sold_today(self, isin: str) -> int:
        """Delivery shares sold on the broker's day."""
        found = self.positions.get((isin, Product.CNC))
        return found.sold if found else 0

    def opening(self, funds: Money) -> Money:
        """Cash as today began, of a client who opened the account with `funds`."""
        return funds + self.moved_before_today - self.spent_before_today

    def apply(self, event: ExchangeEvent) -> OrderStep | None:
        """Take one event in and return the order as it left it, if it concerns one."""
        self._fold(event)
        aside = isinstance(event, (GttFired, Charged))  # they name an order and change none
        order_id = "" if aside else getattr(event, "order_id", "")
        return self.order(order_id)

    def _fold(self, event: ExchangeEvent) -> None:
        """Events that concern no client's screen pass by."""
        match event:
            case Accepted() | Rejected():
                self._enter(event)
            case Triggered():
                self._step(event.order_id, event, triggered=True)
            case Released():
                self._step(event.order_id, event, queued=False)
            case Converted():
                self._convert(event.asked)
            case Traded():
                self._trade(event)
            case Modified():
                self._modify(event)
            case Cancelled():
                self._end(event, OrderStatus.CANCELLED)
            case TurnedDown():
                self._end(event, OrderStatus.REJECTED)
            case Expired():
                self._end(event, OrderStatus.EXPIRED)
            case GttPlaced():
                self.gtts[event.gtt.gtt_id] = GttState(event.gtt, event.at, event.at)
            case GttModified():
                self._modify_gtt(event)
            case GttFired():
                state = self.gtts[event.gtt_id]
                self.gtts[event.gtt_id] = replace(
                    state, leg=event.leg, order_id=event.order_id, updated_at=event.at
                )
            case GttCancelled():
                state = self.gtts[event.gtt_id]
                self.gtts[event.gtt_id] = replace(state, cancelled=True, updated_at=event.at)
            case DayOpened():
                self._open_day(event.day)
            case Credited():
                self._credit(event)
            case TermsChanged():
                self._change_terms(event)
            case Charged():
                self.spent = self.spent + event.amount
            case MoneyMoved() if event.amount > ZERO:
                self.paid_in = self.paid_in + event.amount
            case MoneyMoved():
                self.paid_out = self.paid_out - event.amount
            case ClosedOut():
                self.spent = self.spent + event.price * event.qty
            case _:
                pass

    def _enter(self, event: Accepted | Rejected) -> None:
        rejected = isinstance(event, Rejected)
        step = OrderStep(
            order_id=event.order_id,
            ticket=event.ticket,
            placed_at=event.at,
            at=event.at,
            cause=type(event).__name__,
            status=OrderStatus.REJECTED if rejected else OrderStatus.OPEN,
            reason=event.reason if isinstance(event, Rejected) else "",
            queued=event.ticket.amo and not rejected,
        )
        self.steps[event.order_id] = [step]

    def _step(self, order_id: str, event: ExchangeEvent, **changes: object) -> None:
        steps = self.steps[order_id]
        changed: dict[str, object] = {"at": event.at, "cause": type(event).__name__, **changes}
        steps.append(replace(steps[-1], **changed))  # type: ignore[arg-type]

    def _end(self, event: Cancelled | TurnedDown | Expired, status: OrderStatus) -> None:
        self._step(event.order_id, event, status=status, reason=event.reason)

    def _modify(self, event: Modified) -> None:
        last = self.steps[event.order_id][-1]
        ticket = event.of(last.ticket)
        done = OrderStatus.FILLED if event.qty == last.filled else OrderStatus.OPEN
        self._step(
            event.order_id, event, ticket=ticket, status=done, modifications=last.modifications + 1
        )

    def _trade(self, event: Traded) -> None:
        last = self.steps[event.order_id][-1]
        filled = last.filled + event.qty
        done = OrderStatus.FILLED if filled == last.ticket.qty else OrderStatus.OPEN
        cost = event.price * event.qty
        self._step(event.order_id, event, filled=filled, paid=last.paid + cost, status=done)
        self.trades.append(event)
        self.spent = self.spent + cost * event.side.sign
        position = self.positions.setdefault((event.isin, event.product), DayTrades())
        if event.side is Side.BUY:
            position.bought, position.paid = position.bought + event.qty, position.paid + cost
        else:
            position.sold, position.got = position.sold + event.qty, position.got + cost
        if event.product is Product.CNC:
            signed = event.qty * event.side.sign
            self._move_lots(event.isin, signed, event.price, bought_on=self.day)

    def _convert(self, asked: Conversion) -> None:
        """Move shares of the day's position between products at the average they stand at."""
        old = self.positions[asked.isin, asked.old]
        new = self.positions.setdefault((asked.isin, asked.new), DayTrades())
        buys = asked.side is Side.BUY
        shares, value = (old.bought, old.paid) if buys else (old.sold, old.got)
        moved = Money(value.paise * asked.qty // shares)
        for one, sign in ((old, -1), (new, 1)):
            if buys:
                one.bought, one.paid = one.bought + sign * asked.qty, one.paid + moved * sign
            else:
                one.sold, one.got = one.sold + sign * asked.qty, one.got + moved * sign
        price = Money(moved.paise // asked.qty)
        if buys and asked.new is Product.CNC:
            self._move_lots(asked.isin, asked.qty, price, bought_on=self.day)
        elif buys:
            self._take_newest(asked.isin, asked.qty)
        elif asked.new is Product.CNC:
            self._move_lots(asked.isin, -asked.qty, None)
        else:  # sold from what was held, which comes back at the cost of the rest
            cost = round(self.average_cost(asked.isin) * 100)
            back = Lot(asked.qty, Money(cost) if cost else None)
            self.lots.setdefault(asked.isin, deque()).appendleft(back)

    def _take_newest(self, isin: str, qty: int) -> None:
        """Take shares from the newest purchases."""
        lots = self.lots[isin]
        left = qty
        while left and lots:
            taken = min(left, lots[-1].qty)
            lots[-1].qty -= taken
            left -= taken
            if not lots[-1].qty:
                lots.pop()

    def _credit(self, event: Credited) -> None:
        self._move_lots(event.isin, event.qty, event.price)

    def _move_lots(
        self, isin: str, qty: int, price: Money | None, *, bought_on: date | None = None
    ) -> None:
        """Add a purchase, or take a sale from the oldest ones."""
        lots = self.lots.setdefault(isin, deque())
        if qty > 0:
            lots.append(Lot(qty, price, bought_on))
            return
        left = -qty
        while left and lots:
            taken = min(left, lots[0].qty)
            lots[0].qty -= taken
            left -= taken
            if not lots[0].qty:
                lots.popleft()

    def _change_terms(self, event: TermsChanged) -> None:
        """Count older purchases anew at the cost they had; a fraction leaves with its cash."""
        for lot in self.lots.get(event.isin, ()):
            if lot.bought_on is not None and lot.bought_on == self.day:
                continue  # bought in new terms already
            counted = lot.qty * event.new // event.old
            if lot.price is not None and counted:
                lot.price = Money(round(lot.price.paise * lot.qty / counted))
            lot.qty = counted

    def _modify_gtt(self, event: GttModified) -> None:
        state = self.gtts[event.gtt_id]
        gtt = state.gtt
        changed = replace(
            gtt,
            qty=event.qty,
            stop=event.stop or gtt.stop,
            target=event.target or gtt.target,
            stop_limit=event.stop_limit or gtt.stop_limit,
            target_limit=event.target_limit or gtt.target_limit,
        )
        self.gtts[event.gtt_id] = replace(state, gtt=changed, updated_at=event.at)

    def _open_day(self, day: date) -> None:
        for (isin, product), one in self.positions.items():
            if product is Product.MIS and one.net:  # not squared off: it becomes delivery
                price = Money(one.paid.paise // one.bought) if one.net > 0 else None
                self._move_lots(isin, one.net, price, bought_on=self.day)
        self.steps = {name: steps for name, steps in self.steps.items() if steps[-1].waits}
        self.trades, self.positions = [], {}
        self.spent_before_today = self.spent
        self.moved_before_today = self.moved_before_today + self.paid_in - self.paid_out
        self.paid_in, self.paid_out = ZERO, ZERO
        self.day = day
