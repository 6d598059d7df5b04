"""What every broker session must do, whatever stands behind it; each broker's test runs these.

A subclass gives `open_session`: a session, its clock and a way to bring it prices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pytest

from core.brokers.fake import Verb
from core.domain.clock import SteppedClock
from core.domain.money import Money
from core.domain.order import Order, OrderStatus, OrderType, Product, Side
from core.domain.ports import BrokerSession
from core.domain.quote import Quote
from core.errors import BrokerRefused, OutcomeUnknown, SessionDead, SourceFailed, Throttled
from tests.made import MIDCO, T0, an_order, quote, rs

LOGIN = "paper-1"
LOOKED_UP = 3


class Faults(Protocol):
    """What a test may script of the broker behind; `FakeBroker` speaks it."""

    def accept_then_timeout(self, verb: Verb = Verb.PLACE) -> None: ...
    def drop_before_accept(self, verb: Verb = Verb.PLACE) -> None: ...
    def refuse(self, reason: str, verb: Verb = Verb.PLACE) -> None: ...
    def throttle(self, verb: Verb = Verb.PLACE) -> None: ...
    def delay_visibility(self, seconds: float) -> None: ...
    def fail_reads(self, times: int) -> None: ...
    def die(self) -> None: ...
    def log_in(self) -> None: ...
    def alter_tags(self, comes_back: Callable[[str], str]) -> None: ...


@dataclass
class Opened:
    """A session with the market it hangs on; `sent` counts requests that left for a verb."""

    session: BrokerSession
    clock: SteppedClock
    bring: Callable[[Sequence[Quote]], object]
    faults: Faults | None = None
    sent: Callable[[Verb], int] | None = None

    @property
    def script(self) -> Faults:
        """The faults, where the broker behind can be told to fail."""
        assert self.faults is not None
        return self.faults

    def count(self, verb: Verb) -> int:
        """Requests of a verb that left."""
        assert self.sent is not None
        return self.sent(verb)

    def price(self, ltp: str, *, bid_qty: int = 400, ask_qty: int = 400) -> None:
        """One second passes and the share is quoted."""
        self.clock.pass_seconds(1)
        self.bring([quote(ltp, bid_qty=bid_qty, ask_qty=ask_qty, at=self.clock.now())])


def order(
    name: str = "or1",
    *,
    side: Side = Side.BUY,
    qty: int = 100,
    limit: str = "500",
    login_id: str = LOGIN,
    at: datetime = T0,
    **more: object,
) -> Order:
    return an_order(
        name, account_id="ac1", login_id=login_id, side=side, qty=qty, limit_price=rs(limit),
        prepared_at=at, **more,
    )  # fmt: skip


def rest(
    session: BrokerSession, *, qty: int = 100, stop: Money | None = None, target: str = "530"
) -> str:
    return session.place_gtt(
        isin=MIDCO.isin,
        symbol=MIDCO.symbol,
        qty=qty,
        side=Side.SELL,
        stop=stop or rs("480"),
        target=rs(target),
        product=Product.CNC,
    )


class BrokerContract:
    """The shared tests."""

    @pytest.fixture
    def opened(self) -> Opened:
        raise NotImplementedError

    def test_a_placed_order_is_found_by_its_tag(self, opened: Opened) -> None:
        broker_id = opened.session.place(order())
        (found,) = [o for o in opened.session.orders() if o.tag == order().tag]
        assert found.broker_order_id == broker_id
        assert found.status is OrderStatus.OPEN
        assert (found.isin, found.side, found.qty, found.filled_qty) == (
            MIDCO.isin,
            Side.BUY,
            100,
            0,
        )

    def test_trades_carry_the_brokers_order_id_and_ids_of_their_own(self, opened: Opened) -> None:
        broker_id = opened.session.place(order(qty=150))
        opened.price("499")
        opened.price("499")
        trades = opened.session.trades()
        assert [trade.qty for trade in trades] == [100, 50]
        assert {trade.order_id for trade in trades} == {broker_id}
        assert len({trade.trade_id for trade in trades}) == 2
        assert opened.session.orders()[0].status is OrderStatus.FILLED
        assert opened.session.holdings() == {MIDCO.isin: 150}

    def test_a_tag_used_before_is_taken_again(self, opened: Opened) -> None:
        assert opened.session.place(order()) != opened.session.place(order())

    def test_a_sale_without_shares_is_refused(self, opened: Opened) -> None:
        with pytest.raises(BrokerRefused, match="selling 100 for delivery with 0 held"):
            opened.session.place(order(side=Side.SELL))

    def test_an_order_of_another_login_is_refused(self, opened: Opened) -> None:
        with pytest.raises(BrokerRefused, match="is for login other"):
            opened.session.place(order(login_id="other"))

    def test_a_cancel_keeps_what_traded(self, opened: Opened) -> None:
        broker_id = opened.session.place(order(qty=150))
        opened.price("499")
        opened.session.cancel(broker_id)
        (found,) = opened.session.orders()
        assert (found.status, found.filled_qty) == (OrderStatus.CANCELLED, 100)
        with pytest.raises(BrokerRefused, match="already CANCELLED"):
            opened.session.cancel(broker_id)

    def test_a_gtt_is_read_back_changed_and_taken_away(self, opened: Opened) -> None:
        gtt_id = rest(opened.session)
        (gtt,) = opened.session.gtts()
        assert (gtt.gtt_id, gtt.qty, gtt.stop, gtt.target) == (gtt_id, 100, rs("480"), rs("530"))
        assert (gtt.side, gtt.product, gtt.active) == (Side.SELL, Product.CNC, True)
        opened.session.modify_gtt(gtt_id, qty=60, stop=rs("485"), target=rs("530"))
        (gtt,) = opened.session.gtts()
        assert (gtt.qty, gtt.stop) == (60, rs("485"))
        opened.session.cancel_gtt(gtt_id)
        assert [gtt.active for gtt in opened.session.gtts()] == [False]
        with pytest.raises(BrokerRefused, match="is not active"):
            opened.session.cancel_gtt(gtt_id)

    def test_a_fired_gtt_names_the_order_that_sells(self, opened: Opened) -> None:
        opened.session.place(order())
        opened.price("499")
        rest(opened.session)
        opened.price("479")
        (gtt,) = opened.session.gtts()
        child = next(o for o in opened.session.orders() if o.broker_order_id == gtt.fired_order_id)
        assert (child.side, child.tag, child.filled_qty) == (Side.SELL, "", 100)
        assert opened.session.holdings() == {}

    def test_a_new_limit_is_read_back_and_asking_twice_is_harmless(self, opened: Opened) -> None:
        broker_id = opened.session.place(order(limit="480"))
        opened.session.modify(broker_id, limit=rs("485.05"))
        opened.session.modify(broker_id, limit=rs("485.05"))
        (found,) = opened.session.orders()
        assert (found.limit, found.status) == (rs("485.05"), OrderStatus.OPEN)

    def test_a_stop_order_rests_changes_in_place_and_sells_what_it_is_for(
        self, opened: Opened
    ) -> None:
        opened.session.place(order(qty=60, product=Product.MIS))
        opened.price("499")
        stop = order("or2", side=Side.SELL, qty=100, limit="465", product=Product.MIS,
                     order_type=OrderType.SL, trigger_price=rs("480"))  # fmt: skip
        stop_id = opened.session.place(stop)
        opened.session.modify(stop_id, qty=60, trigger=rs("485"), limit=rs("470"))
        opened.session.modify(stop_id, qty=60, trigger=rs("485"), limit=rs("470"))
        found = next(o for o in opened.session.orders() if o.broker_order_id == stop_id)
        assert (found.qty, found.trigger, found.limit) == (60, rs("485"), rs("470"))
        assert (found.product, found.broker_status.upper()) == (Product.MIS, "TRIGGER PENDING")
        opened.price("484")
        found = next(o for o in opened.session.orders() if o.broker_order_id == stop_id)
        assert (found.status, found.filled_qty) == (OrderStatus.FILLED, 60)
        assert opened.session.holdings() == {}

    def test_a_sale_reduces_the_net_shares_at_once(self, opened: Opened) -> None:
        opened.session.place(order())
        opened.price("499")
        opened.session.place(order("or2", side=Side.SELL, qty=40, limit="490"))
        opened.price("499")
        assert opened.session.holdings() == {MIDCO.isin: 60}
        assert [trade.qty for trade in opened.session.trades()] == [100, -40]
        assert {trade.price for trade in opened.session.trades()} == {rs("499.05"), rs("498.95")}

    def test_the_target_fires_too_and_the_stop_is_gone_with_it(self, opened: Opened) -> None:
        opened.session.place(order())
        opened.price("499")
        rest(opened.session)
        opened.price("531")
        (gtt,) = opened.session.gtts()
        assert not gtt.active and gtt.fired_order_id
        opened.price("479")
        assert opened.session.holdings() == {}
        sales = [trade.qty for trade in opened.session.trades() if trade.qty < 0]
        assert sum(sales) == -100


class FaultyBrokerContract(BrokerContract):
    """What a session says when the broker behind fails; a subclass gives `faults` and `sent`."""

    def test_a_lost_answer_is_unknown_and_its_order_is_found_by_its_tag(
        self, opened: Opened
    ) -> None:
        opened.script.accept_then_timeout()
        with pytest.raises(OutcomeUnknown):
            opened.session.place(order())
        (found,) = [one for one in opened.session.orders() if one.tag == order().tag]
        assert (found.qty, found.status) == (100, OrderStatus.OPEN)
        assert opened.count(Verb.PLACE) == 1

    def test_a_request_that_never_arrived_is_unknown_and_leaves_nothing(
        self, opened: Opened
    ) -> None:
        opened.script.drop_before_accept()
        with pytest.raises(OutcomeUnknown):
            opened.session.place(order())
        assert [list(opened.session.orders()) for _ in range(LOOKED_UP)] == [[]] * LOOKED_UP
        assert opened.count(Verb.PLACE) == 1

    def test_a_definite_no_carries_its_reason_and_is_not_sent_again(self, opened: Opened) -> None:
        opened.script.refuse("margin of 50000.00 is short by 1200.00")
        with pytest.raises(BrokerRefused, match=r"short by 1200\.00"):
            opened.session.place(order())
        assert opened.count(Verb.PLACE) == 1

    def test_throttled_was_not_accepted(self, opened: Opened) -> None:
        opened.script.throttle()
        with pytest.raises(Throttled):
            opened.session.place(order())
        assert list(opened.session.orders()) == []
        assert opened.session.place(order())

    @pytest.mark.parametrize("verb", [Verb.CANCEL, Verb.MODIFY])
    def test_a_lost_answer_to_a_change_is_unknown(self, opened: Opened, verb: Verb) -> None:
        broker_id = opened.session.place(order(limit="480"))
        opened.script.accept_then_timeout(verb)
        with pytest.raises(OutcomeUnknown):
            if verb is Verb.CANCEL:
                opened.session.cancel(broker_id)
            else:
                opened.session.modify(broker_id, limit=rs("481"))
        (found,) = opened.session.orders()
        now = (found.status, found.limit)
        done = {
            Verb.CANCEL: (OrderStatus.CANCELLED, rs("480")),
            Verb.MODIFY: (OrderStatus.OPEN, rs("481")),
        }
        assert now == done[verb]
        assert opened.count(verb) == 1

    def test_a_pair_whose_answer_is_lost_is_found_by_share_size_and_triggers(
        self, opened: Opened
    ) -> None:
        opened.script.accept_then_timeout(Verb.PLACE_GTT)
        with pytest.raises(OutcomeUnknown):
            rest(opened.session)
        (gtt,) = opened.session.gtts()
        assert (gtt.isin, gtt.qty, gtt.stop, gtt.target) == (MIDCO.isin, 100, rs("480"), rs("530"))
        assert opened.count(Verb.PLACE_GTT) == 1

    def test_a_read_that_fails_says_so_and_the_next_one_answers(self, opened: Opened) -> None:
        opened.session.place(order())
        opened.script.fail_reads(1)
        with pytest.raises(SourceFailed):
            opened.session.orders()
        assert len(opened.session.orders()) == 1

    def test_a_dead_session_neither_reads_nor_writes_until_a_person_logs_in(
        self, opened: Opened
    ) -> None:
        opened.session.place(order())
        opened.script.die()
        with pytest.raises(SessionDead):
            opened.session.orders()
        with pytest.raises(SessionDead):
            opened.session.place(order("or2"))
        opened.script.log_in()
        assert [one.tag for one in opened.session.orders()] == [order().tag]

    def test_an_order_shows_only_after_a_while(self, opened: Opened) -> None:
        opened.script.delay_visibility(90)
        opened.session.place(order())
        assert list(opened.session.orders()) == []
        opened.clock.pass_seconds(90)
        assert [one.tag for one in opened.session.orders()] == [order().tag]

    def test_a_tag_comes_back_as_the_broker_shows_it(self, opened: Opened) -> None:
        opened.script.alter_tags(lambda tag: f"1:{tag}")
        opened.session.place(order())
        assert [one.tag for one in opened.session.orders()] == [f"1:{order().tag}"]
