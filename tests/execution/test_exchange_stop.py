"""An intraday fill walks to a stop order that was read back, and no second one joins it."""

from dataclasses import replace

import pytest

from core.domain.instrument import PriceBand
from core.domain.money import Money
from core.domain.order import OrderStatus, OrderType, Product, Purpose, Side
from core.domain.protection import Owner, ProtectionStatus
from core.execution.exchange_stop import CHANGES_MAX, Seen, next_step, stop_of, stop_order
from core.execution.protect import Verb, Wanted, begin
from tests.made import SHORT, T0, a_broker_order, a_plan, an_order, rs

P = ProtectionStatus
S = OrderStatus
PLAN = a_plan(product=Product.MIS)
FULL = Wanted(100, rs("480"), rs("540"))
BAND = PriceBand(rs("450"), rs("550"))


def cover(status, *, qty=100, stop="480"):
    return replace(begin(PLAN), status=status, qty=qty, stop=rs(stop), owner=Owner.EXCHANGE_SL)


def stop(status=S.OPEN, **changes):
    fields = {
        "side": Side.SELL, "purpose": Purpose.STOP, "order_type": OrderType.SL,
        "limit_price": rs("465.60"), "trigger_price": rs("480"), "product": Product.MIS,
    }  # fmt: skip
    return an_order(**({"id": "or9", "status": status} | fields | changes))


def rests(**changes):
    fields = {
        "side": Side.SELL, "trigger": rs("480"), "limit": rs("465.60"), "product": Product.MIS,
        "broker_status": "TRIGGER PENDING",
    }  # fmt: skip
    return a_broker_order(**(fields | changes))


def step(protection, held, seen=None, **more):
    return next_step(protection, PLAN, held, seen or Seen(), **more)


def test_the_order_asks_three_percent_through_its_trigger_and_stays_in_the_band():
    made = stop_order(PLAN, FULL, tick=Money(5), band=BAND, prepared_at=T0, desk="AB", attempt=1)
    assert (made.side, made.order_type, made.purpose) == (Side.SELL, OrderType.SL, Purpose.STOP)
    assert (made.trigger_price, made.limit_price) == (rs("480"), rs("465.60"))
    narrow = PriceBand(rs("475"), rs("525"))
    made = stop_order(PLAN, FULL, tick=Money(5), band=narrow, prepared_at=T0, desk="AB", attempt=2)
    assert made.limit_price == rs("475")
    short = a_plan(product=Product.MIS, side=Side.SELL, bracket=SHORT)
    want = Wanted(100, SHORT.stop, SHORT.target)
    made = stop_order(short, want, tick=Money(5), band=BAND, prepared_at=T0, desk="AB", attempt=1)
    assert made.side is Side.BUY and made.limit_price > made.trigger_price


@pytest.mark.parametrize(
    ("protection", "held", "seen", "verb"),
    [
        (begin(PLAN), 100, Seen(), Verb.ARM),
        (cover(P.ARMED_LOCAL), 100, Seen(), Verb.PLACE),
        (cover(P.ARMED_LOCAL, qty=30), 100, Seen(), Verb.ARM),
        (cover(P.UNFILLABLE), 100, Seen(), Verb.NOTHING),
        # its fate is not told: nothing second is placed
        (cover(P.ARMED_LOCAL), 100, Seen(stop(S.UNKNOWN)), Verb.NOTHING),
        (cover(P.ARMED_LOCAL), 100, Seen(stop(S.PREPARED)), Verb.NOTHING),
        (cover(P.ARMED_LOCAL, qty=30), 100, Seen(stop(S.UNKNOWN)), Verb.ARM),
        (cover(P.PLACED), 100, Seen(stop(S.UNKNOWN)), Verb.ARM),
        (cover(P.VERIFIED), 100, Seen(stop()), Verb.ARM),
        # it rests
        (cover(P.PLACED), 100, Seen(stop(), rests()), Verb.VERIFY),
        (cover(P.VERIFIED), 100, Seen(stop(), rests()), Verb.NOTHING),
        (cover(P.ARMED_LOCAL), 100, Seen(stop(), rests()), Verb.ADOPT),
        (cover(P.VERIFIED), 100, Seen(stop(), rests(qty=60)), Verb.ARM),
        (cover(P.ARMED_LOCAL), 100, Seen(stop(), rests(qty=60)), Verb.RESIZE),
        (cover(P.ARMED_LOCAL), 100, Seen(stop(), rests(trigger=rs("470"))), Verb.RESIZE),
        (cover(P.ARMED_LOCAL), 100, Seen(stop(), rests(limit=rs("481"))), Verb.RESIZE),
        (cover(P.VERIFIED), 100, Seen(stop(), rests(product=Product.CNC)), Verb.ARM),
        (cover(P.PLACED), 100, Seen(stop(), rests(broker_status="VALIDATION PENDING")), Verb.ARM),
        # nothing is held behind it
        (cover(P.VERIFIED), 0, Seen(stop(), rests()), Verb.CANCEL),
        (cover(P.VERIFIED), 0, Seen(stop(S.UNKNOWN)), Verb.NOTHING),
        (cover(P.VERIFIED), 0, Seen(stop(S.FILLED)), Verb.RELEASE),
        (cover(P.VERIFIED), 0, Seen(), Verb.RELEASE),
        # it woke, or it is gone
        (cover(P.VERIFIED), 100, Seen(stop(), rests(broker_status="open")), Verb.NOTHING),
        (cover(P.VERIFIED), 40, Seen(stop(), rests(broker_status="OPEN")), Verb.RESIZE),
        (cover(P.VERIFIED), 100, Seen(stop(S.CANCELLED)), Verb.ARM),
        (cover(P.VERIFIED), 100, Seen(stop(S.ABSENT)), Verb.ARM),
        (cover(P.ARMED_LOCAL), 100, Seen(stop(S.REJECTED)), Verb.PLACE),
        (
            cover(P.VERIFIED), 100,
            Seen(stop(S.CANCELLED), rests(status=S.CANCELLED, filled_qty=40), booked=0),
            Verb.NOTHING,
        ),
    ],
)  # fmt: skip
def test_one_step_brings_it_closer(protection, held, seen, verb):
    assert step(protection, held, seen).verb is verb


def test_a_lost_answer_has_a_second_to_show_before_the_desk_stands_in():
    seen = Seen(stop(S.UNKNOWN))
    assert step(cover(P.PLACED), 100, seen, seconds_since_write=0.5).verb is Verb.NOTHING
    assert step(cover(P.PLACED), 100, seen, seconds_since_write=1.5).verb is Verb.ARM


def test_nothing_is_sent_while_the_exchange_takes_no_stop_order():
    assert step(cover(P.ARMED_LOCAL), 100, takes_stops=False).verb is Verb.NOTHING
    off = Seen(stop(), rests(qty=60))
    assert step(cover(P.ARMED_LOCAL), 100, off, takes_stops=False).verb is Verb.NOTHING


def test_one_changed_too_often_makes_room_for_another():
    worn = Seen(stop(), rests(qty=60), changes=CHANGES_MAX)
    assert step(cover(P.ARMED_LOCAL), 100, worn).verb is Verb.CANCEL


def test_a_stop_that_woke_never_sells_more_than_is_held():
    woke = Seen(stop(), rests(filled_qty=30, broker_status="OPEN"))
    todo = step(cover(P.VERIFIED), 40, woke)
    assert (todo.verb, todo.wanted.qty) == (Verb.RESIZE, 70)  # 30 sold and 40 to go
    assert step(cover(P.VERIFIED), 70, woke).verb is Verb.NOTHING


def test_while_an_entry_works_nothing_is_released():
    assert step(cover(P.ARMED_LOCAL), 0, entry_working=True).verb is Verb.NOTHING


def test_the_newest_stop_order_counts_and_a_gtts_child_is_none():
    old, new = stop(S.CANCELLED, id="or1"), stop(id="or2")
    child = replace(new, id="or3", order_type=OrderType.LIMIT)
    assert stop_of([old, new, child]) is new
    assert stop_of([child]) is None


def test_a_stop_order_that_sleeps_closes_nothing_until_it_woke():
    sleeping = stop(broker_status="TRIGGER PENDING")
    assert sleeping.sleeps and not sleeping.closes
    woke = replace(sleeping, broker_status="open")
    assert woke.closes and not woke.sleeps
    assert not stop(S.CANCELLED).closes and stop(S.FILLED).closes
