"""Stops, targets and exits under faults: always one owner, never naked, never sold twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.brokers.fake import Verb
from core.desk.exit import exit_position
from core.domain.card import Leg
from core.domain.order import OrderStatus, Product, Purpose, Side
from core.domain.plan import PlanStatus
from core.domain.protection import Owner, ProtectionStatus
from core.exchange.rules import Rules
from core.store.engine import Store
from tests.made import MIDCO, RELIANCE
from tests.torture.oracle_time import naked_share_seconds
from tests.torture.stage import Killed, Stage, stage_on

P = ProtectionStatus
S = OrderStatus


def is_flat(stage: Stage) -> None:
    """Nothing held, nothing resting, the plan closed."""
    assert (stage.shares(), stage.paper.holdings(), stage.resting()) == ({}, {}, [])
    assert stage.plan().status is PlanStatus.CLOSED


def written(stage: Stage, verb: Verb) -> list[object]:
    """Requests of one kind that left the desk."""
    return [what for one, what in stage.broker.writes if one is verb]


def dies(stage: Stage, boundary: str, *, after: str = "") -> None:
    """Kill the worker at the first crossing of a boundary."""
    fuse = stage.kill_at(None)
    fuse.name, fuse.after = boundary, after
    with pytest.raises(Killed):
        stage.work()


def test_a_death_between_fill_and_stop_is_protected_at_the_restart(stage: Stage):
    stage.approve()
    dies(stage, "before place_gtt")
    stage.restart()
    stage.work()
    assert (stage.cover().status, stage.resting()) == (P.VERIFIED, [100])


def test_a_stop_placed_in_the_moment_of_death_is_adopted_and_not_doubled(stage: Stage):
    stage.approve()
    dies(stage, "after place_gtt")
    stage.restart()
    stage.beat(times=2)
    assert (stage.cover().status, stage.resting()) == (P.VERIFIED, [100])
    assert len(stage.paper.gtts()) == 1


def test_two_plans_without_a_stop_of_their_own_never_adopt_the_same_one(stage: Stage):
    stage.approve()
    stage.another("cd2", legs=(Leg(Side.BUY, 10, Product.CNC),))
    dies(stage, "after place_gtt")
    stage.restart()
    stage.beat(times=3)
    covers = stage.cover("cd1"), stage.cover("cd2")
    assert [one.status for one in covers] == [P.VERIFIED, P.VERIFIED]
    assert len({one.gtt_id for one in covers}) == 2
    assert sorted(stage.resting()) == [10, 100]


def test_a_stop_whose_answer_is_lost_is_found_by_its_terms(stage: Stage):
    stage.broker.accept_then_timeout(Verb.PLACE_GTT)
    stage.approve()
    stage.beat(times=2)
    assert (stage.cover().status, stage.resting()) == (P.VERIFIED, [100])
    assert len(stage.paper.gtts()) == 1


def test_of_two_pairs_over_the_same_shares_one_is_cancelled(stage: Stage):
    stage.bought()
    bracket = stage.plan().bracket
    stage.paper.place_gtt(
        isin=MIDCO.isin,
        symbol=MIDCO.symbol,
        qty=100,
        side=Side.SELL,
        stop=bracket.stop,
        target=bracket.target,
        product=Product.CNC,
    )
    stage.beat(times=2)
    assert stage.resting() == [100]


def test_a_stop_that_never_arrived_leaves_the_shares_naked_for_no_longer_than_two_seconds(
    stage: Stage,
):
    stage.broker.drop_before_accept(Verb.PLACE_GTT)
    stage.approve()
    stage.beat(times=16)
    assert (stage.cover().status, stage.resting()) == (P.VERIFIED, [100])
    assert naked_share_seconds(stage.evidence(), stage.asked()) == 0


def test_a_refused_stop_is_alarmed_while_the_desk_stop_stands_and_sells(stage: Stage):
    for _ in range(9):
        stage.broker.refuse("TPIN needed for this holding", Verb.PLACE_GTT)
    stage.approve()
    stage.beat()
    cover = stage.cover()
    assert (cover.status, cover.owner) == (P.ARMED_LOCAL, Owner.LOCAL)
    assert any("no broker stop" in alarm and "TPIN" in alarm for alarm in stage.alarms())
    stage.beat("479", times=4)
    is_flat(stage)


def test_a_stop_and_an_exit_in_the_same_second_sell_once(stage: Stage):
    stage.bought()
    stage.leave()
    stage.tick("479")  # the pair fires at the broker before the worker can cancel it
    stage.work()
    stage.beat("479", times=4)
    is_flat(stage)
    assert len([one for one in stage.sales() if one.status is S.FILLED]) == 1


def test_a_target_half_filled_in_the_moment_of_death_frees_no_second_sale(stage: Stage):
    stage.bought()
    fuse = stage.kill_at(None)
    stage.tick("541", bid_qty=120)  # thirty of the hundred trade
    fuse.name = "before a commit"
    with pytest.raises(Killed):
        stage.work()
    stage.restart()
    stage.work()
    # Upstox rests the stop alone: the desk died before it wrote its own sale down, so it stands
    assert stage.resting() == ([100] if stage.dialect == "upstox" else [])
    stage.beat("541", times=3)
    is_flat(stage)
    [child] = stage.sales()
    how = Purpose.EXIT if stage.dialect == "upstox" else Purpose.TARGET
    assert (child.purpose, child.qty) == (how, 100)


def test_a_cancel_that_comes_too_late_ends_flat_and_sold_once(stage: Stage):
    stage.bought()
    stage.leave()
    cancel = stage.broker.cancel_gtt

    def fires_first(gtt_id: str) -> None:
        stage.tick("479")
        cancel(gtt_id)

    stage.hold("cancel_gtt", fires_first)
    stage.work()
    stage.beat("479", times=3)
    is_flat(stage)
    assert [one.purpose for one in stage.sales()] == [Purpose.STOP]


def test_a_fired_stop_whose_order_is_turned_down_is_alarmed_and_sold_by_the_desk(stage: Stage):
    stage.bought()
    stage.tick("479", bid_qty=0)
    [child] = [one for one in stage.paper.orders() if one.side is Side.SELL]
    stage.paper.turn_down(child.broker_order_id, "price outside the circuit limits")
    stage.work()
    assert any("no broker stop" in alarm for alarm in stage.alarms())
    stage.beat("479", times=34)
    is_flat(stage)


def test_a_fired_stop_left_behind_by_a_gap_is_followed_as_one_order(stage: Stage):
    stage.bought()
    stage.beat("460", times=8)
    is_flat(stage)
    [child] = stage.sales()
    assert child.purpose is Purpose.STOP
    assert written(stage, Verb.MODIFY)


def test_a_throttled_trailing_stop_keeps_the_last_good_one(stage: Stage):
    stage.bought()
    for _ in range(3):
        stage.broker.throttle(Verb.MODIFY_GTT)
    stage.beat("525", times=8)
    assert written(stage, Verb.CANCEL_GTT) == []
    assert len(stage.paper.gtts()) == 1
    stage.beat("525", times=16)
    [gtt] = stage.paper.gtts()
    assert (gtt.stop, stage.cover().status) == (stage.price("510"), P.VERIFIED)


def test_a_price_twenty_percent_off_neither_sells_nor_tightens(stage: Stage):
    stage.bought()
    for wild in ("600", "400"):
        stage.clock.pass_seconds(1)
        stage.tell(wild)  # the feed alone; the exchange never traded there
        stage.work()
    assert stage.cover().stop == stage.price("480")
    assert (stage.sales(), stage.resting()) == ([], [100])
    stage.beat()


def test_another_shares_price_does_not_set_off_a_desk_stop(stage: Stage):
    for _ in range(9):
        stage.broker.refuse("no", Verb.PLACE_GTT)
    stage.approve()
    stage.beat()
    stage.clock.pass_seconds(1)
    stage.tell("250")  # the tick of a share at half the price
    stage.work()
    assert (stage.plan().status, stage.shares()) == (PlanStatus.HOLDING, {MIDCO.isin: 100})
    stage.beat()


@pytest.mark.parametrize("arrives", [True, False], ids=["done", "never arrived"])
def test_a_lost_answer_to_a_tightening_is_read_back_and_never_loosens(stage: Stage, arrives: bool):
    stage.bought()
    lose = stage.broker.accept_then_timeout if arrives else stage.broker.drop_before_accept
    lose(Verb.MODIFY_GTT)
    stage.beat("525", times=14)
    [gtt] = stage.paper.gtts()
    assert gtt.stop == stage.cover().stop == stage.price("510")
    stage.beat("512", times=2)
    assert stage.cover().stop == stage.price("510")


def test_a_manual_exit_cancels_and_sees_the_stop_gone_before_it_sells(stage: Stage):
    stage.bought()
    stage.leave()
    stage.beat(times=2)
    is_flat(stage)
    verbs = [verb for verb, _ in stage.broker.writes]
    assert verbs.index(Verb.CANCEL_GTT) < len(verbs) - 1 - verbs[::-1].index(Verb.PLACE)


def test_a_stop_that_fired_while_the_desk_was_down_is_booked_to_its_plan(stage: Stage):
    stage.bought()
    gone = stage.clock.now()
    for _ in range(3):
        stage.clock.pass_seconds(3_600)
        stage.tick("478")
    stage.restart()
    stage.away.append((gone, stage.clock.now()))
    stage.beat("478", times=2)
    is_flat(stage)
    assert [one.purpose for one in stage.sales()] == [Purpose.STOP]


def test_nothing_is_sent_into_the_closing_auction_and_the_pair_stays(stage: Stage):
    order = stage.another("cd1", isin=RELIANCE.isin, symbol="RELIANCE", sector="Energy")
    stage.tick("500", of=RELIANCE)
    stage.work()
    assert stage.order(order.id).status is S.FILLED
    gone = stage.clock.now()
    stage.clock.move_to(datetime(2026, 11, 23, 9, 48, tzinfo=UTC))  # 15:18 IST
    stage.away.append((gone, stage.clock.now()))
    before = len(stage.broker.writes)
    exit_position(stage.desk, stage.plan().id, reason="enough", by="me")
    for _ in range(5):
        stage.tick("500", of=RELIANCE)
        stage.work()
    assert stage.broker.writes[before:] == []
    assert stage.resting() == [100]


def test_a_lower_circuit_is_told_once_and_makes_no_storm(stage: Stage):
    stage.bought()
    stage.beat("455", times=20, bid_qty=0)
    assert stage.cover().status is P.UNFILLABLE
    assert len(written(stage, Verb.MODIFY)) <= 1
    assert sum("cannot be sold" in alarm for alarm in stage.alarms()) == 1
    stage.beat("455", times=8)
    is_flat(stage)


@pytest.mark.parametrize("dialect", ["paper"])
def test_a_gtt_over_the_brokers_most_falls_back_on_the_desk_stop_with_an_alarm(
    store: Store, desk_home: Path, dialect: str
):
    stage = stage_on(store, desk_home, dialect=dialect, rules=Rules(gtts_max=1))
    bracket = stage.put().bracket
    stage.paper.place_gtt(
        isin=RELIANCE.isin,
        symbol="RELIANCE",
        qty=1,
        side=Side.BUY,
        stop=stage.price("560"),
        target=stage.price("440"),
        product=Product.CNC,
    )
    stage.approve(stage.card())
    stage.beat(times=2)
    cover = stage.cover()
    assert (cover.status, cover.owner, cover.stop) == (P.ARMED_LOCAL, Owner.LOCAL, bracket.stop)
    assert any("GTTs are active" in alarm for alarm in stage.alarms())
    stage.beat("479", times=4)
    assert (stage.shares(), stage.paper.holdings()) == ({}, {})
    assert stage.judge() == []


def test_the_brokers_own_square_off_and_our_exit_sell_once(stage: Stage):
    stage.bought()
    stage.leave()
    for gtt in stage.paper.gtts():
        stage.paper.cancel_gtt(gtt.gtt_id)
    stage.by_phone(Side.SELL, 100, limit="490")  # the broker was faster, without our tag
    stage.beat(times=6)
    assert (stage.paper.holdings(), stage.resting()) == ({}, [])
    assert [one for one in stage.sales() if one.status is S.FILLED] == []
    sold = [one for one in stage.paper.orders() if one.side is Side.SELL]
    assert len(sold) == 1


def test_a_stop_cancelled_by_phone_is_put_back(stage: Stage):
    stage.bought()
    [gtt] = stage.paper.gtts()
    stage.paper.cancel_gtt(gtt.gtt_id)
    stage.beat(times=2)
    assert (stage.resting(), stage.cover().status) == ([100], P.VERIFIED)


def test_two_buckets_of_one_login_add_up_while_one_enters_and_the_other_leaves(stage: Stage):
    other = stage.second_account()
    stage.bought()
    second = stage.another("cd2", account_id=other, account_name="Second")
    stage.beat(times=2)
    assert stage.order(second.id).status is S.FILLED
    assert sorted(stage.resting()) == [100, 100]
    stage.leave("cd1")
    third = stage.another("cd3", account_id=other, account_name="Second")
    stage.beat(times=3)
    assert {one.qty for one in stage.sales() if one.status is S.FILLED} == {100}
    held = 100 + 100 * (stage.order(third.id).status is S.FILLED)
    assert stage.paper.holdings() == {MIDCO.isin: held}
    assert sum(stage.resting()) == held


def test_partial_fills_of_two_buckets_go_each_to_its_own_order(stage: Stage):
    other = stage.second_account()
    first = stage.approve()
    second = stage.another("cd2", account_id=other, account_name="Second")
    stage.beat(size=160)
    stage.beat(times=2, size=0)
    filled = {one.tag: one.filled_qty for one in stage.broker.orders() if one.side is Side.BUY}
    assert sum(filled.values()) == 40
    assert sum(stage.resting()) == 40
    stage.beat(times=4)
    assert {stage.order(one.id).status for one in (first, second)} == {S.FILLED}
    assert sorted(stage.resting()) == [100, 100]


def test_a_restart_that_finds_an_exit_halfway_sells_no_more_than_is_left(stage: Stage):
    stage.bought()
    stage.leave()
    stage.beat(bid_qty=120)
    assert stage.paper.holdings() == {MIDCO.isin: 70}
    stage.restart()
    stage.beat(times=3)
    is_flat(stage)
    assert replace(stage.sales()[0]).qty == 100


def test_an_entry_that_fills_on_after_its_stop_fired_is_taken_back_and_never_naked(stage: Stage):
    stage.approve()
    stage.beat(size=40)
    assert stage.resting() == [10]
    stage.tick("479", size=120)  # the stop sells ten, and the entry buys on below it
    stage.work()
    stage.beat("479", times=3, size=120)
    stage.beat("479", times=34)
    is_flat(stage)
    assert stage.orders()[-1].status is S.CANCELLED
    assert naked_share_seconds(stage.evidence(), stage.asked()) == 0


def test_a_pair_that_shows_after_its_plan_is_over_is_cancelled(stage: Stage):
    order = stage.approve()
    stage.broker.accept_then_timeout(Verb.PLACE_GTT)
    gtts: list[object] = []
    stage.hold("gtts", lambda: gtts)  # the broker shows no pair for a while
    stage.but.add("I5")  # nobody could know of it
    stage.beat(times=3)
    assert stage.order(order.id).status is S.FILLED
    stage.leave()
    stage.beat(times=3)
    assert (stage.paper.holdings(), stage.resting()) == ({}, [100])
    stage.dealer = replace(stage.dealer, sessions={"paper": stage.broker})
    stage.beat(times=16)
    assert stage.resting() == []
    assert sum("showed after its plan was over" in alarm for alarm in stage.alarms()) == 1
