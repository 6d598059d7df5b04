"""GTTs: a trigger is not a fill, one leg ends the other, and nights do not end either."""

from datetime import timedelta

import pytest

from core.domain.calendar import Phase
from core.domain.order import OrderStatus, Product, Side
from core.exchange.rules import Rules
from core.exchange.values import (
    Accepted,
    GttFired,
    GttLeg,
    Rejected,
    RequestRefused,
    Traded,
)
from tests.exchange.market import exchange, ticket
from tests.made import MIDCO, T0, quote, rs

OPEN = Phase.CONTINUOUS


def protected(qty=100, *, stop="480", target="530", held=100, rules=None):
    market = exchange(rules=rules)
    if held:
        market.credit(MIDCO.isin, held, at=T0)
    market.on_quote(quote("500"), OPEN)
    events = rest(market, qty=qty, stop=stop, target=target)
    return market, events


def rest(market, *, qty=100, stop="480", target="530", side=Side.SELL):
    return market.place_gtt(
        isin=MIDCO.isin,
        side=side,
        qty=qty,
        product=Product.CNC,
        stop=rs(stop) if stop else None,
        target=rs(target) if target else None,
        at=T0,
    )


def test_a_stop_sends_a_limit_well_through_its_trigger_and_ends_the_pair():
    # 3 % through 480 is 465.60, inside a band that ends at 450
    market, _ = protected()
    events = market.on_quote(quote("479", seconds=1), OPEN)
    assert isinstance(events[0], GttFired) and events[0].leg is GttLeg.STOP
    assert isinstance(events[1], Accepted) and events[1].ticket.limit == rs("465.60")
    assert isinstance(events[2], Traded) and events[2].price == rs("478.95")
    gtt = market.book.gtts["x-g000001"]
    assert not gtt.active and gtt.fired_order_id == events[1].order_id
    assert not any(isinstance(e, GttFired) for e in market.on_quote(quote("531", seconds=2), OPEN))


def test_a_target_sells_too():
    market, _ = protected()
    events = market.on_quote(quote("530.50", seconds=1), OPEN)
    assert events[0].leg is GttLeg.TARGET
    assert isinstance(events[2], Traded) and events[2].price == rs("530.45")


def test_the_child_stays_inside_the_band():
    # 3 % through 455 is 441.35, below the band's 450
    market, _ = protected(stop="455")
    events = market.on_quote(quote("452", seconds=1), OPEN)
    assert events[1].ticket.limit == rs("450")


def test_a_gap_beyond_the_child_leaves_it_resting():
    # 3 % through 490 is 475.30; bids at 471 are lower
    market, _ = protected(stop="490")
    events = market.on_quote(quote("471", seconds=1), OPEN)
    assert [type(e) for e in events] == [GttFired, Accepted]
    assert market.book.orders[events[0].order_id].remaining == 100


def test_a_child_without_shares_is_rejected_and_says_so_on_the_gtt():
    market, _ = protected(held=0)
    events = market.on_quote(quote("479", seconds=1), OPEN)
    assert [type(e) for e in events] == [GttFired, Rejected]
    assert market.book.orders[events[0].order_id].status is OrderStatus.REJECTED
    assert "selling 100 for delivery with 0 held" in market.book.gtts["x-g000001"].reason


def test_a_gtt_sleeps_outside_continuous_trading_and_survives_the_night():
    market, _ = protected()
    assert market.on_quote(quote("479", seconds=1), Phase.CLOSED) == ()
    market.advance(T0 + timedelta(days=3), lambda share: Phase.CLOSED)
    (gtt,) = market.book.lately(days=7)
    assert gtt.active
    monday = T0 + timedelta(days=7)
    events = market.on_quote(quote("479", at=monday), OPEN)
    assert any(isinstance(event, Traded) for event in events)


def test_a_single_trigger_buys_when_the_price_falls_to_its_target():
    market = exchange()
    market.on_quote(quote("500"), OPEN)
    rest(market, side=Side.BUY, stop=None, target="490")
    events = market.on_quote(quote("489", seconds=1), OPEN)
    assert isinstance(events[2], Traded) and events[2].side is Side.BUY


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ({"qty": 0}, "a GTT for 0 shares"),
        ({"stop": None, "target": None}, "needs a stop, a target or both"),
        ({"stop": "530", "target": "480"}, "on the wrong side"),
        ({"stop": "499.50"}, "stop ₹499.50 is not 0.25% beyond the last price ₹500.00"),
        ({"target": "500.50"}, "target ₹500.50 is not 0.25% beyond"),
    ],
)
def test_a_pair_that_cannot_rest_says_why(pair, words):
    market = exchange()
    market.on_quote(quote("500"), OPEN)
    (event,) = rest(market, **pair)
    assert isinstance(event, RequestRefused) and words in event.reason


def test_one_gtt_too_many_is_refused():
    market, _ = protected(rules=Rules(gtts_max=1))
    (event,) = rest(market)
    assert "1 GTTs are active and 1 is the most" in event.reason


def test_a_pair_changes_in_place_and_a_near_stop_may_stay_where_it_is():
    market, _ = protected()
    market.on_quote(quote("480.50", seconds=1), OPEN)  # within 0.25 % of the stop
    market.modify_gtt("x-g000001", qty=60, stop=rs("480"), target=rs("530"), at=T0)
    assert market.book.gtts["x-g000001"].qty == 60
    (event,) = market.modify_gtt("x-g000001", qty=60, stop=rs("480.45"), target=None, at=T0)
    assert isinstance(event, RequestRefused)


def test_a_closed_pair_takes_no_request():
    market, _ = protected()
    market.cancel_gtt("x-g000001", at=T0)
    (again,) = market.cancel_gtt("x-g000001", at=T0)
    (changed,) = market.modify_gtt("x-g000001", qty=1, stop=None, target=None, at=T0)
    assert "is not active" in again.reason and "is not active" in changed.reason


def test_a_closed_pair_shows_for_a_week():
    market, _ = protected()
    market.cancel_gtt("x-g000001", at=T0)
    market.advance(T0 + timedelta(days=7), lambda share: Phase.CLOSED)
    assert len(market.book.lately(days=7)) == 1
    market.advance(T0 + timedelta(days=8), lambda share: Phase.CLOSED)
    assert market.book.lately(days=7) == []


def test_a_fired_stop_never_sells_shares_promised_to_a_working_sell():
    market, _ = protected()
    market.place(ticket(Side.SELL, 100, limit="520"), phase=OPEN, at=T0)
    events = market.on_quote(quote("479", seconds=1), OPEN)
    assert [type(e) for e in events] == [GttFired, Rejected]
