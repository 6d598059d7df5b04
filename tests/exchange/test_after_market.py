"""Orders given while the market is shut wait at the broker and go out with the open."""

from datetime import timedelta

from core.domain.calendar import Phase
from core.domain.order import OrderStatus, Product, Side, Validity
from core.domain.square_off import SquareOff
from core.exchange.changes import Changes
from core.exchange.engine import Exchange
from core.exchange.values import Accepted, Cancelled, Modified, Rejected, Released, Traded
from core.exchange.values import RequestRefused as Refused
from core.exchange.values import TurnedDown as Down
from tests.exchange.market import exchange, ticket
from tests.made import LISTED, MIDCO, T0, quote, rs

PRE, OPEN, CLOSED = Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSED
NIGHT = T0 + timedelta(hours=8)  # 18:30 in India
NEXT = T0 + timedelta(hours=22, minutes=31)  # 09:01 of the next day
TRADES = T0 + timedelta(hours=22, minutes=45)  # 09:15


def amo(*args, **changes):
    from dataclasses import replace

    return replace(ticket(*args, **changes), amo=True)


def kept(*args, market=None, **changes):
    """An exchange that keeps one order over the night as its last."""
    made = market or exchange()
    events = made.place(amo(*args, **changes), phase=CLOSED, at=NIGHT)
    assert isinstance(events[-1], Accepted), events
    return made


def goes(market, phase, at):
    return market.advance(at, lambda share: phase)


def test_it_waits_over_the_night_and_goes_out_in_the_pre_open():
    market = kept(limit="500")
    assert market.book.orders["x-000001"].queued
    assert goes(market, CLOSED, NIGHT + timedelta(hours=1)) == ()
    assert [type(e).__name__ for e in goes(market, CLOSED, NIGHT + timedelta(hours=9))] == [
        "DayOpened"
    ]
    assert goes(market, PRE, NEXT) == (Released(NEXT, "x-000001"),)
    events = market.on_quote(quote("499", at=TRADES), OPEN)
    assert [(e.qty, e.price) for e in events if isinstance(e, Traded)] == [(100, rs("499.05"))]


def test_it_trades_with_nobody_before_it_was_sent():
    market = kept(limit="500")
    assert market.on_quote(quote("400", at=NIGHT), CLOSED) == ()
    assert market.book.orders["x-000001"].remaining == 100


def test_a_stop_waits_for_continuous_trading():
    market = exchange()
    market.credit(MIDCO.isin, 100, at=T0)
    kept(Side.SELL, limit="485", trigger="490", market=market)
    assert [type(e).__name__ for e in goes(market, PRE, NEXT)] == ["DayOpened"]
    assert goes(market, OPEN, TRADES) == (Released(TRADES, "x-000001"),)
    events = market.on_quote(quote("489", at=TRADES + timedelta(seconds=1)), OPEN)
    assert [type(e).__name__ for e in events] == ["Triggered", "Traded"]


def test_the_exchange_turns_down_at_the_open_what_the_day_makes_wrong():
    market = kept(limit="560")
    market.on_quote(quote("500", at=TRADES), OPEN)  # a band of 450 to 550
    released, down = goes(market, OPEN, TRADES)
    assert isinstance(released, Released) and isinstance(down, Down)
    assert "outside the day's band" in down.reason
    assert market.book.orders["x-000001"].status is OrderStatus.REJECTED


def test_it_is_taken_only_while_the_market_is_shut_and_never_as_ioc():
    market = exchange()
    for phase in (PRE, OPEN, Phase.CLOSING_AUCTION):
        (told,) = market.place(amo(), phase=phase, at=T0)[-1:]
        assert isinstance(told, Rejected) and "place a regular order" in told.reason
    (told,) = market.place(amo(validity=Validity.IOC), phase=CLOSED, at=NIGHT)
    assert isinstance(told, Rejected) and "use DAY" in told.reason


def test_shares_and_money_are_looked_at_when_it_is_given():
    market = exchange(funds=rs("60000"))
    (*_, told) = market.place(amo(Side.SELL, 5), phase=CLOSED, at=NIGHT)
    assert isinstance(told, Rejected) and "0 held" in told.reason
    kept(limit="500", market=market)
    assert market.free_funds() == rs("10000")
    (told,) = market.place(amo(limit="500"), phase=CLOSED, at=NIGHT)
    assert isinstance(told, Rejected) and "insufficient funds" in told.reason


def test_its_own_shares_are_free_for_it_at_the_open():
    market = exchange()
    market.credit(MIDCO.isin, 100, at=T0)
    kept(Side.SELL, 100, limit="500", market=market)
    goes(market, PRE, NEXT)
    events = market.on_quote(quote("501", at=TRADES), OPEN)
    assert [e.qty for e in events if isinstance(e, Traded)] == [100]


def test_it_changes_and_is_cancelled_while_it_waits():
    market = kept(limit="500")
    (told,) = market.modify("x-000001", Changes(qty=40, limit=rs("490")), phase=CLOSED, at=NIGHT)
    assert isinstance(told, Modified)
    (told,) = market.modify("x-000001", Changes(limit=rs("490.03")), phase=CLOSED, at=NIGHT)
    assert isinstance(told, Refused) and "tick" in told.reason
    (told,) = market.modify("x-000001", Changes(validity=Validity.IOC), phase=CLOSED, at=NIGHT)
    assert isinstance(told, Refused)
    (told,) = market.cancel("x-000001", at=NIGHT)
    assert isinstance(told, Cancelled)
    assert goes(market, CLOSED, NIGHT) == ()


def test_an_intraday_one_is_kept_after_the_days_square_off_and_not_squared_off():
    cut = T0 + timedelta(hours=4, minutes=50)
    market = Exchange(LISTED, name="x", squares_off=lambda share, day: SquareOff(cut, rs("59")))
    kept(product=Product.MIS, market=market)
    assert market.advance(NIGHT, lambda share: OPEN)[0] == Released(NIGHT, "x-000001")
    market = Exchange(LISTED, name="x", squares_off=lambda share, day: SquareOff(cut, rs("59")))
    kept(product=Product.MIS, market=market)
    assert market.advance(NIGHT, lambda share: CLOSED) == ()


def test_a_book_rebuilt_in_the_night_still_keeps_it():
    market = exchange()
    told = market.place(amo(limit="500"), phase=CLOSED, at=NIGHT)
    again = exchange()
    again.replay(told)
    assert [type(e).__name__ for e in goes(again, PRE, NEXT)] == ["DayOpened", "Released"]
    assert again.book.orders["x-000001"].remaining == 100
