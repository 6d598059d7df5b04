"""Placing an order goes wrong at every point: once at the broker at most, and never in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.brokers.fake import Verb
from core.desk.approve import approve_card
from core.desk.send import send_prepared
from core.domain.card import CardStatus
from core.domain.money import Money
from core.domain.order import Order, OrderStatus
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.errors import ApprovalRefused
from core.execution.rate import SendCap
from tests.desk.morning import a_card
from tests.made import MIDCO
from tests.torture.stage import Killed, Stage

S = OrderStatus


def send_until_killed(stage: Stage, boundary: str) -> Order:
    """Approve, and die at the first crossing of this boundary."""
    order = stage.approve()
    fuse = stage.kill_at(None)
    fuse.name = boundary
    with pytest.raises(Killed):
        stage.work()
    return order


def is_held_once(stage: Stage, qty: int = 100) -> None:
    """The order stands at the broker once, filled, booked and under its stop."""
    assert len(stage.broker.sends()) == len(stage.paper.orders()) == 1
    assert stage.shares() == {MIDCO.isin: qty} == stage.paper.holdings()
    assert (stage.cover().status, stage.resting()) == (ProtectionStatus.VERIFIED, [qty])


def test_a_click_that_dies_before_its_commit_leaves_the_card_to_be_approved(stage: Stage):
    card = stage.put()
    fuse = stage.kill_at(None)
    fuse.name = "before a commit"
    with pytest.raises(Killed):
        approve_card(
            stage.dealer.desk, card.id, seen_hash=card.bound_hash, nonce="n", approver="me"
        )
    stage.restart()
    assert (stage.orders(), stage.card().status) == ([], CardStatus.OPEN)
    assert stage.reserved() == Money(0)
    stage.approve(card, nonce="n")
    stage.beat()
    is_held_once(stage)


def test_an_intent_whose_send_never_began_is_called_off_and_not_sent_again(stage: Stage):
    order = send_until_killed(stage, "before a commit")
    stage.restart()
    stage.beat(times=3)
    assert stage.order(order.id).status is S.CANCELLED
    assert (stage.broker.sends(), stage.card().status) == ([], CardStatus.REFUSED)
    assert stage.reserved() == Money(0)


@pytest.mark.parametrize("boundary", ["after place", "before a later commit"])
def test_an_order_that_arrived_before_the_death_is_adopted_and_protected(
    stage: Stage, boundary: str
):
    if boundary == "after place":
        order = send_until_killed(stage, boundary)
    else:
        order = stage.approve()
        fuse = stage.kill_at(None)
        fuse.name, fuse.after = "before a commit", "after place"
        with pytest.raises(Killed):
            stage.work()
    assert stage.order(order.id).status is S.SENT
    stage.restart()
    stage.beat(times=3)
    assert stage.order(order.id).status is S.FILLED
    is_held_once(stage)


def test_an_order_that_never_arrived_is_absent_after_two_minutes_and_not_sent_again(stage: Stage):
    order = send_until_killed(stage, "before place")
    stage.restart()
    stage.wait(100)
    assert stage.order(order.id).status is S.UNKNOWN
    stage.wait(40)
    assert stage.order(order.id).status is S.ABSENT
    assert (stage.paper.orders(), stage.reserved()) == ([], Money(0))
    second = stage.another("cd2")
    stage.beat()
    assert stage.order(second.id).status is S.FILLED


@pytest.mark.parametrize("way", ["timeout", "html 502", "cut json"])
def test_an_answer_that_is_lost_or_unreadable_is_looked_up_by_its_tag(stage: Stage, way: str):
    stage.broker.lose_answer(way)
    order = stage.approve()
    stage.work()
    stage.beat(times=2)
    assert stage.order(order.id).status is S.FILLED
    is_held_once(stage)


def test_an_order_that_shows_after_90_seconds_is_not_called_absent_before(stage: Stage):
    stage.broker.delay_visibility(90)
    stage.broker.accept_then_timeout()
    order = stage.approve()
    stage.settled = False
    stage.but.add("I4")  # nobody can cover shares that the broker does not show
    stage.wait(80)
    assert stage.order(order.id).status is S.UNKNOWN
    stage.broker.delay_visibility(0)
    stage.wait(20)
    is_held_once(stage)


def test_a_look_up_that_cannot_read_waits_blocks_entries_and_lets_exits_go(stage: Stage):
    stage.bought()
    stage.broker.drop_before_accept()
    lost = stage.another("cd2")
    stage.beat()
    assert stage.order(lost.id).status is S.UNKNOWN
    stage.broker.fail_reads(40)
    third = stage.another("cd3")
    stage.beat(times=6)
    assert stage.order(lost.id).status is S.UNKNOWN
    assert stage.order(third.id).status is S.CANCELLED
    assert "unknown outcome" in stage.order(third.id).reason
    stage.broker.fail_reads(0)
    stage.leave()
    stage.beat(times=4)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})


def test_a_throttled_order_was_not_accepted_and_makes_no_loop(stage: Stage):
    stage.broker.throttle()
    order = stage.approve()
    stage.beat(times=30)
    assert stage.order(order.id).status is S.REJECTED
    assert "not accepted" in stage.order(order.id).reason
    assert (len(stage.broker.sends()), stage.paper.orders()) == (1, [])
    assert stage.reserved() == Money(0)


def test_a_definite_no_is_told_once_and_not_tried_again(stage: Stage):
    stage.broker.refuse("insufficient funds, 51,000 needed and 40,000 free")
    order = stage.approve()
    stage.beat(times=20)
    ended = stage.order(order.id)
    assert (ended.status, len(stage.broker.sends())) == (S.REJECTED, 1)
    assert "insufficient funds" in ended.reason
    assert stage.plan().status is PlanStatus.ABANDONED
    assert stage.reserved() == Money(0)


def test_an_exchange_that_rejects_after_the_ack_leaves_no_stop(stage: Stage):
    order = stage.approve()
    stage.beat(size=0)
    assert stage.order(order.id).status is S.OPEN
    stage.clock.pass_seconds(1)
    [one] = stage.paper.orders()
    stage.paper.turn_down(one.broker_order_id, "exchange: price outside the range")
    stage.beat(times=3)
    ended = stage.order(order.id)
    assert (ended.status, stage.plan().status) == (S.REJECTED, PlanStatus.ABANDONED)
    assert "outside the range" in ended.reason
    assert (stage.resting(), stage.reserved()) == ([], Money(0))


def test_a_click_on_a_card_that_another_tab_changed_is_refused(stage: Stage):
    seen = stage.put()
    changed = a_card(
        stage.clock, version=2, legs=(replace(seen.legs[0], qty=50),), status=CardStatus.OPEN
    )
    stage.put(changed)
    with pytest.raises(ApprovalRefused, match="read it again"):
        stage.approve(seen)
    stage.beat(times=2)
    assert (stage.broker.sends(), stage.orders()) == ([], [])


def test_a_slow_answer_overtaken_by_the_fill_does_not_bring_the_order_back(stage: Stage):
    order = stage.approve()
    place = stage.broker.place

    def slowly(wanted: Order) -> str:
        name = place(wanted)
        from core.desk.settle import settle

        settle(stage.dealer)  # the fill is read before the answer to the placement
        assert stage.order(order.id).status is S.FILLED
        return name

    stage.hold("place", slowly)
    stage.beat()
    assert stage.order(order.id).status is S.FILLED
    is_held_once(stage)


@pytest.mark.parametrize("comes_back", ["1:{tag}", "{cut}", "{small}"])
def test_a_tag_that_comes_back_altered_is_ours(stage: Stage, comes_back: str):
    def altered(tag: str) -> str:
        return comes_back.format(tag=tag, cut=tag[:15], small=tag.lower())

    stage.broker.alter_tags(altered)
    stage.broker.accept_then_timeout()
    stage.approve()
    stage.work()
    stage.beat(times=2)
    is_held_once(stage)


def test_an_order_that_comes_back_without_its_tag_is_only_suggested_to_a_person(stage: Stage):
    stage.broker.alter_tags(lambda tag: "")
    stage.broker.accept_then_timeout()
    order = stage.approve()
    stage.work()
    stage.but |= {"I3", "I4"}  # its shares are in EXTERNAL until a person says whose they are
    stage.wait(140)
    assert stage.order(order.id).status is S.UNKNOWN
    assert any("say what became of order" in alarm for alarm in stage.alarms())
    assert len(stage.broker.sends()) == 1


def test_forty_approvals_in_one_second_keep_the_cap_the_order_and_their_age(stage: Stage):
    stage.dealer = replace(stage.dealer, cap=SendCap(per_second=9, per_minute=60))
    stage.cap = 9
    small = {"legs": (replace(a_card(stage.clock).legs[0], qty=1),)}
    clicked = []
    for number in range(40):
        stage.clock.pass_seconds(0.02)
        clicked.append(stage.another(f"cd{number:02d}", **small).id)
    for _ in range(12):
        stage.tick("500")
        send_prepared(stage.dealer)
        if all(stage.order(name).status is not S.PREPARED for name in clicked):
            break
    stage.beat(times=2)
    left = [order.id for order in stage.broker.sends()]
    assert left == clicked[: len(left)]
    ended = [stage.order(name) for name in clicked]
    assert {order.status for order in ended} <= {S.FILLED, S.CANCELLED}
    assert all(order.reason for order in ended if order.status is S.CANCELLED)
    assert len(left) > 9


def test_approvals_that_waited_over_two_minutes_behind_the_cap_are_dropped_with_the_reason(
    stage: Stage,
):
    stage.dealer = replace(stage.dealer, cap=SendCap(per_second=1, per_minute=1))
    stage.cap = 1
    first = stage.another("cd1")
    stage.clock.pass_seconds(0.02)
    late = stage.another("cd2")
    stage.beat()
    assert stage.order(first.id).status is S.FILLED
    assert stage.order(late.id).status is S.PREPARED
    stage.dealer = replace(stage.dealer, cap=SendCap(per_second=1, per_minute=0))
    stage.down(121)
    stage.dealer = replace(stage.dealer, cap=SendCap(per_second=1, per_minute=60))
    stage.beat()
    assert stage.order(late.id).status is S.CANCELLED
    assert "approve again" in stage.order(late.id).reason


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("qty", 10_000, "the order is for 10000"),
        ("limit_price", 5_000, "outside ₹495.00 to ₹505.00"),
        ("limit_price", 700, "outside ₹495.00 to ₹505.00"),
        ("limit_price", 500.03, "not a multiple of ₹0.05"),
    ],
    ids=["quantity", "ten times the price", "outside the band", "off the tick"],
)
def test_a_fat_finger_between_click_and_send_never_leaves(
    stage: Stage, field: str, value: Any, named: str
):
    order = stage.approve()
    changed = {field: value if field == "qty" else stage.price(str(value))}
    stage.alter(replace(order, **changed))
    stage.but.add("I10")  # somebody wrote into the store
    stage.beat(times=2)
    ended = stage.order(order.id)
    assert (ended.status, stage.broker.sends()) == (S.CANCELLED, [])
    assert named in ended.reason


def test_a_lossy_and_slow_line_doubles_nothing(stage: Stage):
    for verb in (Verb.PLACE, Verb.PLACE_GTT, Verb.CANCEL_GTT):
        stage.broker.accept_then_timeout(verb)
        stage.broker.drop_before_accept(verb)
    stage.broker.fail_reads(3)
    stage.approve()
    stage.beat(times=12)
    stage.leave()
    stage.beat(times=5)
    stage.down(60)
    stage.beat(times=12)
    stage.down(60)
    stage.beat(times=12)
    stage.leave()  # the sale that never arrived is absent; a person asks again
    stage.beat(times=6)
    assert (stage.shares(), stage.paper.holdings(), stage.resting()) == ({}, {}, [])
    assert len([order for order in stage.sales() if order.status is S.FILLED]) == 1


def test_a_worker_that_starts_hours_later_sends_no_stale_entry(stage: Stage):
    order = stage.approve()
    stage.restart(seconds=timedelta(hours=2).total_seconds())
    stage.beat(times=3)
    assert stage.order(order.id).status is S.CANCELLED
    assert stage.broker.sends() == []
