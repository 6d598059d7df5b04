"""How a day goes: pre-open, the close, the closing auction, the night, settlement."""

from datetime import timedelta

from core.domain.calendar import Phase
from core.domain.order import OrderStatus, Product, Side
from core.exchange.values import Cancelled, DayOpened, Expired, Traded
from tests.exchange.market import exchange, ticket
from tests.made import MIDCO, RELIANCE, T0, quote, rs

OPEN, AUCTION, CLOSED = Phase.CONTINUOUS, Phase.CLOSING_AUCTION, Phase.CLOSED
DAY = timedelta(days=1)


def kinds(events):
    return [type(event) for event in events]


def test_a_pre_open_order_trades_when_continuous_trading_begins():
    market = exchange()
    market.place(ticket(limit="500"), phase=Phase.PRE_OPEN, at=T0)
    assert market.on_quote(quote("499"), Phase.PRE_OPEN) == ()
    assert Traded in kinds(market.on_quote(quote("499", seconds=1), OPEN))


def test_a_day_order_expires_when_its_share_stops_trading():
    market = exchange()
    market.place(ticket(limit="480"), phase=OPEN, at=T0)
    assert market.advance(T0, lambda share: OPEN) == ()
    (event,) = market.advance(T0, lambda share: CLOSED)
    assert isinstance(event, Expired)
    assert market.book.orders["x-000001"].status is OrderStatus.EXPIRED


def test_nothing_trades_outside_the_phase():
    market = exchange()
    market.place(ticket(limit="500"), phase=OPEN, at=T0)
    assert Traded not in kinds(market.on_quote(quote("499"), CLOSED))


def test_stops_die_when_the_auction_begins_and_limits_go_on():
    market = exchange()
    market.credit(RELIANCE.isin, 100, at=T0)
    market.on_quote(quote("500", of=RELIANCE), OPEN)
    market.place(ticket(Side.SELL, 50, limit="489", trigger="490", of=RELIANCE), phase=OPEN, at=T0)
    market.place(ticket(Side.SELL, 50, limit="510", of=RELIANCE), phase=OPEN, at=T0)
    events = market.on_quote(quote("480", of=RELIANCE, seconds=1), AUCTION)
    assert [(type(e), e.order_id) for e in events] == [(Cancelled, "x-000001")]
    assert market.book.orders["x-000002"].remaining == 50


def test_the_auction_trades_at_one_price_when_it_ends_and_the_rest_expires():
    market = exchange()
    market.on_quote(quote("500", of=RELIANCE), OPEN)
    buy = ticket(Side.BUY, 150, limit="505", of=RELIANCE)
    assert Traded not in kinds(market.place(buy, phase=AUCTION, at=T0))
    market.on_quote(quote("503", of=RELIANCE, seconds=1), AUCTION)
    events = market.on_quote(quote("504", of=RELIANCE, seconds=2), CLOSED)
    assert [(e.qty, e.price) for e in events if isinstance(e, Traded)] == [(100, rs("504"))]
    assert isinstance(events[-1], Expired)


def test_an_auction_order_of_a_share_never_quoted_expires():
    market = exchange()
    market.place(ticket(Side.BUY, 10, limit="505", of=RELIANCE), phase=AUCTION, at=T0)
    market.advance(T0, lambda share: AUCTION)
    assert kinds(market.advance(T0, lambda share: CLOSED)) == [Expired]


def test_a_share_without_derivatives_is_done_when_others_go_to_auction():
    market = exchange()
    market.place(ticket(limit="480"), phase=OPEN, at=T0)
    assert kinds(market.advance(T0, lambda share: AUCTION)) == [Expired]


def test_the_book_is_wiped_in_the_night_and_what_still_worked_expires():
    market = exchange()
    market.on_quote(quote("499"), OPEN)
    market.place(ticket(Side.BUY, 150, limit="500"), phase=OPEN, at=T0)
    # 02:59 IST is still the old day, 03:00 is the new one
    before = T0.replace(hour=21, minute=29)
    assert market.advance(before, lambda share: OPEN) == ()
    events = market.advance(before + timedelta(minutes=1), lambda share: OPEN)
    assert kinds(events) == [Expired, DayOpened]
    assert market.book.orders == {} and market.book.trades == []
    assert market.book.holdings() == {MIDCO.isin: 100}


def test_a_purchase_settles_on_the_second_morning():
    # bought Monday, delivered on Tuesday, free in the demat account on Wednesday
    market = exchange()
    market.on_quote(quote("499"), OPEN)
    market.place(ticket(Side.BUY, 50, limit="500"), phase=OPEN, at=T0)
    assert market.book.settled == {}
    market.advance(T0 + DAY, lambda share: OPEN)
    assert market.book.settled == {} and market.book.delivery(MIDCO.isin) == 50
    market.advance(T0 + 2 * DAY, lambda share: OPEN)
    assert market.book.settled == {MIDCO.isin: 50} and market.book.unsettled == {}


def test_a_sale_takes_settled_shares_first():
    market = exchange()
    market.credit(MIDCO.isin, 30, at=T0)
    market.on_quote(quote("499"), OPEN)
    market.place(ticket(Side.BUY, 50, limit="500"), phase=OPEN, at=T0)
    market.place(ticket(Side.SELL, 40, limit="498"), phase=OPEN, at=T0)
    assert market.book.settled[MIDCO.isin] == 0
    assert market.book.delivery(MIDCO.isin) == 40


def test_an_intraday_position_left_overnight_becomes_delivery():
    market = exchange()
    market.on_quote(quote("499"), OPEN)
    market.place(ticket(Side.BUY, 50, limit="500", product=Product.MIS), phase=OPEN, at=T0)
    market.advance(T0 + DAY, lambda share: OPEN)
    assert market.book.settled == {MIDCO.isin: 50}
    assert market.book.intraday == {}
