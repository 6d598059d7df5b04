"""A worker that dies between any two steps of a send: nothing twice, nothing lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.desk.exit import exit_position
from core.desk.protect import protect
from core.desk.recover import recover
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.domain.card import CardStatus
from core.domain.money import Money
from core.domain.order import Order, OrderStatus
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.errors import LeaseLost
from tests.desk.morning import Morning, a_card, work_exits
from tests.made import MIDCO


class Killed(BaseException):
    """The process is gone; nothing catches it."""


class Dies:
    """A session whose process is killed in its next placement."""

    def __init__(self, morning: Morning, *, accepted: bool) -> None:
        self._broker = morning.broker
        self._accepted = accepted

    def __getattr__(self, name: str) -> object:
        return getattr(self._broker, name)

    def place(self, order: Order) -> str:
        """The request leaves, and perhaps arrives."""
        if self._accepted:
            self._broker.place(order)
        raise Killed


def die_sending(morning: Morning, *, accepted: bool) -> Order:
    """Approve, and die with the request on the wire."""
    order = morning.approve()
    dealer = replace(morning.dealer, sessions={"paper": Dies(morning, accepted=accepted)})
    with pytest.raises(Killed):
        send_prepared(dealer)
    assert morning.order(order.id).status is OrderStatus.SENT
    return order


def restarted(morning: Morning) -> Morning:
    """The next worker, once the lease of the dead one has run out."""
    return replace(morning, dealer=morning.another_dealer())


def test_an_intent_that_never_left_is_called_off_and_its_cash_is_free(morning: Morning):
    order = morning.approve()
    after = restarted(morning)
    assert recover(after.dealer) == [
        "MIDCO: never sent: the desk stopped before the send; approve again"
    ]
    assert after.order(order.id).status is OrderStatus.CANCELLED
    assert (after.card().status, after.plan().status) == (
        CardStatus.REFUSED,
        PlanStatus.ABANDONED,
    )
    assert after.reserved() == Money(0)
    assert send_prepared(after.dealer) == []
    assert morning.broker.sends() == []
    after.books_are_clean()


def test_an_order_on_the_wire_that_arrived_is_adopted_and_protected(morning: Morning):
    order = die_sending(morning, accepted=True)
    after = restarted(morning)
    assert recover(after.dealer) == ["MIDCO: found at the broker as paper-000001"]
    adopted = after.order(order.id)
    assert (adopted.status, adopted.broker_order_id) == (OrderStatus.FILLED, "paper-000001")
    assert (settle(after.dealer), send_prepared(after.dealer)) == (1, [])
    protect(after.dealer)
    assert after.cover().status is ProtectionStatus.VERIFIED
    assert after.shares() == {MIDCO.isin: 100} == morning.broker.holdings()
    assert len(morning.broker.paper.orders()) == 1
    assert after.reserved() == Money(0)
    after.books_are_clean()


def test_an_order_on_the_wire_that_never_arrived_stays_unknown_and_is_not_sent_again(
    morning: Morning,
):
    order = die_sending(morning, accepted=False)
    after = restarted(morning)
    assert recover(after.dealer) == ["MIDCO: not in the order book yet"]
    assert recover(after.dealer) == ["MIDCO: not in the order book yet"]
    assert after.order(order.id).status is OrderStatus.UNKNOWN
    assert send_prepared(after.dealer) == []
    assert morning.broker.sends() == []
    assert after.reserved().paise > 0  # it may still surface


def test_an_answer_lost_is_found_by_its_tag_without_a_restart(morning: Morning):
    morning.broker.accept_then_timeout()
    order = morning.approve()
    send_prepared(morning.dealer)
    assert morning.order(order.id).status is OrderStatus.UNKNOWN
    assert settle(morning.dealer) == 1
    assert morning.order(order.id).status is OrderStatus.FILLED
    assert len(morning.broker.sends()) == len(morning.broker.paper.orders()) == 1


def test_an_answer_lost_is_adopted_by_recovery(morning: Morning):
    morning.broker.accept_then_timeout()
    order = morning.approve()
    send_prepared(morning.dealer)
    assert recover(morning.dealer) == ["MIDCO: found at the broker as paper-000001"]
    assert morning.order(order.id).status is OrderStatus.FILLED
    assert settle(morning.dealer) == 1
    assert len(morning.broker.sends()) == 1


def test_an_order_that_shows_only_after_90_seconds_waits_and_is_then_adopted(morning: Morning):
    morning.broker.delay_visibility(90)
    order = die_sending(morning, accepted=True)
    after = restarted(morning)  # sixty seconds later
    recover(after.dealer)
    assert after.order(order.id).status is OrderStatus.UNKNOWN
    assert settle(after.dealer) == 0
    morning.clock.pass_seconds(31)
    assert settle(after.dealer) == 1
    assert after.order(order.id).status is OrderStatus.FILLED


@pytest.mark.parametrize("comes_back", [lambda tag: f"1:{tag}", lambda tag: tag[:15].lower()])
def test_a_tag_that_comes_back_altered_is_still_ours(morning: Morning, comes_back):
    morning.broker.alter_tags(comes_back)
    order = die_sending(morning, accepted=True)
    after = restarted(morning)
    recover(after.dealer)
    assert after.order(order.id).status is OrderStatus.FILLED


def test_an_order_without_its_tag_is_left_to_a_person(morning: Morning):
    morning.broker.alter_tags(lambda tag: "")
    order = die_sending(morning, accepted=True)
    after = restarted(morning)
    recover(after.dealer)
    assert after.order(order.id).status is OrderStatus.UNKNOWN


def test_two_orders_of_one_tag_raise_an_alarm_and_move_nothing(morning: Morning):
    order = die_sending(morning, accepted=True)
    morning.broker.paper.place(order)
    after = restarted(morning)
    recover(after.dealer)
    assert after.order(order.id).status is OrderStatus.UNKNOWN
    assert "the broker shows 2 orders of one tag" in after.alarms()[0]


def test_a_worker_that_lost_its_lease_can_do_nothing_more(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    after = restarted(morning)
    second = morning.approve(morning.put(a_card(morning.clock, id="cd2")))
    for step in (send_prepared, protect, recover):
        with pytest.raises(LeaseLost):
            step(morning.dealer)
    assert len(morning.broker.sends()) == 1
    assert after.order(second.id).status is OrderStatus.PREPARED


def test_a_worker_that_lost_its_lease_books_nothing_either(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    restarted(morning)
    with pytest.raises(LeaseLost):
        settle(morning.dealer)
    assert morning.shares() == {}


def test_a_restart_between_fill_and_stop_protects_first(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    after = restarted(morning)
    recover(after.dealer)
    protect(after.dealer)
    assert after.cover().status is ProtectionStatus.VERIFIED
    assert len([gtt for gtt in morning.broker.gtts() if gtt.active]) == 1


def test_a_stale_worker_neither_places_nor_cancels_a_stop(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    after = restarted(morning)
    with pytest.raises(LeaseLost):
        protect(morning.dealer)
    assert morning.broker.gtts() == []
    protect(after.dealer)
    exit_position(after.desk, after.plan().id, reason="enough", by="me")
    with pytest.raises(LeaseLost):
        work_exits(morning.dealer)
    assert [gtt.active for gtt in morning.broker.gtts()] == [True]
