"""An order of unknown outcome ends: found by its tag, proven absent, or handed to a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.desk.exit import exit_position
from core.desk.protect import protect
from core.desk.recover import recover
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.desk.unknown import look_up
from core.domain.money import Money
from core.domain.order import Order, OrderStatus, Purpose
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.errors import LeaseLost, SourceFailed
from core.store import audit, lookups
from tests.desk.morning import OPENING, Morning, a_card, work_exits
from tests.made import MIDCO

S = OrderStatus


def lost(morning: Morning) -> Order:
    """Approved and sent; neither the order nor its answer arrived."""
    morning.broker.drop_before_accept()
    order = morning.approve()
    send_prepared(morning.dealer)
    assert morning.order(order.id).status is S.UNKNOWN
    return order


def looks(morning: Morning, *after: float) -> list[str]:
    """One look after each of these waits; what ended."""
    ended = []
    for seconds in after:
        morning.clock.pass_seconds(seconds)
        settle(morning.dealer)
        ended += look_up(morning.dealer)
    return ended


def test_three_clean_reads_over_two_minutes_end_it_as_absent(any_morning: Morning):
    morning = any_morning
    order = lost(morning)
    assert looks(morning, 0, 60, 59) == []
    assert morning.order(order.id).status is S.UNKNOWN
    assert morning.reserved().paise > 0
    said = looks(morning, 11)  # reads at 0, 60, 119 and 130 s
    assert said == [
        f"MIDCO: order {order.id} is absent, 4 reads of the broker's order book over 130 s do not "
        "show it; nothing was bought; a new card can be approved"
    ]
    assert morning.order(order.id).status is S.ABSENT
    assert morning.plan().status is PlanStatus.ABANDONED
    assert (morning.reserved(), morning.cash()) == (Money(0), OPENING)
    assert morning.alarms() == said
    with morning.desk.store.read() as tx:
        last = audit.entries(tx, subject=order.id)[-1]
    assert (last.verb, last.actor) == ("order", "worker")
    assert '"to":"ABSENT"' in last.body
    assert len(morning.broker.sends()) == 1
    morning.books_are_clean()


def test_two_reads_are_too_few_however_long_they_take(morning: Morning):
    order = lost(morning)
    assert looks(morning, 0, 500) == []
    assert morning.order(order.id).status is S.UNKNOWN
    assert len(looks(morning, 11)) == 1


def test_many_reads_in_a_minute_prove_nothing(morning: Morning):
    order = lost(morning)
    assert looks(morning, *[5.0] * 12) == []
    assert morning.order(order.id).status is S.UNKNOWN


def test_a_restart_goes_on_counting(morning: Morning):
    order = lost(morning)
    looks(morning, 0, 40)
    after = replace(morning, dealer=morning.another_dealer())  # 60 s later
    recover(after.dealer)
    assert looks(after, 5) == []
    assert len(looks(after, 20)) == 1  # reads at 0, 40, 105 and 125 s
    assert after.order(order.id).status is S.ABSENT


def test_a_worker_that_lost_its_lease_counts_nothing(morning: Morning):
    order = lost(morning)
    morning.another_dealer()
    with pytest.raises(LeaseLost):
        look_up(morning.dealer)
    with morning.desk.store.read() as tx:
        assert lookups.of_order(tx, order.id) is None


def test_a_machine_started_again_counts_anew(morning: Morning):
    order = lost(morning)
    looks(morning, 0, 60)
    morning.clock.seconds = 5.0  # the monotonic clock begins again
    assert looks(morning, 0, 70) == []
    assert morning.order(order.id).status is S.UNKNOWN
    assert len(looks(morning, 55)) == 1


def test_a_read_that_fails_is_not_counted(morning: Morning):
    order = lost(morning)
    looks(morning, 0, 60)
    morning.clock.pass_seconds(70)
    morning.broker.fail_reads(1)
    with pytest.raises(SourceFailed):
        look_up(morning.dealer)
    assert morning.order(order.id).status is S.UNKNOWN
    assert len(looks(morning, 0)) == 1


def test_an_order_that_shows_after_90_seconds_is_adopted_and_never_absent(morning: Morning):
    morning.broker.delay_visibility(90)
    morning.broker.accept_then_timeout()
    order = morning.approve()
    send_prepared(morning.dealer)
    assert looks(morning, 0, 30, 30) == []
    assert looks(morning, 31, 31, 31) == []
    assert morning.order(order.id).status is S.FILLED
    assert morning.shares() == {MIDCO.isin: 100}
    assert morning.alarms() == []


def test_an_order_that_surfaces_after_it_was_called_absent_is_alarmed_and_counted(
    morning: Morning,
):
    order = lost(morning)
    looks(morning, 0, 60, 61)
    assert morning.order(order.id).status is S.ABSENT
    morning.broker.paper.place(order)  # it was on its way all the time
    assert settle(morning.dealer) == 1
    assert morning.order(order.id).status is S.FILLED
    assert (morning.plan().status, morning.shares()) == (PlanStatus.HOLDING, {MIDCO.isin: 100})
    assert "MIDCO: an order called absent surfaced as FILLED" in morning.alarms()
    assert "MIDCO: a late fill of 100 came after its order had ended" in morning.alarms()
    assert morning.reserved() == Money(0)
    protect(morning.dealer)
    assert morning.cover().status is ProtectionStatus.VERIFIED
    morning.books_are_clean()


def test_an_absent_exit_is_held_again_and_can_be_sold_again(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    protect(morning.dealer)
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
    while not work_exits(morning.dealer):
        pass
    morning.broker.drop_before_accept()
    send_prepared(morning.dealer)
    sale = next(one for one in morning.orders() if one.purpose is Purpose.EXIT)
    assert sale.status is S.UNKNOWN
    said = looks(morning, 0, 60, 61)
    assert said[0].endswith("the shares are still held and covered again")
    assert (morning.order(sale.id).status, morning.plan().status) == (S.ABSENT, PlanStatus.HOLDING)
    protect(morning.dealer)
    assert morning.cover().status is ProtectionStatus.VERIFIED
    exit_position(morning.desk, morning.plan().id, reason="still enough", by="me")
    while not work_exits(morning.dealer):
        pass
    send_prepared(morning.dealer)
    settle(morning.dealer)
    assert (morning.shares(), morning.plan().status) == ({}, PlanStatus.CLOSED)


def test_an_unknown_order_blocks_its_share_until_it_is_absent(morning: Morning):
    lost(morning)
    second = morning.approve(morning.put(a_card(morning.clock, id="cd2")))
    [refused] = send_prepared(morning.dealer)
    assert (refused.id, refused.status) == (second.id, S.CANCELLED)
    assert "unknown outcome" in refused.reason
    looks(morning, 0, 60, 61)
    morning.tick("500")
    third = morning.approve(morning.put(a_card(morning.clock, id="cd3")))
    send_prepared(morning.dealer)
    assert morning.order(third.id).status is not S.CANCELLED


def test_an_order_without_its_tag_is_left_to_a_person_after_two_minutes(morning: Morning):
    morning.broker.alter_tags(lambda tag: "")
    morning.broker.accept_then_timeout()
    order = morning.approve()
    send_prepared(morning.dealer)
    looks(morning, 0, 60)
    asked = "and no tag of ours; say what became of order"
    assert not any(asked in sentence for sentence in morning.alarms())
    looks(morning, 61, 61)
    assert morning.order(order.id).status is S.UNKNOWN
    assert sum(asked in sentence for sentence in morning.alarms()) == 1
    with morning.desk.store.read() as tx:
        seen = lookups.of_order(tx, order.id)
    assert seen is not None and [one.broker_order_id for one in seen.book] == ["paper-000001"]


def test_two_orders_of_one_tag_are_left_to_a_person_by_settling_too(morning: Morning):
    morning.broker.accept_then_timeout()
    order = morning.approve()
    send_prepared(morning.dealer)
    morning.broker.paper.place(order)
    looks(morning, 0, 60, 61, 61)
    assert morning.order(order.id).status is S.UNKNOWN
    assert any("2 orders of one tag" in sentence for sentence in morning.alarms())


def test_an_order_book_that_was_wiped_proves_nothing(morning: Morning):
    order = lost(morning)
    looks(morning, 0, 60)
    morning.clock.pass_seconds(20 * 3600)  # the next morning
    looks(morning, 0, 60, 61)
    assert morning.order(order.id).status is S.UNKNOWN
    [asked] = morning.alarms()
    assert asked.startswith("MIDCO: the broker's order book was wiped before this order showed")


def test_shares_that_nobody_explains_keep_an_order_unknown(morning: Morning):
    order = lost(morning)
    morning.broker.paper.credit(MIDCO.isin, 100)
    looks(morning, 0, 60, 61, 61)
    assert morning.order(order.id).status is S.UNKNOWN
    assert any("the broker holds 100 and the desk's books 0" in one for one in morning.alarms())
