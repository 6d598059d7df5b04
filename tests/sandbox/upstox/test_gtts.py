"""GTTs as the official client rests, changes, cancels and reads them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import upstox_client
from upstox_client.rest import ApiException

from core.sandbox.faults import Fault, FaultKind
from tests.made import MIDCO
from tests.sandbox.upstox.bench import Bench, bench, rule

STOP = rule("ENTRY", "BELOW", 480.0)


@pytest.fixture
def at() -> Iterator[Bench]:
    with bench() as made:
        made.sandbox.house.credit("7AB123", MIDCO.isin, 100)
        yield made


def test_a_single_sale_below_the_market_is_a_stop(at: Bench) -> None:
    gtt_id = at.gtt(STOP)
    assert gtt_id.startswith("GTT-C")
    (gtt,) = at.gtts()
    assert (gtt.type, gtt.quantity, gtt.product, gtt.gtt_order_id) == ("SINGLE", 100, "D", gtt_id)
    (one,) = gtt.rules
    assert (one.strategy, one.status, one.trigger_type) == ("ENTRY", "SCHEDULED", "BELOW")
    assert (one.trigger_price, one.transaction_type) == (480.0, "SELL")
    at.price("479")
    (gtt,) = at.gtts()
    assert gtt.rules[0].status == "COMPLETED"
    (child,) = at.book()
    assert (child.order_id, child.tag) == (gtt.rules[0].order_id, None)
    assert at.sandbox.house.client("7AB123").paper.holdings() == {}


def test_its_order_stands_so_far_through_the_trigger_as_was_asked(at: Bench) -> None:
    at.gtt(rule("ENTRY", "BELOW", 480.0, market_protection=1.0))
    at.price("479", bid_qty=0)
    # ₹480 less 1 % is ₹475.20
    assert at.book()[0].price == 475.2


def test_a_single_changes_in_place_and_goes_away(at: Bench) -> None:
    gtt_id = at.gtt(STOP)
    body = upstox_client.GttModifyOrderRequest(
        type="SINGLE", quantity=60, rules=[rule("ENTRY", "BELOW", 485.0)], gtt_order_id=gtt_id
    )
    assert at.v3.modify_gtt_order(body).data.gtt_order_ids == [gtt_id]
    (gtt,) = at.gtts(gtt_order_id=gtt_id)
    assert (gtt.quantity, gtt.rules[0].trigger_price) == (60, 485.0)
    at.v3.cancel_gtt_order(upstox_client.GttCancelOrderRequest(gtt_order_id=gtt_id))
    assert at.gtts()[0].rules[0].status == "CANCELLED"
    with pytest.raises(ApiException) as told:
        at.v3.cancel_gtt_order(upstox_client.GttCancelOrderRequest(gtt_order_id=gtt_id))
    assert told.value.status == 400


def test_two_singles_know_nothing_of_each_other(at: Bench) -> None:
    at.gtt(STOP)
    at.gtt(rule("ENTRY", "ABOVE", 530.0))
    at.price("531")
    assert sorted(one.rules[0].status for one in at.gtts()) == ["COMPLETED", "SCHEDULED"]


@pytest.mark.parametrize(
    "rules",
    [
        [rule("TARGET", "IMMEDIATE", 530.0), rule("STOPLOSS", "IMMEDIATE", 480.0)],
        [STOP, STOP],
        [rule("ENTRY", "BELOW", 480.0, trailing_gap=5.0)],
        [rule("STOPLOSS", "IMMEDIATE", 480.0)],
    ],
    ids=["a pair without an entry", "a strategy twice", "a trailing entry", "a stop alone"],
)
def test_no_shape_ties_a_stop_and_a_target_to_shares_that_are_held(at: Bench, rules: list) -> None:
    with pytest.raises(ApiException) as told:
        at.gtt(*rules)
    assert told.value.status == 400
    assert at.gtts() == []


def three(*, gap: float | None = None, entry: float = 502.0) -> list:
    more = {"trailing_gap": gap} if gap else {}
    return [
        rule("ENTRY", "IMMEDIATE", entry),
        rule("STOPLOSS", "IMMEDIATE", 480.0, **more),
        rule("TARGET", "IMMEDIATE", 530.0),
    ]


def test_a_multiple_buys_and_then_one_leg_ends_the_other(at: Bench) -> None:
    at.gtt(*three(entry=500.0), side="BUY")
    assert [one.status for one in at.gtts()[0].rules] == ["TRIGGERED", "PENDING", "PENDING"]
    at.price("499")
    assert [one.status for one in at.gtts()[0].rules] == ["COMPLETED", "SCHEDULED", "SCHEDULED"]
    at.price("531")
    (gtt,) = at.gtts()
    assert [one.status for one in gtt.rules] == ["COMPLETED", "CANCELLED", "COMPLETED"]
    assert gtt.rules[2].order_id in {row.order_id for row in at.book()}
    assert at.sandbox.house.client("7AB123").paper.holdings() == {MIDCO.isin: 100}


def test_a_trailing_stop_follows_the_price_up_and_never_down(at: Bench) -> None:
    at.gtt(*three(gap=20.0), side="BUY")
    at.price("501")
    at.price("510")
    assert (at.gtts()[0].rules[1].trigger_price, at.gtts()[0].rules[1].trailing_gap) == (490.0, 20)
    at.price("495")
    assert at.gtts()[0].rules[1].trigger_price == 490.0


def test_a_multiple_that_waits_below_is_one_gtt_until_it_is_cancelled(at: Bench) -> None:
    rules = [rule("ENTRY", "BELOW", 490.0), *three()[1:]]
    gtt_id = at.gtt(*rules, side="BUY")
    assert [one.status for one in at.gtts()[0].rules] == ["SCHEDULED", "PENDING", "PENDING"]
    at.v3.cancel_gtt_order(upstox_client.GttCancelOrderRequest(gtt_order_id=gtt_id))
    at.price("489")
    assert [one.status for one in at.gtts()[0].rules] == ["CANCELLED"] * 3
    assert at.book() == []


def test_a_multiple_outlives_the_sandbox(tmp_path) -> None:
    with bench(home=tmp_path) as at:
        at.gtt(*three(), side="BUY")
    with bench(home=tmp_path) as at:
        at.price("501")
        assert [one.status for one in at.gtts()[0].rules][1:] == ["SCHEDULED", "SCHEDULED"]


def test_an_ended_gtt_may_be_forgotten_as_upstox_writes() -> None:
    with bench(forgets_ended_gtts=True) as at:
        at.sandbox.house.credit("7AB123", MIDCO.isin, 100)
        at.gtt(STOP)
        at.price("479")
        assert at.gtts() == [] and len(at.book()) == 1


def test_a_refused_order_of_a_trigger_says_why(at: Bench) -> None:
    at.gtt(STOP, qty=150)
    at.price("479")
    (one,) = at.gtts()[0].rules
    assert one.status == "FAILED" and "selling 150" in one.message


def test_a_new_gtt_may_show_late(at: Bench) -> None:
    at.sandbox.faults.script(Fault(FaultKind.DELAY_VISIBILITY, seconds=90))
    at.gtt(STOP)
    assert at.gtts() == []
    at.clock.pass_seconds(90)
    assert len(at.gtts()) == 1
