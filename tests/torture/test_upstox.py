"""What only Upstox does: it rests a stop alone, so the desk owns the target."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.brokers.fake import Verb
from core.domain.order import Product, Purpose, Side
from core.domain.protection import ProtectionStatus
from core.store.engine import Store
from tests.made import MIDCO, rs
from tests.torture.stage import Stage, stage_on


@pytest.fixture
def stage(store: Store, desk_home: Path) -> Iterator[Stage]:
    made = stage_on(store, desk_home, dialect="upstox")
    yield made
    assert made.judge() == []
    made.close()


def test_a_stop_alone_is_protection_and_its_target_stays_with_the_desk(stage: Stage):
    stage.bought()
    (gtt,) = stage.broker.gtts()
    cover = stage.cover()
    assert (gtt.stop, gtt.target, gtt.stop_alone) == (rs("480"), rs("0"), True)
    assert (cover.status, cover.gtt_id) == (ProtectionStatus.VERIFIED, gtt.gtt_id)
    assert cover.target == rs("540")


def test_at_the_target_the_stop_goes_before_the_sale_is_sent(stage: Stage):
    stage.bought()
    stage.beat("541", times=4)
    assert stage.shares() == {} and stage.resting() == []
    (sale,) = stage.sales()
    assert (sale.purpose, sale.qty) == (Purpose.EXIT, 100)
    writes = [
        one.verb
        for one in stage.broker.sandbox.faults.requests
        if one.verb in ("place", "place_gtt", "cancel_gtt")
    ]
    assert writes == ["place", "place_gtt", "cancel_gtt", "place"]


def test_a_price_that_jumps_past_the_target_once_sells_nothing(stage: Stage):
    stage.bought()
    stage.beat("640")
    stage.beat("500", times=2)
    assert stage.sales() == [] and stage.resting() == [100]


def test_a_lost_answer_to_a_stop_leaves_one_stop(stage: Stage):
    stage.approve()
    stage.broker.accept_then_timeout(Verb.PLACE_GTT)
    stage.beat(times=20)
    assert stage.resting() == [100]
    assert len(stage.broker.sandbox.faults.sends("place_gtt")) == 1


def test_a_stop_by_hand_over_the_same_shares_keeps_the_desk_from_placing_another(stage: Stage):
    stage.broker.place_gtt(
        isin=MIDCO.isin, symbol="MIDCO", qty=100, side=Side.SELL, stop=rs("470"),
        target=None, product=Product.CNC,
    )  # fmt: skip
    stage.bought()
    cover = stage.cover()
    assert cover.status is ProtectionStatus.ARMED_LOCAL
    assert "can SELL 100 already, and 100 more are over the 100 held" in cover.reason
    assert stage.resting() == [100]
    assert any("can SELL 100 already" in alarm for alarm in stage.alarms())
