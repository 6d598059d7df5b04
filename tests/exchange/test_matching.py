"""What an order pays, how much of it trades, and when it ends."""

import pytest

from core.domain.calendar import Phase
from core.domain.order import OrderStatus, Side, Validity
from core.errors import NotFound
from core.exchange.changes import Changes
from core.exchange.matching import visible
from core.exchange.rules import Rules
from core.exchange.values import Accepted, Cancelled, RequestRefused, Traded, Triggered
from tests.exchange.market import exchange, ticket
from tests.made import MIDCO, T0, quote, rs

OPEN = Phase.CONTINUOUS


def trades(events):
    return [(event.qty, event.price) for event in events if isinstance(event, Traded)]


def test_a_buy_pays_the_ask_and_a_sell_gets_the_bid():
    market = exchange()
    market.on_quote(quote("499"), OPEN)
    bought = market.place(ticket(Side.BUY, 50, limit="500"), phase=OPEN, at=T0)
    sold = market.place(ticket(Side.SELL, 50, limit="498"), phase=OPEN, at=T0)
    assert trades(bought) == [(50, rs("499.05"))]
    assert trades(sold) == [(50, rs("498.95"))]


def test_a_quarter_of_what_is_shown_trades_per_quote_and_the_rest_waits():
    # 25 % of 400 shown is 100: 250 shares need three quotes
    market = exchange()
    market.on_quote(quote("499"), OPEN)
    events = market.place(ticket(Side.BUY, 250, limit="500"), phase=OPEN, at=T0)
    assert trades(events) == [(100, rs("499.05"))]
    assert trades(market.on_quote(quote("499.50", seconds=1), OPEN)) == [(100, rs("499.55"))]
    assert trades(market.on_quote(quote("499.50", seconds=2), OPEN)) == [(50, rs("499.55"))]
    assert market.book.orders["x-000001"].status is OrderStatus.FILLED


def test_one_share_of_a_thin_book_can_be_had_and_none_of_an_empty_one():
    assert visible(3, share_pct=25) == 1
    assert visible(0, share_pct=25) == 0


def test_the_same_quote_twice_gives_no_second_helping():
    market = exchange()
    market.on_quote(quote("499"), OPEN)
    market.place(ticket(Side.BUY, 250, limit="500"), phase=OPEN, at=T0)
    assert trades(market.on_quote(quote("499"), OPEN)) == []


def test_an_older_quote_is_ignored():
    market = exchange()
    market.on_quote(quote("505", seconds=5), OPEN)
    market.place(ticket(Side.BUY, 10, limit="500"), phase=OPEN, at=quote("1", seconds=5).at)
    assert trades(market.on_quote(quote("499", seconds=1), OPEN)) == []


def test_two_orders_share_what_is_shown_in_order_of_time():
    market = exchange()
    market.place(ticket(Side.BUY, 70, limit="500"), phase=OPEN, at=T0)
    market.place(ticket(Side.BUY, 70, limit="500"), phase=OPEN, at=T0)
    events = market.on_quote(quote("499"), OPEN)
    assert [(event.order_id, event.qty) for event in events if isinstance(event, Traded)] == [
        ("x-000001", 70),
        ("x-000002", 30),
    ]


def test_a_limit_below_the_ask_rests():
    market = exchange()
    market.on_quote(quote("505"), OPEN)
    assert trades(market.place(ticket(limit="500"), phase=OPEN, at=T0)) == []
    assert market.book.orders["x-000001"].remaining == 100


def test_an_old_quote_fills_nothing_when_an_order_arrives():
    market = exchange()
    market.on_quote(quote("499"), OPEN)
    late = quote("499", seconds=301).at
    assert trades(market.place(ticket(limit="500"), phase=OPEN, at=late)) == []
    assert trades(market.on_quote(quote("499", seconds=302), OPEN)) == [(100, rs("499.05"))]


def test_a_price_no_exchange_could_have_printed_moves_nothing():
    # a 10 % band around 500 ends at 450; 400 is a wrong tick
    market = exchange()
    market.place(ticket(Side.BUY, 10, limit="500"), phase=OPEN, at=T0)
    assert trades(market.on_quote(quote("400"), OPEN)) == []


def test_an_offer_above_the_band_is_no_offer():
    # last trade at the upper circuit of 550, the ask five paise above it
    market = exchange()
    market.on_quote(quote("550"), OPEN)
    assert trades(market.place(ticket(limit=None), phase=OPEN, at=T0)) == []


def test_nobody_buys_at_the_lower_circuit():
    market = exchange()
    market.credit(MIDCO.isin, 100, at=T0)
    market.on_quote(quote("450", bid_qty=0), OPEN)
    assert trades(market.place(ticket(Side.SELL, limit="450"), phase=OPEN, at=T0)) == []


def test_ioc_takes_what_is_there_and_cancels_the_rest():
    market = exchange()
    market.on_quote(quote("499"), OPEN)
    events = market.place(
        ticket(Side.BUY, 250, limit="500", validity=Validity.IOC), phase=OPEN, at=T0
    )
    assert trades(events) == [(100, rs("499.05"))]
    assert isinstance(events[-1], Cancelled)
    assert events[-1].reason == "IOC: 150 of 250 unfilled"


def test_a_market_order_takes_any_price_in_the_band():
    market = exchange()
    market.on_quote(quote("540"), OPEN)
    assert trades(market.place(ticket(limit=None), phase=OPEN, at=T0)) == [(100, rs("540.05"))]


def test_a_stop_sell_sleeps_until_its_trigger_and_then_keeps_its_limit():
    market = exchange()
    market.credit(MIDCO.isin, 100, at=T0)
    market.on_quote(quote("500"), OPEN)
    market.place(ticket(Side.SELL, limit="489", trigger="490"), phase=OPEN, at=T0)
    assert market.on_quote(quote("490.50", seconds=1), OPEN) == ()
    gap = market.on_quote(quote("488", seconds=2), OPEN)
    assert isinstance(gap[0], Triggered) and trades(gap) == []  # a trigger is not a fill
    assert trades(market.on_quote(quote("489.50", seconds=3), OPEN)) == [(100, rs("489.45"))]


def test_a_stop_market_sell_takes_the_bid_after_a_gap():
    market = exchange()
    market.credit(MIDCO.isin, 100, at=T0)
    market.on_quote(quote("500"), OPEN)
    market.place(ticket(Side.SELL, limit=None, trigger="490"), phase=OPEN, at=T0)
    assert trades(market.on_quote(quote("480", seconds=1), OPEN)) == [(100, rs("479.95"))]


def test_cancel_keeps_what_traded_and_a_second_cancel_says_so():
    market = exchange()
    market.on_quote(quote("499"), OPEN)
    market.place(ticket(Side.BUY, 250, limit="500"), phase=OPEN, at=T0)
    assert isinstance(market.cancel("x-000001", at=T0)[0], Cancelled)
    assert market.book.holdings() == {MIDCO.isin: 100}
    again = market.cancel("x-000001", at=T0)
    assert isinstance(again[0], RequestRefused)
    assert again[0].reason == "order x-000001 is already CANCELLED"
    assert "no order nope" in market.cancel("nope", at=T0)[0].reason


def test_modify_moves_the_limit_and_trades_at_once():
    market = exchange()
    market.on_quote(quote("505"), OPEN)
    market.place(ticket(Side.BUY, 50, limit="500"), phase=OPEN, at=T0)
    events = market.modify("x-000001", Changes(limit=rs("506")), phase=OPEN, at=T0)
    assert trades(events) == [(50, rs("505.05"))]


def test_modify_down_to_what_traded_finishes_the_order():
    market = exchange()
    market.on_quote(quote("499"), OPEN)
    market.place(ticket(Side.BUY, 250, limit="500"), phase=OPEN, at=T0)
    market.modify("x-000001", Changes(qty=100), phase=OPEN, at=T0)
    assert market.book.orders["x-000001"].status is OrderStatus.FILLED
    assert not market.book.watches(MIDCO.isin)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"qty": 50}, "quantity 50 is below the 100 shares already traded"),
        ({"limit": rs("700")}, "outside the day's band"),
        ({"limit": rs("500.03")}, "not a multiple of the tick"),
    ],
)
def test_a_modification_that_cannot_be_changes_nothing(change, words):
    market = exchange()
    market.on_quote(quote("499"), OPEN)
    market.place(ticket(Side.BUY, 250, limit="500"), phase=OPEN, at=T0)
    before = market.book.orders["x-000001"]
    (refusal,) = market.modify("x-000001", Changes(**change), phase=OPEN, at=T0)
    assert isinstance(refusal, RequestRefused) and words in refusal.reason
    assert market.book.orders["x-000001"] == before


def test_a_sell_may_be_modified_without_counting_its_own_shares_twice():
    market = exchange()
    market.credit(MIDCO.isin, 100, at=T0)
    market.on_quote(quote("500"), OPEN)
    market.place(ticket(Side.SELL, 100, limit="510"), phase=OPEN, at=T0)
    events = market.modify("x-000001", Changes(limit=rs("509")), phase=OPEN, at=T0)
    assert not isinstance(events[0], RequestRefused)


def test_the_26th_modification_is_refused():
    market = exchange(rules=Rules(modifications_max=2))
    market.on_quote(quote("505"), OPEN)
    market.place(ticket(Side.BUY, 50, limit="480"), phase=OPEN, at=T0)
    for limit in ("481", "482"):
        market.modify("x-000001", Changes(limit=rs(limit)), phase=OPEN, at=T0)
    (refusal,) = market.modify("x-000001", Changes(limit=rs("483")), phase=OPEN, at=T0)
    assert "was changed 2 times and 2 is the most" in refusal.reason
    (gone,) = market.modify("nope", Changes(limit=rs("483")), phase=OPEN, at=T0)
    assert gone.reason == "order nope is not in today's book"


def test_ids_are_the_same_in_the_same_run():
    def run():
        market = exchange()
        market.on_quote(quote("499"), OPEN)
        events = market.place(ticket(Side.BUY, 150, limit="500"), phase=OPEN, at=T0)
        return events + market.on_quote(quote("499", seconds=1), OPEN)

    assert run() == run()
    ids = [event.trade_id for event in run() if isinstance(event, Traded)]
    assert ids == ["x-t000001", "x-t000002"]


def test_an_unlisted_share_is_not_found():
    other = ticket()
    with pytest.raises(NotFound, match="INE999A01099 is not listed"):
        exchange().place(
            type(other)(**{**_fields(other), "isin": "INE999A01099"}), phase=OPEN, at=T0
        )


def test_before_the_first_quote_an_order_waits():
    market = exchange()
    events = market.place(ticket(limit="500"), phase=OPEN, at=T0)
    assert isinstance(events[-1], Accepted)


def _fields(value):
    return {name: getattr(value, name) for name in value.__slots__}
