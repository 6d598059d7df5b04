"""Selling a part: the broker's stop shrinks first, then the sale, and the rest stays covered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.brokers.fake import Verb
from core.desk.exit import exit_position
from core.desk.partial_exit import exit_part, wish_of
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.domain.order import Order, OrderStatus, Purpose
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.errors import BadInput, IllegalTransition
from tests.desk.morning import Morning
from tests.made import MIDCO

P = ProtectionStatus


def pulse(morning: Morning, *, times: int = 1) -> None:
    for _ in range(times):
        send_prepared(morning.dealer)
        keep_safe(morning.dealer)


def held(morning: Morning) -> Morning:
    """100 MIDCO under a broker stop."""
    morning.approve()
    pulse(morning)
    return morning


def ask(morning: Morning, qty: int = 40) -> None:
    exit_part(morning.desk, morning.plan().id, qty, reason="half the risk", by="me")


def sales(morning: Morning) -> list[Order]:
    return [order for order in morning.orders() if order.purpose is Purpose.EXIT]


def resting(morning: Morning) -> list[int]:
    return [gtt.qty for gtt in morning.broker.gtts() if gtt.active]


def test_the_stop_shrinks_and_is_read_back_before_anything_is_sold(morning: Morning):
    held(morning)
    ask(morning)
    pulse(morning)
    assert sales(morning) == []
    assert (resting(morning), morning.cover().status, morning.cover().qty) == ([60], P.VERIFIED, 60)
    pulse(morning)
    [sale] = sales(morning)
    assert (sale.qty, sale.status) == (40, OrderStatus.FILLED)
    verbs = [verb for verb, _ in morning.broker.writes]
    assert verbs[-2:] == [Verb.MODIFY_GTT, Verb.PLACE]
    assert Verb.CANCEL_GTT not in verbs
    assert (morning.shares(), morning.plan().status) == ({MIDCO.isin: 60}, PlanStatus.HOLDING)
    pulse(morning, times=3)
    assert (resting(morning), morning.cover().status) == ([60], P.VERIFIED)
    assert len(sales(morning)) == 1
    morning.books_are_clean()


def test_a_sale_that_rests_keeps_the_rest_under_its_stop_all_the_while(morning: Morning):
    held(morning)
    ask(morning)
    pulse(morning)
    morning.tick("500", bid_qty=100)  # a quarter of the bids can be had: 25 of 40
    pulse(morning)
    assert morning.shares() == {MIDCO.isin: 75}
    assert (resting(morning), morning.cover().status) == ([60], P.VERIFIED)
    morning.tick("500")
    pulse(morning)
    assert (morning.shares(), resting(morning)) == ({MIDCO.isin: 60}, [60])


def test_a_stop_that_fires_meanwhile_and_the_sale_end_flat_and_never_short(morning: Morning):
    held(morning)
    ask(morning)
    pulse(morning)
    morning.tick("479")
    pulse(morning, times=3)
    assert (morning.shares(), morning.broker.holdings()) == ({}, {})
    assert sum(order.qty for order in morning.orders() if order.side == "SELL") == 100


def test_a_refused_sale_brings_the_whole_stop_back(morning: Morning):
    held(morning)
    ask(morning)
    pulse(morning)
    morning.broker.refuse("not now")
    pulse(morning, times=3)
    assert [sale.status for sale in sales(morning)] == [OrderStatus.REJECTED]
    assert (resting(morning), morning.cover().status) == ([100], P.VERIFIED)
    assert morning.plan().status is PlanStatus.HOLDING


def test_a_resize_that_is_lost_holds_the_sale_until_it_is_read_back(morning: Morning):
    held(morning)
    for _ in range(2):
        morning.broker.drop_before_accept(Verb.MODIFY_GTT)
    ask(morning)
    pulse(morning)
    assert sales(morning) == [] and resting(morning) == [100]
    for _ in range(20):
        morning.tick("500")
        pulse(morning)
    assert (morning.shares(), resting(morning)) == ({MIDCO.isin: 60}, [60])
    assert morning.broker.holdings() == {MIDCO.isin: 60}


def test_at_night_a_part_waits_for_the_open_under_the_whole_stop(morning: Morning):
    held(morning)
    morning.clock.move_to(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))
    ask(morning)
    pulse(morning, times=2)
    assert (sales(morning), resting(morning)) == ([], [100])
    morning.clock.move_to(datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
    morning.tick("500")
    pulse(morning, times=3)
    assert (morning.shares(), resting(morning)) == ({MIDCO.isin: 60}, [60])


def test_a_whole_exit_takes_the_place_of_a_part_not_yet_sold(morning: Morning):
    held(morning)
    ask(morning)
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
    pulse(morning, times=3)
    assert (morning.shares(), resting(morning)) == ({}, [])
    assert [sale.qty for sale in sales(morning)] == [100]
    with morning.desk.store.read() as tx:
        assert wish_of(tx, morning.plan().id) is None


def test_the_rest_can_leave_right_after_a_part_was_sold(morning: Morning):
    held(morning)
    ask(morning)
    pulse(morning, times=2)
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
    pulse(morning, times=2)
    assert (morning.shares(), resting(morning)) == ({}, [])
    assert sorted(sale.qty for sale in sales(morning)) == [40, 60]


def test_all_shares_are_a_whole_exit(morning: Morning):
    held(morning)
    ask(morning, 100)
    assert morning.plan().status is PlanStatus.EXITING


@pytest.mark.parametrize("qty", [0, -5, 101])
def test_more_than_is_held_or_nothing_is_refused(morning: Morning, qty: int):
    held(morning)
    with pytest.raises(BadInput, match="and 100 are held; use 1 to 100"):
        ask(morning, qty)


def test_a_second_part_waits_for_the_first(morning: Morning):
    held(morning)
    ask(morning)
    with pytest.raises(IllegalTransition, match="40 of 100 are being sold already"):
        ask(morning, 10)


def test_a_part_under_a_desk_stop_alone_is_sold_too(morning: Morning):
    for _ in range(9):
        morning.broker.refuse("TPIN needed", Verb.PLACE_GTT)
    held(morning)
    ask(morning)
    pulse(morning, times=3)
    assert morning.shares() == {MIDCO.isin: 60}
    assert (morning.cover().status, morning.cover().qty) == (P.ARMED_LOCAL, 60)
