"""A held share is under a stop: the desk's at once, the broker's as soon as it was read back."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from core.brokers.fake import Verb
from core.desk.protect import protect
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.desk.tighten import tighten
from core.domain.order import OrderStatus, Product, Purpose, Side
from core.domain.plan import PlanStatus
from core.domain.ports import GttOrder
from core.domain.protection import Owner, ProtectionStatus
from core.store import audit, quotes
from tests.desk.morning import Morning, a_card, work_exits
from tests.made import MIDCO, quote, rs

P = ProtectionStatus


def entered(morning: Morning, *, size: int = 4_000) -> Morning:
    """A settled entry; a quarter of the shown size is ours."""
    morning.tick("500", size=size)
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    return morning


def resting(morning: Morning) -> list[GttOrder]:
    """Active pairs at the broker."""
    return [gtt for gtt in morning.broker.gtts() if gtt.active]


def stages(morning: Morning) -> list[str]:
    """Every state the protection went through, as recorded."""
    with morning.desk.store.read() as tx:
        return [json.loads(row.body)["to"] for row in audit.entries(tx) if row.verb == "protect"]


def written(morning: Morning, verb: Verb) -> int:
    """How many requests of one kind left the desk."""
    return sum(one is verb for one, _ in morning.broker.writes)


def test_one_call_brings_a_fill_under_a_stop_that_was_read_back(morning: Morning):
    entered(morning)
    assert protect(morning.dealer) == 3
    assert stages(morning) == ["ARMED_LOCAL", "PLACED", "VERIFIED"]
    cover = morning.cover()
    assert (cover.owner, cover.qty, cover.stop, cover.target) == (
        Owner.BROKER_GTT,
        100,
        rs("480"),
        rs("540"),
    )
    [gtt] = resting(morning)
    assert (gtt.qty, gtt.stop, gtt.target, gtt.side) == (100, rs("480"), rs("540"), Side.SELL)
    assert protect(morning.dealer) == 0
    morning.books_are_clean()


def test_nothing_is_placed_before_the_first_fill(morning: Morning):
    morning.tick("500", size=0)
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    assert (protect(morning.dealer), resting(morning)) == (0, [])


def test_each_partial_fill_resizes_the_same_stop(morning: Morning):
    entered(morning, size=120)
    protect(morning.dealer)
    [first] = resting(morning)
    for size, held in ((160, 70), (4_000, 100)):
        morning.tick("500", size=size)
        settle(morning.dealer)
        protect(morning.dealer)
        [gtt] = resting(morning)
        assert (gtt.gtt_id, gtt.qty) == (first.gtt_id, held)
        assert (morning.cover().status, morning.cover().qty) == (P.VERIFIED, held)
    assert written(morning, Verb.PLACE_GTT) == 1


def test_a_refused_broker_stop_leaves_the_desk_stop_armed_and_says_so(morning: Morning):
    morning.broker.refuse("TPIN is missing", Verb.PLACE_GTT)
    entered(morning)
    protect(morning.dealer)
    cover = morning.cover()
    assert (cover.status, cover.owner, cover.qty) == (P.ARMED_LOCAL, Owner.LOCAL, 100)
    assert morning.alarms() == [
        "MIDCO: 100 shares have no broker stop: broker stop refused: TPIN is missing"
    ]


def test_a_refused_broker_stop_is_asked_for_again_only_after_15_seconds(morning: Morning):
    morning.broker.refuse("TPIN is missing", Verb.PLACE_GTT)
    entered(morning)
    for _ in range(14):
        protect(morning.dealer)
        morning.clock.pass_seconds(1)
    assert written(morning, Verb.PLACE_GTT) == 1
    morning.clock.pass_seconds(1)
    protect(morning.dealer)
    assert written(morning, Verb.PLACE_GTT) == 2
    assert morning.cover().status is P.VERIFIED


def test_a_refused_resize_is_no_storm_either(morning: Morning):
    entered(morning, size=120)
    protect(morning.dealer)
    morning.broker.refuse("too many modifications", Verb.MODIFY_GTT)
    morning.tick("500")
    settle(morning.dealer)
    for _ in range(5):
        protect(morning.dealer)
        morning.clock.pass_seconds(1)
    assert written(morning, Verb.MODIFY_GTT) == 1
    assert (morning.cover().status, morning.cover().qty) == (P.ARMED_LOCAL, 100)
    morning.clock.pass_seconds(15)
    protect(morning.dealer)
    assert (morning.cover().status, resting(morning)[0].qty) == (P.VERIFIED, 100)


def test_the_desk_stop_sells_while_the_broker_has_none(morning: Morning):
    morning.broker.refuse("TPIN is missing", Verb.PLACE_GTT)
    entered(morning)
    protect(morning.dealer)
    morning.tick("479")
    assert work_exits(morning.dealer) == 1
    send_prepared(morning.dealer)
    settle(morning.dealer)
    sale = morning.orders()[0]
    assert (sale.purpose, sale.status, sale.side) == (Purpose.EXIT, OrderStatus.FILLED, Side.SELL)
    assert (morning.shares(), morning.plan().status) == ({}, PlanStatus.CLOSED)
    morning.books_are_clean()


def test_a_stop_whose_answer_was_lost_is_found_and_not_doubled(morning: Morning):
    morning.broker.accept_then_timeout(Verb.PLACE_GTT)
    entered(morning)
    protect(morning.dealer)
    assert (morning.cover().status, len(resting(morning))) == (P.VERIFIED, 1)
    assert morning.cover().gtt_id == resting(morning)[0].gtt_id
    assert written(morning, Verb.PLACE_GTT) == 1


def test_a_stop_that_never_arrived_is_asked_for_again_after_ten_seconds(morning: Morning):
    morning.broker.drop_before_accept(Verb.PLACE_GTT)
    entered(morning)
    protect(morning.dealer)
    assert (morning.cover().status, resting(morning)) == (P.PLACED, [])
    morning.clock.pass_seconds(2)
    protect(morning.dealer)
    assert (morning.cover().status, morning.cover().owner) == (P.ARMED_LOCAL, Owner.LOCAL)
    morning.clock.pass_seconds(9)
    protect(morning.dealer)
    assert written(morning, Verb.PLACE_GTT) == 1
    morning.clock.pass_seconds(2)
    protect(morning.dealer)
    assert (morning.cover().status, len(resting(morning))) == (P.VERIFIED, 1)


def test_a_throttled_stop_leaves_the_desk_stop_armed_and_is_asked_for_again(morning: Morning):
    morning.broker.throttle(Verb.PLACE_GTT)
    entered(morning)
    protect(morning.dealer)
    assert (morning.cover().status, morning.cover().owner) == (P.ARMED_LOCAL, Owner.LOCAL)
    assert morning.alarms() == []
    morning.clock.pass_seconds(2)
    protect(morning.dealer)
    assert (morning.cover().status, len(resting(morning))) == (P.VERIFIED, 1)


def test_a_stop_cancelled_by_phone_is_put_back(morning: Morning):
    entered(morning)
    protect(morning.dealer)
    [gone] = resting(morning)
    morning.broker.paper.cancel_gtt(gone.gtt_id)
    protect(morning.dealer)
    [gtt] = resting(morning)
    assert gtt.gtt_id != gone.gtt_id
    assert morning.cover().status is P.VERIFIED


def test_a_second_pair_over_the_same_shares_is_cancelled(morning: Morning):
    entered(morning)
    protect(morning.dealer)
    morning.broker.paper.place_gtt(
        isin=MIDCO.isin,
        symbol=MIDCO.symbol,
        qty=100,
        side=Side.SELL,
        stop=rs("480"),
        target=rs("540"),
        product=Product.CNC,
    )
    protect(morning.dealer)
    assert [gtt.gtt_id for gtt in resting(morning)] == [morning.cover().gtt_id]


def test_a_fired_stop_whose_order_is_turned_down_raises_an_alarm(morning: Morning):
    entered(morning)
    protect(morning.dealer)
    # the shares went to another demat account, so they are gone when the stop fires
    morning.broker.paper.credit(MIDCO.isin, -100)
    morning.tick("479")
    settle(morning.dealer)
    protect(morning.dealer)
    assert "STOP_FAILED" in stages(morning)
    words = " ".join(morning.alarms())
    assert "fired and its order" in words and "is REJECTED" in words


def test_a_stop_left_over_by_an_ended_plan_is_cancelled(morning: Morning):
    entered(morning)
    protect(morning.dealer)
    morning.tick("541")
    settle(morning.dealer)
    assert morning.plan().status is PlanStatus.CLOSED
    protect(morning.dealer)
    assert (morning.cover().status, resting(morning)) == (P.RELEASED, [])


@pytest.mark.parametrize("fault", ["throttle", "accept_then_timeout"])
def test_a_resize_with_trouble_still_ends_in_the_right_size(morning: Morning, fault: str):
    entered(morning, size=120)
    protect(morning.dealer)
    getattr(morning.broker, fault)(Verb.MODIFY_GTT)
    morning.tick("500")
    settle(morning.dealer)
    for _ in range(3):
        protect(morning.dealer)
        morning.clock.pass_seconds(6)
    assert [gtt.qty for gtt in resting(morning)] == [100]
    assert (morning.cover().status, morning.cover().qty) == (P.VERIFIED, 100)


def test_the_stop_follows_a_winner_and_never_goes_back(morning: Morning):
    entered(morning)
    protect(morning.dealer)
    morning.tick("519")
    assert tighten(morning.dealer) == 0  # the trail begins at 520
    morning.tick("525")
    assert tighten(morning.dealer) == 1
    assert morning.cover().stop == rs("510")  # 15 behind
    protect(morning.dealer)
    assert (morning.cover().status, resting(morning)[0].stop) == (P.VERIFIED, rs("510"))
    morning.clock.pass_seconds(60)
    morning.tick("512")
    assert tighten(morning.dealer) == 0
    assert (morning.cover().stop, len(resting(morning))) == (rs("510"), 1)


def test_a_wild_tick_is_no_best_price_that_would_hold_the_trail_up(morning: Morning):
    entered(morning)
    protect(morning.dealer)
    for wild in ("600", "525"):  # 600 is 20 % above the close before, and nobody traded there
        morning.clock.pass_seconds(1)
        made = quote(wild, at=morning.clock.now())
        with morning.desk.store.write() as tx:
            quotes.put(tx, [made])
        tighten(morning.dealer)
    assert morning.cover().stop == rs("510")  # 15 behind 525


def test_a_rise_of_sixteen_percent_is_followed_from_its_second_tick(morning: Morning):
    far = replace(a_card(morning.clock).bracket, target=rs("595"))
    morning.approve(morning.put(a_card(morning.clock, bracket=far)))
    send_prepared(morning.dealer)
    settle(morning.dealer)
    protect(morning.dealer)
    morning.tick("580")
    assert tighten(morning.dealer) == 0
    morning.tick("581")
    assert tighten(morning.dealer) == 1
    assert morning.cover().stop == rs("566")


def test_a_stop_is_changed_twenty_five_times_at_most_and_then_says_that_it_stays(
    morning: Morning,
):
    entered(morning)
    protect(morning.dealer)
    for step in range(30):
        morning.clock.pass_seconds(60)
        morning.tick(str(Decimal("524.90") + step * Decimal("0.10")))
        tighten(morning.dealer)
        protect(morning.dealer)
    changes = [verb for verb, _ in morning.broker.writes if verb is Verb.MODIFY_GTT]
    assert len(changes) == 25
    # the twenty-fifth price was 527.30, and the stop stands 15 behind
    assert (morning.cover().stop, resting(morning)[0].stop) == (rs("512.30"), rs("512.30"))
    assert morning.cover().status is P.VERIFIED
    assert sum("followed the price 25 times" in alarm for alarm in morning.alarms()) == 1


def test_a_high_seen_between_two_changes_of_a_stop_counts(morning: Morning):
    entered(morning)
    protect(morning.dealer)
    morning.tick("525")
    tighten(morning.dealer)
    protect(morning.dealer)
    morning.tick("530")  # within the minute: kept, and acted on later
    assert tighten(morning.dealer) == 0
    morning.clock.pass_seconds(60)
    morning.tick("528")
    assert tighten(morning.dealer) == 1
    assert morning.cover().stop == rs("515")
