"""What every broker session must do, whatever stands behind it; each broker's test runs these.

A subclass gives `open_session`: a session, its clock and a way to bring it prices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pytest

from core.domain.clock import SteppedClock
from core.domain.money import Money
from core.domain.order import Order, OrderStatus, Product, Side
from core.domain.ports import BrokerSession
from core.domain.quote import Quote
from core.errors import BrokerRefused
from tests.made import MIDCO, T0, an_order, quote, rs

LOGIN = "paper-1"


@dataclass
class Opened:
    """A session with the market it hangs on."""

    session: BrokerSession
    clock: SteppedClock
    bring: Callable[[Sequence[Quote]], object]

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
) -> Order:
    return an_order(
        name, account_id="ac1", login_id=login_id, side=side, qty=qty, limit_price=rs(limit),
        prepared_at=at,
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
