"""The fold refuses a journal that contradicts itself."""

import pytest

from core.domain.calendar import Phase
from core.domain.order import Product, Side
from core.errors import IllegalTransition
from core.exchange.book import Book
from core.exchange.values import Accepted, Cancelled, Gtt, GttCancelled, GttPlaced, Traded
from tests.exchange.market import exchange, ticket
from tests.made import MIDCO, T0, quote, rs


def trade(qty=100, *, side=Side.BUY):
    return Traded(
        at=T0,
        order_id="x-1",
        trade_id="t1",
        isin=MIDCO.isin,
        symbol=MIDCO.symbol,
        side=side,
        qty=qty,
        price=rs("500"),
        product=Product.CNC,
    )


def test_a_trade_after_the_end_of_its_order_is_illegal():
    book = Book()
    book.apply(Accepted(T0, "x-1", ticket()))
    book.apply(Cancelled(T0, "x-1", "gone"))
    with pytest.raises(IllegalTransition, match="order x-1 is CANCELLED"):
        book.apply(trade())


def test_a_trade_over_what_is_left_is_illegal():
    book = Book()
    book.apply(Accepted(T0, "x-1", ticket()))
    with pytest.raises(IllegalTransition, match="of 101 is over the 100 shares left"):
        book.apply(trade(101))


def test_delivering_more_than_is_held_is_illegal():
    book = Book()
    book.apply(Accepted(T0, "x-1", ticket(Side.SELL)))
    with pytest.raises(IllegalTransition, match="100 more than held"):
        book.apply(trade(side=Side.SELL))


def test_a_gtt_closes_once():
    book = Book()
    resting = Gtt("g1", MIDCO.isin, "MIDCO", Side.SELL, 1, Product.CNC, rs("1"), None, T0)
    book.apply(GttPlaced(T0, resting))
    assert book.lately(days=7) == [resting]
    book.apply(GttCancelled(T0, "g1", "gone"))
    with pytest.raises(IllegalTransition, match="GTT g1 is closed"):
        book.apply(GttCancelled(T0, "g1", "gone"))


def test_cash_spent_is_what_trades_cost():
    # 100 bought at 499.05 and 40 sold at 498.95: 49,905.00 - 19,958.00 = 29,947.00
    market = exchange()
    market.on_quote(quote("499"), Phase.CONTINUOUS)
    market.place(ticket(Side.BUY, 100, limit="500"), phase=Phase.CONTINUOUS, at=T0)
    market.place(ticket(Side.SELL, 40, limit="498"), phase=Phase.CONTINUOUS, at=T0)
    assert market.book.spent == rs("29947")
