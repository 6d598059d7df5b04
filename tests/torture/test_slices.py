"""A broker that makes several orders of one: added up, never more than approved, and protected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from core.desk.recover import recover
from core.domain.money import Money
from core.domain.order import Order, OrderStatus
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.errors import OutcomeUnknown
from core.sandbox.faults import Fault, FaultKind
from core.store import fills
from tests.made import MIDCO
from tests.torture.stage import Stage

S = OrderStatus


def slice_it(stage: Stage, *sizes: int, lost: bool = False) -> list[str]:
    """The next orders are taken in parts of these sizes, and the rest of each is turned down.

    The broker answers with the first part's id, or its answer is lost.
    """
    ids: list[str] = []
    stage.slices = True
    place = stage.broker.place

    def in_parts(order: Order) -> str:
        made = [place(replace(order, qty=size)) for size in sizes]
        ids.extend(made)
        if lost:
            raise OutcomeUnknown("the answer was cut in half")
        return made[0]

    stage.hold("place", in_parts)
    return ids


def accepted(stage: Stage, tag: str) -> int:
    """Shares that the broker took under one tag."""
    told = stage.broker.orders()
    return sum(k.qty for k in told if tag in k.tag and k.status is not S.REJECTED)


def protected(stage: Stage, qty: int) -> None:
    """The position stands under one stop of its size that was read back."""
    assert stage.shares() == {MIDCO.isin: qty}
    assert stage.resting() == [qty]
    assert (stage.cover().status, stage.cover().qty) == (ProtectionStatus.VERIFIED, qty)


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
def test_three_parts_of_which_the_third_failed_are_one_order_and_a_protected_part(
    stage: Stage, lost: bool
):
    slice_it(stage, 40, 35, lost=lost)
    order = stage.approve()
    stage.beat(size=4_000)
    stage.beat(times=15)
    ended = stage.order(order.id)
    assert (ended.status, accepted(stage, order.tag)) == (S.CANCELLED, 75)
    assert "made 2 parts of it and 75 filled, 25 were never taken" in ended.reason
    with stage.desk.store.read() as tx:
        assert sum(one.qty for one in fills.of_order(tx, order.id)) == 75
    protected(stage, 75)
    assert stage.plan().status is PlanStatus.HOLDING
    assert stage.reserved() == Money(0)
    assert any("25 were never taken" in alarm for alarm in stage.alarms())
    assert not any("elsewhere" in alarm for alarm in stage.alarms())


def test_a_part_that_the_exchange_turns_down_is_said_with_its_reason(stage: Stage):
    slice_it(stage, 40, 30, 30)
    order = stage.approve()
    stage.beat(size=0)
    third = stage.paper.orders()[-1].broker_order_id
    stage.paper.turn_down(third, "outside the circuit limits")
    stage.beat(size=4_000)
    stage.beat(times=4)
    ended = stage.order(order.id)
    assert (ended.status, "3 parts" in ended.reason) == (S.CANCELLED, True)
    assert "circuit limits" in ended.reason
    protected(stage, 70)


def test_parts_that_fill_one_after_another_are_followed_to_the_whole(stage: Stage):
    slice_it(stage, 34, 34, 32)
    order = stage.approve()
    for _ in range(8):
        stage.beat(size=60)
    stage.beat(times=16)
    assert stage.order(order.id).status is S.FILLED
    protected(stage, 100)
    assert not [one for one in stage.alarms() if "parts" in one or "elsewhere" in one]


def test_a_worker_that_died_over_the_answer_adopts_every_part(stage: Stage):
    order = stage.approve()
    slice_it(stage, 40, 35, lost=True)
    stage.beat(size=400)
    stage.restart()
    stage.beat(times=3)
    recover(stage.dealer)
    assert stage.order(order.id).status is S.CANCELLED
    protected(stage, 75)


def test_an_exit_in_parts_takes_every_resting_part_of_the_entry_away_first(stage: Stage):
    slice_it(stage, 40, 30, 30)
    order = stage.approve()
    stage.beat(size=160)
    assert stage.shares() == {MIDCO.isin: 40}
    stage.hold("nothing", lambda: None)
    stage.leave()
    stage.beat(times=5, size=0)  # nothing trades while the parts go
    stage.beat(times=6)
    told: Sequence[object] = [one.status for one in stage.broker.orders() if order.tag in one.tag]
    assert sorted(told) == sorted([S.FILLED, S.CANCELLED, S.CANCELLED])
    assert (stage.shares(), stage.plan().status) == ({}, PlanStatus.CLOSED)


def test_a_sale_of_which_a_part_failed_leaves_the_rest_under_a_stop(stage: Stage):
    stage.bought()
    slice_it(stage, 60)
    stage.leave()
    stage.beat(times=3)
    stage.hold("nothing", lambda: None)
    stage.beat(times=12)
    held = stage.shares().get(MIDCO.isin, 0)
    sold = sum(k.filled_qty for k in stage.broker.orders() if k.side == "SELL")
    assert held + sold == 100
    assert held == 0 or stage.resting() == [held]


def test_more_than_was_asked_for_is_no_slice_and_is_left_to_a_person(stage: Stage):
    stage.but |= {"I1", "I3", "I4"}
    slice_it(stage, 100, 50, lost=True)
    order = stage.approve()
    stage.beat(times=20, size=0)
    assert stage.order(order.id).status is S.UNKNOWN
    assert any("2 orders of one tag" in alarm for alarm in stage.alarms())


def test_the_brokers_own_slicing_is_followed(stage: Stage):
    if stage.dialect == "paper":
        pytest.skip("the paper broker makes no parts")
    stage.slices = True
    stage.broker.sandbox.faults.script(Fault(FaultKind.SLICE, "place", count=3))
    order = stage.approve()
    stage.beat(size=4_000)
    stage.beat(times=4)
    assert [one.qty for one in stage.broker.orders() if order.tag in one.tag] == [34, 34, 32]
    assert stage.order(order.id).status is S.FILLED
    protected(stage, 100)
