"""Scenarios of intraday plans: a stop order of the open shares, a desk target, out in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from core.brokers.fake import Verb
from core.desk.partial_exit import exit_part
from core.desk.send import send_prepared
from core.domain.card import Leg
from core.domain.clock import IST
from core.domain.instrument import Instrument
from core.domain.order import Order, OrderStatus, OrderType, Product, Purpose, Side, Validity
from core.domain.plan import PlanStatus
from core.domain.protection import Owner, ProtectionStatus
from core.errors import ApprovalRefused
from core.exchange.values import Ticket
from core.store.engine import Store
from tests.desk.morning import a_card
from tests.made import BRACKET, MIDCO, RELIANCE, rs
from tests.torture.stage import Killed, Stage, stage_on

P = ProtectionStatus
STRIDE = 8  # of the boundaries; another lot begins at another one
DAY = (Leg(Side.BUY, 100, Product.MIS),)


def day_card(stage: Stage, **changes: object) -> Order:
    """Approve 100 MIDCO for the day."""
    card = a_card(stage.clock, legs=DAY, horizon_sessions=0, **changes)
    return stage.approve(stage.put(card))


def entered(stage: Stage, *, size: int = 400, **changes: object) -> Order:
    """An intraday position under a stop order that was read back."""
    order = day_card(stage, **changes)
    stage.beat(size=size)
    return order


def stops(stage: Stage) -> list[Order]:
    """Stop orders of the desk, newest first."""
    return [one for one in stage.orders() if one.is_stop_order]


def at_broker(stage: Stage) -> list[tuple[int, int, str]]:
    """(shares left, trigger in paise, word) of each working stop order at the exchange."""
    book = stage.paper.orders()
    return [
        (one.qty - one.filled_qty, one.trigger.paise, one.broker_status)
        for one in book
        if one.status is OrderStatus.OPEN and one.trigger is not None
    ]


def test_a_fill_rests_under_a_stop_order_of_its_size_that_was_read_back(stage: Stage):
    entered(stage)
    cover = stage.cover()
    assert (cover.status, cover.owner, cover.qty) == (P.VERIFIED, Owner.EXCHANGE_SL, 100)
    assert at_broker(stage) == [(100, 48_000, "TRIGGER PENDING")]
    [stop] = stops(stage)
    assert (stop.purpose, stop.order_type, stop.product) == (
        Purpose.STOP,
        OrderType.SL,
        Product.MIS,
    )
    assert stop.limit_price == rs("465.60")  # 3 % through, in the band of 450
    assert stage.resting() == []  # and no GTT


def test_the_stop_order_that_fires_sells_once_and_the_books_say_stop(stage: Stage):
    entered(stage)
    stage.beat("479", times=3)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})
    assert [one.purpose for one in stage.sales()] == [Purpose.STOP]
    assert stage.plan().status is PlanStatus.CLOSED
    assert stage.cover().status is P.RELEASED


def test_partial_fills_enlarge_the_same_stop_order(stage: Stage):
    entered(stage, size=120)  # 30 a tick
    assert at_broker(stage) == [(30, 48_000, "TRIGGER PENDING")]
    stage.beat(size=120)
    assert at_broker(stage) == [(60, 48_000, "TRIGGER PENDING")]
    stage.beat(size=120, times=2)
    assert at_broker(stage) == [(100, 48_000, "TRIGGER PENDING")]
    assert len(stops(stage)) == 1
    assert stage.cover().status is P.VERIFIED


def test_fifty_pieces_end_under_one_stop_order_of_all_of_them(stage: Stage):
    day_card(stage)
    stage.beat(size=8, times=50)  # 2 a tick
    assert at_broker(stage) == [(100, 48_000, "TRIGGER PENDING")]
    assert stage.cover().status is P.VERIFIED


def test_the_target_is_the_desks_and_the_stop_goes_first(stage: Stage):
    entered(stage)
    stage.beat("540", times=3)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})
    assert [one.status for one in stops(stage)] == [OrderStatus.CANCELLED]
    assert [one.purpose for one in stage.sales() if one.closes] == [Purpose.EXIT]


def test_a_person_leaves_while_the_stop_fires_and_it_sells_once(stage: Stage):
    entered(stage)
    stage.leave()
    stage.tick("479")  # it fires before the desk can take it away
    stage.work()
    stage.beat("479", times=3)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})
    assert [one.purpose for one in stage.sales() if one.closes] == [Purpose.STOP]


def test_a_lost_answer_to_the_stop_is_found_by_its_tag_and_never_sent_twice(stage: Stage):
    day_card(stage)
    stage.tick("500", size=0)
    stage.work()
    stage.broker.accept_then_timeout(Verb.PLACE)
    stage.beat(size=400, times=2)
    stage.beat(times=3)
    assert at_broker(stage) == [(100, 48_000, "TRIGGER PENDING")]
    assert len(stops(stage)) == 1
    assert stage.cover().status is P.VERIFIED


def test_a_stop_that_never_arrived_leaves_the_desk_stop_armed_and_told(stage: Stage):
    day_card(stage)
    stage.tick("500", size=0)
    stage.work()
    stage.broker.drop_before_accept(Verb.PLACE)
    stage.beat(size=400, times=5)
    assert stage.cover().status is P.ARMED_LOCAL
    assert any("nobody can tell yet" in said for said in stage.alarms())
    stage.wait(150)
    assert at_broker(stage) == [(100, 48_000, "TRIGGER PENDING")]


def test_a_stop_that_is_refused_leaves_the_desk_stop_which_sells(stage: Stage):
    day_card(stage)
    stage.tick("500", size=0)
    stage.work()
    stage.broker.refuse("RMS: blocked for MIS", Verb.PLACE)
    stage.beat(size=400)
    assert stage.cover().status is P.ARMED_LOCAL
    assert any("no broker stop" in said for said in stage.alarms())
    stage.beat("479", times=4)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})


def test_a_stop_behind_a_gap_is_followed_as_one_order(stage: Stage):
    entered(stage)
    stage.beat("460", times=1)  # under its limit of 465.60
    assert stage.paper.holdings() == {MIDCO.isin: 100}
    stage.beat("460", times=12)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})
    assert [one.purpose for one in stage.sales() if one.closes] == [Purpose.STOP]
    assert len(stage.sales()) == 1


def test_half_sold_by_phone_makes_the_stop_order_smaller(stage: Stage):
    entered(stage)
    ticket = Ticket("", MIDCO.isin, "MIDCO", Side.SELL, 50, OrderType.MARKET, Product.MIS,
                    Validity.DAY, None, None)  # fmt: skip
    stage.paper.place_ticket(ticket)
    stage.beat(times=3)
    assert at_broker(stage) == [(50, 48_000, "TRIGGER PENDING")]


@pytest.mark.parametrize("verb", ["before place", "after place"])
def test_a_death_round_the_stops_send_leaves_one_stop_order(stage: Stage, verb: str):
    day_card(stage)
    stage.tick("500", size=0)
    stage.work()
    fuse = stage.kill_at(None)
    fuse.name = verb
    with pytest.raises(Killed):
        stage.beat(size=400, times=2)
    stage.restart()
    stage.beat(times=3)
    if verb == "before place":  # nobody can tell that it never left
        assert stage.cover().status is P.ARMED_LOCAL
        stage.wait(150)
    assert at_broker(stage) == [(100, 48_000, "TRIGGER PENDING")]
    assert stage.cover().status is P.VERIFIED


def to(stage: Stage, clock: str, *, of: Instrument = MIDCO, **shown: object) -> None:
    """Go to a time of the day, and let the worker see a price there."""
    hour, minute, second = (int(part) for part in clock.split(":"))
    at = datetime(2026, 11, 23, hour, minute, second, tzinfo=IST)
    stage.clock.pass_seconds((at - stage.clock.now()).total_seconds() - 1)
    stage.beat(of=of, **shown)


def reliance(stage: Stage, **changes: object) -> Order:
    """The same in a share with a closing auction."""
    more = {"isin": RELIANCE.isin, "symbol": RELIANCE.symbol, "sector": RELIANCE.sector}
    order = day_card(stage, **more, **changes)
    stage.beat(of=RELIANCE)
    return order


def test_an_intraday_position_leaves_ten_minutes_before_its_broker_closes_it(stage: Stage):
    entered(stage)
    to(stage, "15:09:58")
    assert stage.shares() == {MIDCO.isin: 100}
    to(stage, "15:10:00")
    stage.beat(times=2)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})
    assert stage.plan().status is PlanStatus.CLOSED


def test_a_share_with_a_closing_auction_leaves_before_that(stage: Stage):
    reliance(stage)
    to(stage, "15:00:00", of=RELIANCE)
    stage.beat(of=RELIANCE, times=2)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})


def test_no_intraday_entry_is_taken_so_late_that_it_must_leave_at_once(stage: Stage):
    to(stage, "14:40:00")
    with pytest.raises(ApprovalRefused, match="no intraday position is opened after 14:40"):
        day_card(stage)


def test_the_auction_takes_a_kept_positions_stop_which_is_told_and_not_sent_again(
    late_stage: Stage,
):
    stage = late_stage
    reliance(stage)
    to(stage, "14:55:00", of=RELIANCE)
    stage.broker.die()  # nothing can be sold in time
    gone = stage.clock.now()
    to(stage, "15:14:55", of=RELIANCE)
    stage.broker.log_in()
    stage.away.append((gone, stage.clock.now()))
    stage.beat(of=RELIANCE, times=4)
    assert stage.cover().status is P.VERIFIED  # it rests until the last second
    to(stage, "15:15:00", of=RELIANCE)
    stage.beat(of=RELIANCE, times=9)
    assert [one.status for one in stops(stage)] == [OrderStatus.CANCELLED]
    assert any("100 shares have no stop and the exchange takes no" in one for one in stage.alarms())
    assert len(stage.broker.sends()) == 2  # the entry and its stop, and nothing into the auction
    assert stage.paper.holdings() == {RELIANCE.isin: 100}


def test_the_broker_squares_off_what_our_exit_could_not_sell_and_takes_its_fee(stage: Stage):
    entered(stage)
    before = stage.cash()
    to(stage, "15:09:59")
    stage.beat(times=3, bid_qty=0)
    assert [one.status for one in stage.sales() if one.closes] == [OrderStatus.OPEN]
    for clock in ("15:12:00", "15:15:00", "15:18:00"):
        to(stage, clock, bid_qty=0)
    assert stage.paper.holdings() == {MIDCO.isin: 100}
    to(stage, "15:20:01")
    stage.beat(times=3)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})
    assert stage.plan().status is PlanStatus.CLOSED
    assert sum(one.status is OrderStatus.FILLED for one in stage.sales()) == 1
    assert any("the broker closes 100 intraday shares itself" in said for said in stage.alarms())
    assert stage.cash("charges:brokerage") >= rs("50")  # and ₹9 GST
    assert stage.cash() < before + rs("50000")


@pytest.fixture
def late_stage(store: Store, desk_home: Path, dialect: str) -> Iterator[Stage]:
    """A stage whose broker closes no intraday position itself."""
    made = stage_on(store, desk_home, dialect=dialect, squares_off=False)
    yield made
    found = made.judge()
    made.close()
    assert found == []


def test_a_trail_tightens_the_same_stop_order_and_a_lost_answer_loosens_nothing(stage: Stage):
    bracket = replace(BRACKET, trail=rs("10"), trail_from=rs("510"))
    entered(stage, bracket=bracket)
    stage.broker.accept_then_timeout(Verb.MODIFY)
    stage.beat("520", times=3)
    assert at_broker(stage) == [(100, 51_000, "TRIGGER PENDING")]
    stage.clock.pass_seconds(61)
    stage.beat("530", times=3)
    assert at_broker(stage) == [(100, 52_000, "TRIGGER PENDING")]
    assert (len(stops(stage)), stage.cover().status) == (1, P.VERIFIED)
    stage.beat("525", times=3)
    assert at_broker(stage) == [(100, 52_000, "TRIGGER PENDING")]


def test_a_part_is_sold_after_its_stop_order_was_made_smaller(stage: Stage):
    entered(stage)
    exit_part(stage.desk, stage.plan().id, 40, reason="half", by="me")
    stage.beat(times=4)
    assert stage.paper.holdings() == {MIDCO.isin: 60}
    assert at_broker(stage) == [(60, 48_000, "TRIGGER PENDING")]
    assert stage.cover().status is P.VERIFIED


def test_a_stop_order_taken_away_by_hand_is_placed_again(stage: Stage):
    entered(stage)
    [known] = [one for one in stage.paper.orders() if one.trigger is not None]
    stage.paper.cancel(known.broker_order_id)
    stage.beat(times=3)
    assert at_broker(stage) == [(100, 48_000, "TRIGGER PENDING")]
    assert [one.status for one in stops(stage)] == [OrderStatus.OPEN, OrderStatus.CANCELLED]


def test_a_stop_order_rejected_after_its_answer_is_placed_again_or_sold(stage: Stage):
    entered(stage)
    [known] = [one for one in stage.paper.orders() if one.trigger is not None]
    stage.paper.turn_down(known.broker_order_id, "16419: order not allowed")
    stage.beat(times=3)
    assert at_broker(stage) == [(100, 48_000, "TRIGGER PENDING")]


def test_a_stop_already_passed_when_the_fill_is_seen_is_sold_by_the_desk(stage: Stage):
    day_card(stage)
    stage.tick("500", size=400)
    send_prepared(stage.dealer)
    stage.tick("479")  # filled, and below the stop before the desk looked
    stage.work()
    stage.beat("479", times=4)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})


def test_flatten_takes_the_stop_away_first_and_sells_once(stage: Stage):
    entered(stage)
    stage.leave()
    stage.broker.drop_before_accept(Verb.CANCEL)
    stage.beat(times=4)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})
    assert [one.purpose for one in stage.sales() if one.closes] == [Purpose.EXIT]


def test_an_exit_while_the_stops_outcome_is_unknown_waits_and_then_sells_once(stage: Stage):
    day_card(stage)
    stage.tick("500", size=0)
    stage.work()
    stage.broker.delay_visibility(40)
    stage.broker.accept_then_timeout(Verb.PLACE)
    stage.beat(size=400, times=2)
    stage.leave()
    stage.beat(times=4)
    assert stage.paper.holdings() == {MIDCO.isin: 100}  # ten seconds are not over
    stage.broker.delay_visibility(0)
    stage.beat(times=50)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})
    assert at_broker(stage) == []


def test_an_intraday_position_that_outlives_its_day_is_told_and_not_sold_short(late_stage: Stage):
    stage = late_stage
    entered(stage)
    gone = stage.clock.now()
    stage.clock.pass_seconds(2 * 86_400)
    stage.away.append((gone, stage.clock.now()))
    stage.beat(times=3)
    assert any("counts as delivery since" in said for said in stage.alarms())
    assert len(stage.broker.sends()) == 2
    assert stage.paper.holdings() == {MIDCO.isin: 100}


def play(stage: Stage) -> None:
    """An intraday trade in pieces, tightened, sold in part and let go."""
    day_card(stage)
    stage.beat(size=120, times=2)
    stage.beat(size=400, times=2)
    exit_part(stage.desk, stage.plan().id, 40, reason="half", by="me")
    stage.beat(times=3)
    stage.leave()
    stage.beat(times=3)


@pytest.mark.parametrize("lot", range(4))
def test_a_death_at_any_boundary_of_an_intraday_trade_leaves_one_owner_of_its_shares(
    stage_of: Callable[[], Stage], lot: int
):
    counted = stage_of()
    fuse = counted.kill_at(None)
    play(counted)
    assert counted.judge() == []
    for number in range(1 + lot, len(fuse.crossed) + 1, 4 * STRIDE):
        stage = stage_of()
        stage.kill_at(number)
        with pytest.raises(Killed):
            play(stage)
        stage.restart()
        stage.beat(times=3)
        stage.wait(150)  # until what was lost is found or proven absent
        if stage.plan().status is PlanStatus.HOLDING:
            stage.leave()
        stage.beat(times=4)
        where = f"killed at {fuse.crossed[number - 1]}, number {number}"
        assert stage.judge() == [], where
        assert (at_broker(stage), stage.paper.holdings()) == ([], {}), where
