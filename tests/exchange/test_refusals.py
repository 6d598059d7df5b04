"""Each reason an order is turned down, in words a trader knows."""

import pytest

from core.domain.calendar import Phase
from core.domain.order import OrderStatus, Product, Side, Validity
from core.exchange.changes import Changes
from core.exchange.rules import Rules
from core.exchange.values import Rejected
from tests.exchange.market import exchange, ticket
from tests.made import MIDCO, RELIANCE, SLOWCO, T0, quote, rs

OPEN, AUCTION = Phase.CONTINUOUS, Phase.CLOSING_AUCTION


@pytest.mark.parametrize(
    ("order", "phase", "words"),
    [
        (ticket(limit="500.03"), OPEN, "use ₹500.00 or ₹500.05"),
        (ticket(limit="551"), OPEN, "outside the day's band ₹450.00 to ₹550.00"),
        (ticket(limit="500"), Phase.CLOSED, "the market is closed and takes no orders"),
        (ticket(limit="500"), Phase.POST_CLOSE, "takes no orders"),
        (ticket(qty=0), OPEN, "quantity 0 is below 1"),
        (ticket(qty=600_000), OPEN, "quantity 600000 is over the freeze quantity 500000"),
        (ticket(Side.SELL), OPEN, "selling 100 for delivery with 0 held and free"),
        (ticket(limit="490", trigger="495"), OPEN, "must be at or above its trigger"),
        (
            ticket(limit="496", trigger="495"),
            OPEN,
            "trigger ₹495.00 of a stop BUY must be above the last price ₹500.00",
        ),
        (
            ticket(Side.SELL, limit="505", trigger="505", product=Product.MIS),
            OPEN,
            "must be below the last price",
        ),
        (
            ticket(Side.SELL, limit="496", trigger="495", product=Product.MIS),
            OPEN,
            "must be at or below its trigger",
        ),
        (ticket(limit="500"), AUCTION, "has no closing auction"),
        (ticket(of=RELIANCE, limit="510", trigger="505"), AUCTION, "SL is not accepted in the"),
        (ticket(of=RELIANCE, validity=Validity.IOC), AUCTION, "IOC is not accepted in the"),
        (ticket(validity=Validity.IOC), Phase.PRE_OPEN, "accepted in the pre-open; use DAY"),
        (ticket(of=SLOWCO, product=Product.MIS), OPEN, "trade-for-trade and takes no MIS"),
    ],
)
def test_a_refusal_says_why(order, phase, words):
    market = exchange()
    for share in (MIDCO, RELIANCE, SLOWCO):
        market.on_quote(quote("500", of=share), OPEN)
    (event,) = market.place(order, phase=phase, at=T0)
    assert isinstance(event, Rejected)
    assert words in event.reason
    assert market.book.orders["x-000001"].status is OrderStatus.REJECTED


def test_shares_promised_to_one_sell_are_not_there_for_another():
    market = exchange()
    market.credit(MIDCO.isin, 100, at=T0)
    market.on_quote(quote("500"), OPEN)
    market.place(ticket(Side.SELL, 60, limit="520"), phase=OPEN, at=T0)
    (event,) = market.place(ticket(Side.SELL, 50, limit="520"), phase=OPEN, at=T0)
    assert "selling 50 for delivery with 40 held and free" in event.reason


def test_shares_bought_today_can_be_sold_today():
    market = exchange()
    market.on_quote(quote("500"), OPEN)
    market.place(ticket(Side.BUY, 50, limit="501"), phase=OPEN, at=T0)
    market.place(ticket(Side.SELL, 50, limit="499"), phase=OPEN, at=T0)
    assert market.book.holdings() == {}


def test_an_intraday_short_needs_no_shares():
    market = exchange()
    market.on_quote(quote("500"), OPEN)
    market.place(ticket(Side.SELL, 50, limit="499", product=Product.MIS), phase=OPEN, at=T0)
    assert market.book.holdings() == {MIDCO.isin: -50}


def test_funds_count_what_is_spent_and_what_open_orders_block():
    # ₹1,00,000: 50 at 500.05 cost 25,002.50, then 100 open at 480 block 48,000; 26,997.50 is left
    market = exchange(funds=rs("100000"))
    market.on_quote(quote("500"), OPEN)
    market.place(ticket(Side.BUY, 50, limit="501"), phase=OPEN, at=T0)
    market.place(ticket(Side.BUY, 100, limit="480"), phase=OPEN, at=T0)
    (event,) = market.place(ticket(Side.BUY, 60, limit="480"), phase=OPEN, at=T0)
    assert "insufficient funds, ₹28,800.00 needed and ₹26,997.50 free" in event.reason
    (moved,) = market.modify("x-000002", Changes(qty=150), phase=OPEN, at=T0)
    assert type(moved).__name__ == "Modified"  # 72,000 of 74,997.50


def test_a_market_buy_is_funded_at_the_top_of_the_band():
    market = exchange(funds=rs("54000"))
    market.on_quote(quote("500"), OPEN)
    (event,) = market.place(ticket(Side.BUY, 100, limit=None), phase=OPEN, at=T0)
    assert "₹55,000.00 needed" in event.reason


def test_the_freeze_quantity_is_a_given_rule():
    market = exchange(rules=Rules(qty_freeze=10))
    market.on_quote(quote("500"), OPEN)
    (event,) = market.place(ticket(qty=11), phase=OPEN, at=T0)
    assert "over the freeze quantity 10" in event.reason


def test_a_derivative_range_flexes_with_the_market_and_a_fixed_band_does_not():
    # 12 % down: RELIANCE flexes from 10 % to 15 % (425), MIDCO ends at 450
    market = exchange()
    market.credit(RELIANCE.isin, 10, at=T0)
    market.credit(MIDCO.isin, 10, at=T0)
    market.on_quote(quote("440", of=RELIANCE), OPEN)
    market.on_quote(quote("450"), OPEN)
    flexed = market.place(ticket(Side.SELL, 10, limit="430", of=RELIANCE), phase=OPEN, at=T0)
    fixed = market.place(ticket(Side.SELL, 10, limit="430"), phase=OPEN, at=T0)
    assert not isinstance(flexed[0], Rejected)
    assert "₹450.00 to ₹550.00" in fixed[0].reason
