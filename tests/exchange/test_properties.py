"""Whatever is asked of the exchange, these hold: found by Hypothesis over long sequences."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.domain.calendar import Phase
from core.domain.instrument import price_band, tick_for
from core.domain.money import Money
from core.domain.order import OrderStatus, OrderType, Product, Side, Validity
from core.exchange.changes import Changes
from core.exchange.engine import Exchange
from core.exchange.values import Accepted, Modified, Ticket, Traded
from tests.made import LISTED, MIDCO, T0, quote, rs

PREV = rs("500")
TICK = tick_for(PREV)
BAND = price_band(MIDCO, prev_close=PREV, tick=TICK)
PHASES = [Phase.CONTINUOUS] * 8 + [Phase.PRE_OPEN, Phase.CLOSED]
PRICES = st.integers(44_000 // 5, 56_000 // 5).map(lambda ticks: Money(ticks * 5))
ORDER_IDS = st.integers(1, 25).map(lambda n: f"x-{n:06d}")
GTT_IDS = st.integers(1, 8).map(lambda n: f"x-g{n:06d}")


class AnyDay(RuleBasedStateMachine):
    """One client, one share, random requests and prices; `seen` is the journal."""

    def __init__(self) -> None:
        super().__init__()
        self.at = T0
        self.phase = Phase.CONTINUOUS
        self.market = Exchange(LISTED, name="x")
        self.seen: list[object] = []
        self.finished: dict[str, OrderStatus] = {}

    def keep(self, events) -> None:
        self.seen += events

    @rule(
        side=st.sampled_from(Side),
        qty=st.integers(1, 300),
        kind=st.sampled_from(OrderType),
        limit=PRICES,
        trigger=PRICES,
        validity=st.sampled_from(Validity),
    )
    def place(self, side, qty, kind, limit, trigger, validity) -> None:
        asked = Ticket(
            tag="T",
            isin=MIDCO.isin,
            symbol=MIDCO.symbol,
            side=side,
            qty=qty,
            order_type=kind,
            product=Product.CNC,
            validity=validity,
            limit=limit if kind in (OrderType.LIMIT, OrderType.SL) else None,
            trigger=trigger if kind in (OrderType.SL, OrderType.SL_M) else None,
        )
        self.keep(self.market.place(asked, phase=self.phase, at=self.at))

    @rule(order_id=ORDER_IDS)
    def cancel(self, order_id) -> None:
        self.keep(self.market.cancel(order_id, at=self.at))

    @rule(order_id=ORDER_IDS, qty=st.integers(1, 300), limit=PRICES)
    def modify(self, order_id, qty, limit) -> None:
        self.keep(self.market.modify(order_id, Changes(qty, limit), phase=self.phase, at=self.at))

    @rule(qty=st.integers(1, 300), stop=PRICES, goal=PRICES, side=st.sampled_from(Side))
    def rest(self, qty, stop, goal, side) -> None:
        self.keep(
            self.market.place_gtt(
                isin=MIDCO.isin,
                side=side,
                qty=qty,
                product=Product.CNC,
                stop=stop,
                target=goal,
                at=self.at,
            )
        )

    @rule(gtt_id=GTT_IDS)
    def cancel_gtt(self, gtt_id) -> None:
        self.keep(self.market.cancel_gtt(gtt_id, at=self.at))

    @rule(ltp=PRICES, bid_qty=st.integers(0, 900), ask_qty=st.integers(0, 900))
    def quote(self, ltp, bid_qty, ask_qty) -> None:
        self.at += timedelta(seconds=1)
        price = quote("500", bid_qty=bid_qty, ask_qty=ask_qty)
        moved = replace(
            price, ltp=ltp, bid=ltp - TICK, ask=ltp + TICK, at=self.at, received_at=self.at
        )
        self.keep(self.market.on_quote(moved, self.phase))

    @rule(phase=st.sampled_from(PHASES))
    def phase_changes(self, phase) -> None:
        self.phase = phase
        self.keep(self.market.advance(self.at, lambda share: phase))

    @rule()
    def night(self) -> None:
        self.at += timedelta(days=1)
        self.keep(self.market.advance(self.at, lambda share: self.phase))

    @invariant()
    def no_order_trades_more_than_it_asked(self) -> None:
        for order in self.market.book.orders.values():
            assert 0 <= order.filled <= order.ticket.qty

    @invariant()
    def no_share_is_sold_that_is_not_held(self) -> None:
        assert self.market.book.delivery(MIDCO.isin) >= 0
        assert self.market.book.sellable(MIDCO.isin) >= 0

    @invariant()
    def each_trade_keeps_its_limit_and_the_band(self) -> None:
        tickets: dict[str, Ticket] = {}
        for event in self.seen:
            if isinstance(event, Accepted):
                tickets[event.order_id] = event.ticket
            elif isinstance(event, Modified):
                changed = replace(tickets[event.order_id], limit=event.limit)
                tickets[event.order_id] = changed
            elif isinstance(event, Traded):
                worst = tickets[event.order_id].worst
                assert BAND.holds(event.price)
                assert worst is None or (event.price.paise - worst.paise) * event.side.sign <= 0

    @invariant()
    def finished_is_finished(self) -> None:
        for order_id, status in self.finished.items():
            order = self.market.book.orders.get(order_id)
            assert order is None or order.status is status
        for order in self.market.book.orders.values():
            if order.status is not OrderStatus.OPEN:
                self.finished[order.order_id] = order.status

    @invariant()
    def trade_ids_are_unique(self) -> None:
        ids = [event.trade_id for event in self.seen if isinstance(event, Traded)]
        assert len(ids) == len(set(ids))

    def teardown(self) -> None:
        """The journal alone gives the same book."""
        again = Exchange(LISTED, name="x")
        again.replay(self.seen)
        assert again.book == self.market.book


AnyDay.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, derandomize=True
)
TestAnyDay = AnyDay.TestCase
