"""The broker closes intraday positions at its minute, once, within the band, for a fee."""

from datetime import timedelta

from core.domain.calendar import Phase
from core.domain.order import OrderStatus, OrderType, Product, Side
from core.domain.square_off import SquareOff
from core.exchange.changes import Changes
from core.exchange.engine import Exchange
from core.exchange.rules import Rules
from core.exchange.values import (
    Accepted,
    Cancelled,
    Charged,
    ClosedOut,
    Expired,
    Modified,
    Rejected,
    RequestRefused,
    Traded,
)
from tests.exchange.market import ticket
from tests.made import LISTED, MIDCO, RELIANCE, T0, quote, rs

OPEN, AUCTION, CLOSED = Phase.CONTINUOUS, Phase.CLOSING_AUCTION, Phase.CLOSED
CUT = T0 + timedelta(hours=4, minutes=50)  # 15:20 in India
MIS = Product.MIS
FEE = rs("59")


def market(**more):
    return Exchange(LISTED, name="x", squares_off=lambda share, day: SquareOff(CUT, FEE), **more)


def holding(side=Side.BUY, qty=100, **more):
    made = market(**more)
    made.on_quote(quote("500"), OPEN)
    limit = "505" if side is Side.BUY else "495"
    made.place(ticket(side, qty, limit=limit, product=MIS), phase=OPEN, at=T0)
    return made


def at_the_cut(made, ltp="500", seconds=0, phase=OPEN, **sizes):
    """What happens as a quote and the clock reach the minute."""
    at = CUT + timedelta(seconds=seconds)
    events = made.on_quote(quote(ltp, at=at, **sizes), phase)
    return events + made.advance(at, lambda share: phase)


def test_a_long_position_is_sold_at_the_minute_without_a_tag_and_for_a_fee():
    made = holding(funds=rs("100000"))
    assert made.advance(CUT - timedelta(seconds=1), lambda share: OPEN) == ()
    accepted, traded, charged = at_the_cut(made)
    assert isinstance(accepted, Accepted) and isinstance(traded, Traded)
    sold = accepted.ticket
    assert (sold.tag, sold.side, sold.order_type, sold.product) == (
        "", Side.SELL, OrderType.MARKET, MIS,
    )  # fmt: skip
    assert (traded.qty, traded.price) == (100, rs("499.95"))
    assert isinstance(charged, Charged) and charged.amount == FEE
    assert made.book.holdings() == {}
    # bought 100 at 500.05, sold at 499.95, and the fee
    assert made.free_funds() == rs("100000") - rs("10") - FEE
    assert made.advance(CUT + timedelta(minutes=1), lambda share: OPEN) == ()


def test_a_short_position_is_bought_back():
    made = holding(Side.SELL, 60)
    _, traded, _ = at_the_cut(made)
    assert (traded.side, traded.qty, traded.price) == (Side.BUY, 60, rs("500.05"))
    assert made.book.holdings() == {}


def test_working_intraday_orders_are_cancelled_first_and_delivery_is_left_alone():
    made = holding()
    made.place(ticket(Side.SELL, 100, limit="489", trigger="490", product=MIS), phase=OPEN, at=T0)
    made.place(ticket(Side.BUY, 10, limit="480"), phase=OPEN, at=T0)
    events = at_the_cut(made)
    assert [type(e) for e in events] == [Cancelled, Accepted, Traded, Charged]
    assert made.book.orders["x-000002"].status is OrderStatus.CANCELLED
    assert made.book.orders["x-000003"].status is OrderStatus.OPEN


def test_a_thin_market_fills_it_in_parts_for_one_fee():
    made = holding()
    events = at_the_cut(made, bid_qty=160)  # a quarter of what is shown
    assert [e.qty for e in events if isinstance(e, Traded)] == [40]
    events = at_the_cut(made, seconds=5, bid_qty=400)
    assert [e.qty for e in events if isinstance(e, Traded)] == [60]
    assert len(made.book.charged) == 1


def test_no_fresh_intraday_order_is_taken_after_the_minute_and_delivery_is():
    made = market()
    made.on_quote(quote("500", at=CUT), OPEN)
    late = made.place(ticket(limit="500", product=MIS), phase=OPEN, at=CUT)
    assert isinstance(late[0], Rejected) and "squared off" in late[0].reason
    assert isinstance(made.place(ticket(limit="500"), phase=OPEN, at=CUT)[0], Accepted)


def test_an_exit_that_races_it_is_turned_away_and_the_shares_are_sold_once():
    made = holding()
    at_the_cut(made, bid_qty=0)  # it stands and found nobody yet
    mine = ticket(Side.SELL, 100, limit="495", product=MIS)
    assert isinstance(made.place(mine, phase=OPEN, at=CUT)[0], Rejected)
    at_the_cut(made, seconds=5)
    assert made.book.holdings() == {}


def test_the_client_can_neither_cancel_nor_change_it():
    made = holding()
    accepted = at_the_cut(made, bid_qty=0)[0]
    number = accepted.order_id
    (told,) = made.cancel(number, at=CUT)
    assert isinstance(told, RequestRefused) and "the broker's own" in told.reason
    (told,) = made.modify(number, Changes(qty=1), phase=OPEN, at=CUT)
    assert isinstance(told, RequestRefused)
    assert made.book.orders[number].remaining == 100


def test_a_position_over_the_freeze_quantity_goes_in_one_order_after_the_other():
    made = holding(rules=Rules(qty_freeze=60), qty=60)
    made.on_quote(quote("500", seconds=1), OPEN)
    made.place(ticket(limit="505", qty=40, product=MIS), phase=OPEN, at=T0)
    first = at_the_cut(made)
    assert [e.qty for e in first if isinstance(e, Traded)] == [60]
    second = at_the_cut(made, seconds=1)
    assert [e.qty for e in second if isinstance(e, Traded)] == [40]
    assert made.book.holdings() == {} and len(made.book.charged) == 2


def test_what_nobody_takes_becomes_delivery_and_no_fee_is_taken():
    made = holding()
    at_the_cut(made, bid_qty=0)
    (expired,) = made.advance(CUT + timedelta(minutes=10), lambda share: CLOSED)
    assert isinstance(expired, Expired)
    assert expired.reason == "100 of 100 shares could not be squared off and become delivery"
    made.advance(CUT + timedelta(days=1), lambda share: CLOSED)
    assert (made.book.settled, made.book.charged) == ({MIDCO.isin: 100}, [])


def test_at_the_lower_band_a_short_is_told_that_it_goes_to_auction():
    made = holding(Side.SELL)
    at_the_cut(made, ask_qty=0)
    (expired,) = made.advance(CUT + timedelta(minutes=10), lambda share: CLOSED)
    assert "go to the exchange's auction" in expired.reason


def test_a_share_with_a_closing_auction_can_still_leave_there():
    made = market()
    made.on_quote(quote("500", of=RELIANCE), OPEN)
    made.place(ticket(limit="505", product=MIS, of=RELIANCE), phase=OPEN, at=T0)
    made.on_quote(quote("500", of=RELIANCE, at=CUT, bid_qty=0), OPEN)
    made.advance(CUT, lambda share: OPEN)
    at = CUT + timedelta(minutes=5)
    made.on_quote(quote("503", of=RELIANCE, at=at), AUCTION)
    events = made.advance(at + timedelta(minutes=10), lambda share: CLOSED)
    assert [e.price for e in events if isinstance(e, Traded)] == [rs("503")]


def test_a_book_rebuilt_from_its_events_sends_no_second_order():
    made = holding()
    told = at_the_cut(made, bid_qty=0)
    again = market()
    again.replay([*holding_events(), *told])
    assert again.advance(CUT + timedelta(seconds=9), lambda share: OPEN) == ()


def holding_events():
    made = market()
    first = made.on_quote(quote("500"), OPEN)
    return first + made.place(ticket(limit="505", product=MIS), phase=OPEN, at=T0)


def test_without_a_minute_positions_are_left_to_the_client():
    made = Exchange(LISTED, name="x", squares_off=lambda share, day: None)
    made.on_quote(quote("500"), OPEN)
    made.place(ticket(limit="505", product=MIS), phase=OPEN, at=T0)
    assert made.advance(CUT, lambda share: OPEN) == ()


def test_an_uncovered_short_is_closed_out_the_next_day_above_the_last_price():
    made = holding(Side.SELL, funds=rs("100000"))
    at_the_cut(made, ask_qty=0)
    events = made.advance(CUT + timedelta(days=1), lambda share: CLOSED)
    told = events[-1]
    assert isinstance(told, ClosedOut)
    assert (told.qty, told.price) == (100, rs("600"))  # 20 % above ₹500
    assert made.book.holdings() == {}
    # sold at 499.95, closed out at 600
    assert made.free_funds() == rs("100000") + rs("49995") - rs("60000")


def test_a_short_is_delivered_from_shares_held_and_only_the_rest_is_closed_out():
    made = market()
    made.credit(MIDCO.isin, 70, at=T0)
    made.on_quote(quote("500"), OPEN)
    made.place(ticket(Side.SELL, 100, limit="495", product=MIS), phase=OPEN, at=T0)
    events = made.advance(CUT + timedelta(days=1), lambda share: CLOSED)
    assert [e.qty for e in events if isinstance(e, ClosedOut)] == [30]
    assert made.book.holdings() == {}


def test_a_short_sale_needs_its_worth_as_margin_and_buying_it_back_needs_nothing():
    made = holding(Side.SELL, funds=rs("100000"))  # 100 sold at 499.95, the last price 500
    assert made.free_funds() == rs("100000") + rs("49995") - rs("100000")
    stop = ticket(Side.BUY, 100, limit="535", trigger="520", product=MIS)
    [placed] = made.place(stop, phase=OPEN, at=T0)
    assert isinstance(placed, Accepted)
    assert made.free_funds() == rs("49995")  # it only closes
    second = made.place(ticket(Side.BUY, 100, limit="505", product=MIS), phase=OPEN, at=T0)[0]
    assert isinstance(second, Rejected)  # beside the stop it would open 100
    assert "insufficient funds, ₹50,500.00 needed and ₹49,995.00 free" in second.reason
    asked = Changes(trigger=rs("515"), limit=rs("530"))
    [changed] = made.modify(placed.order_id, asked, phase=OPEN, at=T0)
    assert isinstance(changed, Modified)
    more = made.place(ticket(Side.SELL, 100, limit="495", product=MIS), phase=OPEN, at=T0)[0]
    assert isinstance(more, Rejected)
    assert "insufficient funds, ₹50,000.00 needed and ₹49,995.00 free" in more.reason
