"""Selling a part under faults: the stop shrinks first; the rest is never naked nor sold twice."""

from __future__ import annotations

import pytest

from core.brokers.fake import Verb
from core.desk.partial_exit import exit_part
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from tests.made import MIDCO
from tests.torture.stage import Killed, Stage

P = ProtectionStatus


def part(stage: Stage, qty: int = 40) -> None:
    exit_part(stage.desk, stage.plan().id, qty, reason="half the risk", by="me")


def is_sixty(stage: Stage) -> None:
    """Sixty of a hundred are left, under a stop of sixty that was read back."""
    assert (stage.shares(), stage.paper.holdings()) == ({MIDCO.isin: 60}, {MIDCO.isin: 60})
    assert (stage.resting(), stage.cover().status) == ([60], P.VERIFIED)
    assert stage.plan().status is PlanStatus.HOLDING


def test_the_stop_shrinks_before_the_sale_leaves(stage: Stage):
    stage.bought()
    part(stage)
    stage.beat(times=4)
    is_sixty(stage)
    verbs = [verb for verb, _ in stage.broker.writes]
    assert verbs.index(Verb.MODIFY_GTT) < len(verbs) - 1 - verbs[::-1].index(Verb.PLACE)


@pytest.mark.parametrize("arrives", [True, False], ids=["done", "never arrived"])
def test_a_lost_answer_to_the_resize_is_read_back_first(stage: Stage, arrives: bool):
    stage.bought()
    lose = stage.broker.accept_then_timeout if arrives else stage.broker.drop_before_accept
    lose(Verb.MODIFY_GTT)
    part(stage)
    stage.beat(times=16)
    is_sixty(stage)


def test_a_sale_whose_answer_is_lost_is_looked_up_and_not_sent_again(stage: Stage):
    stage.bought()
    part(stage)
    stage.beat()
    stage.broker.accept_then_timeout(Verb.PLACE)
    stage.beat(times=12)
    is_sixty(stage)
    assert len([one for one in stage.broker.sends() if one.qty == 40]) == 1


@pytest.mark.parametrize(
    "boundary", ["after modify_gtt", "before place", "after place", "after a commit"]
)
def test_a_death_in_the_middle_ends_with_the_part_sold_once(stage: Stage, boundary: str):
    stage.bought()
    part(stage)
    fuse = stage.kill_at(None)
    fuse.name = boundary
    with pytest.raises(Killed):
        for _ in range(4):
            stage.clock.pass_seconds(1)
            stage.tick("500")
            stage.work()
    stage.restart()
    stage.beat(times=20)
    if boundary == "before place":  # it never left, which takes two minutes to be sure of
        assert stage.resting() == [60]
        assert any("a sale of 40" in alarm for alarm in stage.alarms())
        stage.wait(150)
    sold = sum(one.qty for one in stage.sales() if one.status == "FILLED")
    assert sold == (0 if boundary == "before place" else 40)
    assert stage.paper.holdings() == {MIDCO.isin: 100 - sold}
    assert stage.resting() == [100 - sold]


def test_a_stop_that_fires_as_the_part_is_sold_ends_flat(stage: Stage):
    stage.bought()
    part(stage)
    stage.beat()
    stage.beat("479", times=5)
    assert (stage.shares(), stage.paper.holdings(), stage.resting()) == ({}, {}, [])
