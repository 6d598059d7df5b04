"""A position of the day turns from intraday into delivery and back."""

from datetime import timedelta

import pytest

from core.domain.calendar import Phase
from core.domain.order import Product, Side
from core.domain.square_off import SquareOff
from core.exchange.engine import Exchange
from core.exchange.values import Conversion, Converted, RequestRefused
from tests.exchange.market import exchange, ticket
from tests.made import LISTED, MIDCO, SLOWCO, T0, quote, rs

OPEN, CLOSED = Phase.CONTINUOUS, Phase.CLOSED
CNC, MIS, BUY, SELL = Product.CNC, Product.MIS, Side.BUY, Side.SELL
ISIN = MIDCO.isin


def trading(side=BUY, product=MIS, qty=100, held=0, market=None):
    made = market or exchange()
    if held:
        made.credit(ISIN, held, at=T0)
    made.on_quote(quote("500"), OPEN)
    limit = "505" if side is BUY else "495"
    made.place(ticket(side, qty, limit=limit, product=product), phase=OPEN, at=T0)
    return made


def asked(side, qty, old, new, isin=ISIN):
    return Conversion(isin, side, qty, old, new)


def convert(market, *what, phase=OPEN, at=T0):
    (told,) = market.convert(asked(*what), phase=phase, at=at)
    return told


def test_an_intraday_purchase_becomes_delivery_and_settles_like_one():
    market = trading()
    assert isinstance(convert(market, BUY, 60, MIS, CNC), Converted)
    assert (market.book.intraday[ISIN], market.book.delivery(ISIN)) == (40, 60)
    market.advance(T0 + timedelta(days=2), lambda share: CLOSED)
    market.advance(T0 + timedelta(days=3), lambda share: CLOSED)
    assert market.book.settled == {ISIN: 100}


def test_todays_delivery_purchase_becomes_intraday_and_can_no_more_be_sold_as_delivery():
    market = trading(product=CNC)
    assert isinstance(convert(market, BUY, 100, CNC, MIS), Converted)
    assert (market.book.intraday[ISIN], market.book.sellable(ISIN)) == (100, 0)
    assert market.book.holdings() == {ISIN: 100}


def test_an_intraday_short_is_delivered_from_shares_held():
    market = trading(SELL, held=70)
    assert isinstance(convert(market, SELL, 70, MIS, CNC), Converted)
    assert (market.book.intraday[ISIN], market.book.delivery(ISIN)) == (-30, 0)
    told = convert(market, SELL, 30, MIS, CNC)
    assert isinstance(told, RequestRefused) and "0 delivery shares" in told.reason


def test_a_delivery_sale_of_today_becomes_a_short_and_the_shares_come_back():
    market = trading(SELL, CNC, held=100)
    assert isinstance(convert(market, SELL, 100, CNC, MIS), Converted)
    assert (market.book.intraday[ISIN], market.book.settled[ISIN]) == (-100, 100)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ((BUY, 101, MIS, CNC), "101 of 100"),
        ((BUY, 0, MIS, CNC), "below 1"),
        ((BUY, 10, MIS, MIS), "already"),
        ((SELL, 10, MIS, CNC), "10 of 0"),
        ((BUY, 10, CNC, MIS), "10 of 0"),
        ((BUY, 10, CNC, MIS, SLOWCO.isin), "delivery only"),
    ],
)
def test_what_does_not_stand_there_is_refused(what, words):
    told = convert(trading(), *what)
    assert isinstance(told, RequestRefused) and words in told.reason


def test_yesterdays_shares_are_a_holding_and_no_position():
    told = convert(trading(held=50), BUY, 50, CNC, MIS)
    assert isinstance(told, RequestRefused) and "50 of 0" in told.reason


def test_shares_promised_to_a_sale_do_not_leave_delivery():
    market = trading(product=CNC)
    market.place(ticket(SELL, 80, limit="520"), phase=OPEN, at=T0)
    told = convert(market, BUY, 30, CNC, MIS)
    assert isinstance(told, RequestRefused) and "20 delivery shares" in told.reason


def test_nothing_converts_while_the_market_is_shut():
    told = convert(trading(), BUY, 10, MIS, CNC, phase=CLOSED)
    assert isinstance(told, RequestRefused) and "while it trades" in told.reason


def test_after_the_square_off_nothing_becomes_intraday():
    market = Exchange(LISTED, name="x", squares_off=lambda s, d: SquareOff(later, rs("59")))
    later = T0 + timedelta(minutes=1)
    trading(product=CNC, market=market)
    told = convert(market, BUY, 10, CNC, MIS, at=later)
    assert isinstance(told, RequestRefused) and "stays CNC" in told.reason
