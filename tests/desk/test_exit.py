"""Taking a position off: the broker's stop goes first, then one sale, and never two."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.brokers.fake import Verb
from core.desk.exit import exit_position
from core.desk.kill import kill_file, set_level
from core.desk.safe import keep_safe as keep_safe_once
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.domain.money import Money
from core.domain.order import Order, OrderStatus, Purpose
from core.domain.plan import PlanStatus
from core.domain.protection import Owner, ProtectionStatus
from core.domain.risk import KillLevel
from core.errors import IllegalTransition
from core.store import hypotheses
from tests.desk.morning import Morning, work_exits
from tests.made import MIDCO, rs


def held(morning: Morning) -> Morning:
    """100 MIDCO bought at ₹500.05 under a broker stop."""
    morning.approve(morning.put(with_belief=True))
    keep_safe(morning)
    return morning


def keep_safe(morning: Morning) -> None:
    """What the worker's pulse does after prices came in."""
    send_prepared(morning.dealer)
    keep_safe_once(morning.dealer)


def ask(morning: Morning) -> None:
    """A person wants out."""
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")


def sales(morning: Morning) -> list[Order]:
    """Every exit order, newest first."""
    return [order for order in morning.orders() if order.purpose is Purpose.EXIT]


def is_flat(morning: Morning) -> None:
    """Nothing is held, nothing rests and the books are in order."""
    assert (morning.shares(), morning.broker.holdings()) == ({}, {})
    assert morning.plan().status is PlanStatus.CLOSED
    assert [gtt for gtt in morning.broker.gtts() if gtt.active] == []
    assert morning.reserved() == Money(0)
    morning.books_are_clean()


def test_an_exit_cancels_the_broker_stop_first_and_sells_once(morning: Morning):
    held(morning)
    ask(morning)
    assert work_exits(morning.dealer) == 1
    assert [verb for verb, _ in morning.broker.writes][-1] is Verb.CANCEL_GTT
    assert (morning.cover().owner, morning.cover().gtt_id) == (Owner.LOCAL, "")
    keep_safe(morning)
    [sale] = sales(morning)
    # one per cent through the bid of 499.95: 494.95
    assert (sale.status, sale.limit_price) == (OrderStatus.FILLED, rs("494.95"))
    assert [one.purpose for one in morning.broker.sends()] == [Purpose.ENTRY, Purpose.EXIT]
    is_flat(morning)


def test_only_a_held_position_can_be_exited(morning: Morning):
    held(morning)
    ask(morning)
    with pytest.raises(IllegalTransition, match="MIDCO is EXITING"):
        ask(morning)


def test_a_stop_that_fired_before_the_cancel_sells_alone(morning: Morning):
    held(morning)
    ask(morning)
    morning.tick("479")
    keep_safe(morning)
    keep_safe(morning)
    assert sales(morning) == []
    is_flat(morning)


def test_a_stop_that_fired_and_was_turned_down_does_not_keep_the_exit_waiting(morning: Morning):
    held(morning)
    ask(morning)
    morning.tick("479", bid_qty=160)  # forty go, sixty stand in the book
    settle(morning.dealer)
    child = morning.orders()[0]
    assert (child.purpose, child.status) == (Purpose.STOP, OrderStatus.OPEN)
    morning.broker.paper.cancel(child.broker_order_id)
    morning.tick("478")
    for _ in range(3):
        keep_safe(morning)
    [sale] = sales(morning)
    assert (sale.qty, sale.status) == (60, OrderStatus.FILLED)
    is_flat(morning)


def test_the_time_exit_sells_on_its_day(morning: Morning):
    held(morning)
    # ten sessions after Mon 23 Nov 2026, half past ten
    morning.clock.move_to(datetime(2026, 12, 7, 5, 0, tzinfo=UTC))
    morning.tick("510")
    keep_safe(morning)
    assert morning.plan().status is PlanStatus.HOLDING
    morning.clock.move_to(datetime(2026, 12, 8, 5, 0, tzinfo=UTC))
    morning.tick("510")
    for _ in range(2):
        keep_safe(morning)
    is_flat(morning)
    with morning.desk.store.read() as tx:
        belief = hypotheses.by_card(tx, "cd1")
    assert belief is not None and belief.outcome == "time"


@pytest.mark.parametrize("where", ["store", "file"])
def test_flatten_sells_every_position(morning: Morning, where: str):
    held(morning)
    if where == "store":
        set_level(morning.desk, KillLevel.FLATTEN, reason="out", by="me")
    else:
        kill_file(morning.desk.home).write_text("FLATTEN")
    morning.tick("500")
    for _ in range(2):
        keep_safe(morning)
    assert len(sales(morning)) == 1
    is_flat(morning)


@pytest.mark.parametrize("level", [KillLevel.PAUSE, KillLevel.REDUCE, KillLevel.HALT])
def test_lesser_levels_keep_the_position_and_its_stop_and_let_exits_go(
    morning: Morning, level: KillLevel
):
    held(morning)
    set_level(morning.desk, level, reason="enough", by="me")
    morning.tick("500")
    keep_safe(morning)
    assert morning.cover().status is ProtectionStatus.VERIFIED
    ask(morning)
    for _ in range(2):
        keep_safe(morning)
    is_flat(morning)


def test_halt_takes_working_entries_back_once(morning: Morning):
    morning.tick("500", size=120)
    morning.approve()
    keep_safe(morning)
    assert morning.shares() == {MIDCO.isin: 30}
    set_level(morning.desk, KillLevel.HALT, reason="enough", by="me")
    for _ in range(3):
        keep_safe(morning)
    assert sum(verb is Verb.CANCEL for verb, _ in morning.broker.writes) == 1
    assert morning.orders()[0].status is OrderStatus.CANCELLED
    assert morning.reserved() == Money(0)
    assert (morning.cover().status, morning.cover().qty) == (ProtectionStatus.VERIFIED, 30)


def test_a_sale_that_was_refused_is_protected_again_and_tried_later(morning: Morning):
    held(morning)
    ask(morning)
    work_exits(morning.dealer)
    work_exits(morning.dealer)
    morning.broker.refuse("not now")
    send_prepared(morning.dealer)
    assert (sales(morning)[0].status, morning.plan().status) == (
        OrderStatus.REJECTED,
        PlanStatus.HOLDING,
    )
    keep_safe(morning)
    assert morning.cover().status is ProtectionStatus.VERIFIED
    assert morning.shares() == {MIDCO.isin: 100}
    ask(morning)
    keep_safe(morning)
    assert len(sales(morning)) == 1  # within thirty seconds there is no second try
    morning.clock.pass_seconds(30)
    morning.tick("500")
    for _ in range(2):
        keep_safe(morning)
    assert len(sales(morning)) == 2
    is_flat(morning)


def test_flatten_that_cannot_sell_leaves_the_stop_in_place_between_tries(morning: Morning):
    held(morning)
    set_level(morning.desk, KillLevel.FLATTEN, reason="out", by="me")
    morning.broker.refuse("no buyers today")
    for _ in range(5):
        morning.tick("500")
        keep_safe(morning)
    assert len(sales(morning)) == 1
    assert morning.cover().status is ProtectionStatus.VERIFIED
    morning.clock.pass_seconds(30)
    morning.tick("500")
    for _ in range(2):
        keep_safe(morning)
    is_flat(morning)


def test_an_exit_asked_for_at_night_waits_for_the_open_under_its_stop(morning: Morning):
    held(morning)
    morning.clock.move_to(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))
    ask(morning)
    keep_safe(morning)
    assert sales(morning) == []
    assert [gtt.active for gtt in morning.broker.gtts()] == [True]
    morning.clock.move_to(datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
    morning.tick("500")
    for _ in range(2):
        keep_safe(morning)
    is_flat(morning)


def test_an_exit_waits_for_an_entry_that_still_works(morning: Morning):
    morning.tick("500", size=120)
    morning.approve()
    keep_safe(morning)
    ask(morning)
    assert work_exits(morning.dealer) == 0
    assert [verb for verb, _ in morning.broker.writes][-1] is Verb.CANCEL
    for _ in range(3):
        keep_safe(morning)
    [sale] = sales(morning)
    assert sale.qty == 30
    is_flat(morning)
