"""A sale that rests: its price follows the market in place, and nobody bidding is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.brokers.fake import Verb
from core.desk.chase import CHANGES_MAX, FIRST_PAUSE
from core.desk.exit import exit_position
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.domain.money import Money
from core.domain.order import Order, OrderStatus, Purpose
from core.domain.plan import PlanStatus
from core.domain.protection import Owner, ProtectionStatus
from core.errors import OutcomeUnknown
from core.store import quotes
from tests.desk.morning import Morning
from tests.made import MIDCO, rs


def held(morning: Morning) -> Morning:
    """100 MIDCO bought at ₹500.05 under a broker stop at ₹480."""
    morning.approve(morning.put(with_belief=True))
    send_prepared(morning.dealer)
    keep_safe(morning.dealer)
    return morning


def beat(morning: Morning, ltp: str, *, bid_qty: int | None = None) -> None:
    """One price and one pulse."""
    morning.tick(ltp, bid_qty=bid_qty)
    keep_safe(morning.dealer)


def changes(morning: Morning) -> list[object]:
    return [what for verb, what in morning.broker.writes if verb is Verb.MODIFY]


def reducing(morning: Morning) -> list[Order]:
    """Orders that sell, newest first."""
    return [order for order in morning.orders() if order.purpose is not Purpose.ENTRY]


def gapped(morning: Morning) -> Order:
    """The stop at 480 fired into a gap to 460: its order at 470.40 or so rests behind."""
    held(morning)
    beat(morning, "460")
    [child] = reducing(morning)
    return child


def test_a_fired_stop_that_a_gap_left_behind_is_followed_before_anything_trades(morning: Morning):
    child = gapped(morning)
    assert (child.purpose, child.status) == (Purpose.STOP, OrderStatus.OPEN)
    assert child.limit_price is not None and child.limit_price > rs("460")
    assert morning.plan().status is PlanStatus.HOLDING


def test_after_three_seconds_its_price_goes_to_the_market_and_it_sells(morning: Morning):
    child = gapped(morning)
    morning.clock.pass_seconds(FIRST_PAUSE - 2)
    beat(morning, "460")
    assert changes(morning) == []
    beat(morning, "460")
    # one per cent through the bid of 459.95 on a tick of five paise
    assert changes(morning) == [(child.broker_order_id, rs("455.35"))]
    assert [order.id for order in reducing(morning)] == [child.id]
    beat(morning, "460")
    assert (morning.shares(), morning.broker.holdings()) == ({}, {})
    assert morning.plan().status is PlanStatus.CLOSED
    assert morning.cover().status is ProtectionStatus.RELEASED
    morning.books_are_clean()


def test_pauses_grow_so_that_a_falling_market_is_no_storm(morning: Morning):
    held(morning)
    for step in range(60):
        # the bid falls each second, and a quarter of one share shown is none
        morning.tick(f"{474 - step * 0.3:.2f}", bid_qty=1)
        keep_safe(morning.dealer)
    assert 2 <= len(changes(morning)) <= 7
    assert len(reducing(morning)) == 1


def test_a_lost_answer_to_a_change_is_asked_again_and_never_doubled(morning: Morning):
    child = gapped(morning)
    morning.broker.drop_before_accept(Verb.MODIFY)
    morning.clock.pass_seconds(FIRST_PAUSE)
    morning.tick("460")
    with pytest.raises(Exception, match="no answer") as lost:
        keep_safe(morning.dealer)
    assert not isinstance(lost.value, OutcomeUnknown)  # told after protection had its turn
    morning.clock.pass_seconds(2 * FIRST_PAUSE)
    beat(morning, "460")
    assert [what[0] for what in changes(morning)] == [child.broker_order_id] * 2
    beat(morning, "460")
    assert morning.broker.holdings() == {}
    assert len(morning.broker.sends()) == 1  # the entry; the stop was the broker's own order


def test_a_lower_circuit_is_told_once_and_changed_at_most_once_a_minute(morning: Morning):
    held(morning)
    # MIDCO has a fixed band of ten per cent: 450 is the lowest
    for _ in range(50):
        beat(morning, "450", bid_qty=0)
    assert morning.cover().status is ProtectionStatus.UNFILLABLE
    assert morning.cover().reason.startswith("there are no bids at ₹450.00")
    assert len([line for line in morning.alarms() if "cannot be sold now" in line]) == 1
    assert len(changes(morning)) == 0
    for _ in range(70):
        beat(morning, "450", bid_qty=0)
    assert len(changes(morning)) <= 1
    assert len(reducing(morning)) == 1


def test_when_bids_come_back_the_same_order_sells(morning: Morning):
    held(morning)
    for _ in range(5):
        beat(morning, "450", bid_qty=0)
    assert morning.cover().status is ProtectionStatus.UNFILLABLE
    morning.clock.pass_seconds(60)
    for _ in range(5):
        beat(morning, "452")
    assert morning.broker.holdings() == {}
    assert morning.plan().status is PlanStatus.CLOSED
    assert morning.cover().status is ProtectionStatus.RELEASED
    assert len(reducing(morning)) == 1
    morning.books_are_clean()


def test_an_exit_that_rests_is_followed_too_and_stays_one_order(morning: Morning):
    held(morning)
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
    morning.tick("500", bid_qty=160)  # a quarter of what is shown trades: forty
    keep_safe(morning.dealer)
    [sale] = reducing(morning)
    assert (sale.purpose, sale.status) == (Purpose.EXIT, OrderStatus.OPEN)
    assert (morning.cover().status, morning.cover().owner) == (
        ProtectionStatus.ARMED_LOCAL,
        Owner.LOCAL,
    )
    beat(morning, "485")
    morning.clock.pass_seconds(FIRST_PAUSE)
    beat(morning, "485")
    beat(morning, "485")
    assert len(changes(morning)) == 1
    assert [order.id for order in reducing(morning)] == [sale.id]
    assert morning.broker.holdings() == {}
    morning.books_are_clean()


def test_an_order_changed_as_often_as_brokers_allow_is_taken_back_and_sold_anew(morning: Morning):
    held(morning)
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
    morning.tick("500", bid_qty=4)  # one share goes
    keep_safe(morning.dealer)
    price = 494.0
    while len(changes(morning)) < CHANGES_MAX and price > 460:
        price -= 1.5
        morning.clock.pass_seconds(61)
        morning.tick(f"{price:.2f}", bid_qty=3)  # a quarter of three is no share
        keep_safe(morning.dealer)
    made = len(changes(morning))
    for _ in range(4):
        morning.clock.pass_seconds(61)
        beat(morning, "458")
    assert made <= CHANGES_MAX
    assert morning.broker.holdings() == {}
    morning.books_are_clean()


def test_a_sale_the_close_ended_is_protected_over_night_and_sold_in_the_morning(morning: Morning):
    held(morning)
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
    morning.tick("500", bid_qty=160)
    keep_safe(morning.dealer)
    morning.clock.move_to(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))
    morning.broker.paper.cancel(reducing(morning)[0].broker_order_id)  # as an exchange does
    beat(morning, "500", bid_qty=0)
    [sale] = reducing(morning)
    assert sale.status is OrderStatus.CANCELLED
    assert (morning.plan().status, morning.cover().qty) == (PlanStatus.EXITING, 60)
    assert morning.cover().status is ProtectionStatus.VERIFIED
    assert [gtt.qty for gtt in morning.broker.gtts() if gtt.active] == [60]
    morning.clock.move_to(datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
    for _ in range(3):
        beat(morning, "500")
    assert morning.broker.holdings() == {}
    assert [gtt for gtt in morning.broker.gtts() if gtt.active] == []
    assert MIDCO.isin not in morning.shares()
    morning.books_are_clean()


def test_a_share_without_a_price_keeps_its_stop_until_there_is_one(morning: Morning):
    held(morning)
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
    with morning.desk.store.write() as tx:
        quotes.put(tx, [replace(quotes.by_isin(tx, MIDCO.isin), ltp=Money(0))])
    keep_safe(morning.dealer)
    assert reducing(morning) == []
    assert [gtt.active for gtt in morning.broker.gtts()] == [True]
    for _ in range(2):
        beat(morning, "500")
    assert morning.broker.holdings() == {}
