"""An order changes its type, trigger and validity in place; its fills stay."""

from datetime import timedelta

import pytest

from core.domain.calendar import Phase
from core.domain.order import OrderStatus, OrderType, Side, Validity
from core.exchange.changes import Changes
from core.exchange.values import Cancelled, Modified, RequestRefused, Traded, Triggered
from tests.exchange.market import exchange, ticket
from tests.made import MIDCO, T0, quote, rs

OPEN = Phase.CONTINUOUS
LIMIT, MARKET, SL, SL_M = OrderType.LIMIT, OrderType.MARKET, OrderType.SL, OrderType.SL_M


def selling(limit=None, trigger=None, qty=100):
    """100 MIDCO held at ₹500 and one sell order over them, x-000001."""
    made = exchange()
    made.credit(MIDCO.isin, 100, at=T0)
    made.on_quote(quote("500"), OPEN)
    made.place(ticket(Side.SELL, qty, limit=limit, trigger=trigger), phase=OPEN, at=T0)
    return made


def change(market, at=T0, **asked):
    return market.modify("x-000001", Changes(**asked), phase=OPEN, at=at)


def order(market):
    return market.book.orders["x-000001"]


def test_a_resting_stop_becomes_a_limit_order_and_trades():
    market = selling(limit="485", trigger="490")
    events = change(market, order_type=LIMIT, limit=rs("499"))
    assert [type(e) for e in events] == [Modified, Traded]
    assert (order(market).ticket.order_type, order(market).ticket.trigger) == (LIMIT, None)


def test_a_limit_order_becomes_a_stop_that_sleeps_and_wakes():
    market = selling(limit="520")
    change(market, order_type=SL, limit=rs("485"), trigger=rs("490"))
    assert market.on_quote(quote("491", seconds=1), OPEN) == ()
    events = market.on_quote(quote("489", seconds=2), OPEN)
    assert [type(e) for e in events] == [Triggered, Traded]


def test_a_stop_becomes_a_market_order_and_a_stop_without_a_limit():
    market = selling(limit="485", trigger="490")
    change(market, order_type=SL_M)
    assert (order(market).ticket.limit, order(market).ticket.trigger) == (None, rs("490"))
    events = change(market, order_type=MARKET)
    assert [e.price for e in events if isinstance(e, Traded)] == [rs("499.95")]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"order_type": SL, "limit": rs("485")}, "needs a trigger"),
        ({"order_type": SL, "limit": rs("485"), "trigger": rs("501")}, "below"),
        ({"order_type": SL, "limit": rs("495"), "trigger": rs("490")}, "at or below"),
    ],
)
def test_a_type_without_its_prices_is_refused_and_nothing_changes(asked, words):
    market = selling(limit="520")
    (told,) = change(market, **asked)
    assert isinstance(told, RequestRefused) and words in told.reason
    assert (order(market).ticket.order_type, order(market).modifications) == (LIMIT, 0)


def test_a_market_stop_turned_into_a_limit_needs_a_price():
    market = selling(trigger="490")
    (told,) = change(market, order_type=LIMIT)
    assert isinstance(told, RequestRefused) and "needs a price" in told.reason


def test_a_triggered_stop_that_became_a_limit_does_not_sleep_again():
    market = selling(limit="489", trigger="490")
    market.on_quote(quote("488", seconds=1), OPEN)  # woken, its limit above the bid
    change(market, order_type=LIMIT, limit=rs("495"))
    (told,) = change(market, order_type=SL, limit=rs("480"), trigger=rs("485"))
    assert isinstance(told, RequestRefused) and "cannot sleep again" in told.reason


def test_a_resting_stop_changes_quantity_and_trigger_and_wakes_at_the_new_one():
    market = selling(limit="480", trigger="490")
    change(market, qty=60, trigger=rs("485"))
    assert market.on_quote(quote("486", seconds=1), OPEN) == ()
    events = market.on_quote(quote("485", seconds=2), OPEN)
    assert [e.qty for e in events if isinstance(e, Traded)] == [60]
    assert order(market).status is OrderStatus.FILLED


def test_a_stop_that_traded_in_part_is_cut_to_its_fills_and_not_below():
    market = selling(limit="480", trigger="490")
    market.on_quote(quote("489", seconds=1, bid_qty=160), OPEN)
    assert order(market).filled == 40
    (told,) = change(market, at=T0 + timedelta(seconds=1), qty=39)
    assert isinstance(told, RequestRefused) and "40 shares" in told.reason
    change(market, at=T0 + timedelta(seconds=1), qty=70, limit=rs("485"))
    events = market.on_quote(quote("489", seconds=2), OPEN)
    assert [e.qty for e in events if isinstance(e, Traded)] == [30]
    assert order(market).status is OrderStatus.FILLED


def test_validity_becomes_ioc_and_the_rest_is_cancelled_at_once():
    market = selling(limit="520")
    events = change(market, validity=Validity.IOC)
    assert [type(e) for e in events] == [Modified, Cancelled]


def test_the_twenty_sixth_change_is_refused():
    market = selling(limit="520")
    for step in range(25):
        assert isinstance(change(market, limit=rs(f"{520 + step}"))[0], Modified)
    (told,) = change(market, limit=rs("515"))
    assert isinstance(told, RequestRefused) and "25 is the most" in told.reason
