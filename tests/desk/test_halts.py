"""A market-wide halt: entries wait, stops stay, and its dated end lifts it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.desk.exit import exit_position
from core.desk.halts import halted, note_move
from core.desk.safe import keep_safe
from core.domain.order import OrderStatus
from core.domain.protection import ProtectionStatus
from core.errors import ApprovalRefused
from core.views.frame import frame_view
from tests.desk.morning import Morning
from tests.desk.test_apply_action import held, work

# the morning is before 13:00, where ten percent stop trading for 45 minutes


def test_no_entry_is_approved_until_the_dated_end(morning: Morning):
    at = morning.clock.now()
    assert note_move(morning.desk, -0.06, at=at) is None
    stands = note_move(morning.desk, -0.101, at=at)
    assert stands is not None and stands.until == at + timedelta(minutes=45)
    card = morning.put()
    with pytest.raises(ApprovalRefused, match="halted market-wide"):
        morning.approve(card)
    view = frame_view(morning.desk)
    assert view.session == "halted market-wide" and "10 %" in view.halt
    with morning.desk.store.read() as tx:
        assert halted(tx, at=at + timedelta(minutes=44)) == stands
        assert halted(tx, at=at + timedelta(minutes=45)) is None
        assert halted(tx, at=at + timedelta(days=1)) is None


def test_an_approved_entry_is_called_off_when_the_halt_comes_first(morning: Morning):
    order = morning.approve(morning.put())
    note_move(morning.desk, 0.1, at=morning.clock.now())
    work(morning)
    assert morning.order(order.id).status is OrderStatus.CANCELLED and morning.shares() == {}


def test_protection_stays_and_an_exit_waits(morning: Morning):
    held(morning)
    note_move(morning.desk, -0.1, at=morning.clock.now())
    exit_position(morning.desk, morning.plan().id, reason="mine", by="me")
    work(morning)
    assert morning.cover().status is ProtectionStatus.VERIFIED
    assert [gtt.active for gtt in morning.broker.gtts()] == [True]
    morning.clock.move_to(morning.clock.now() + timedelta(minutes=46))
    morning.tick("500")
    work(morning)
    keep_safe(morning.dealer)
    assert morning.shares() == {}


def test_a_step_is_said_once_and_a_further_one_again(morning: Morning):
    at = morning.clock.now()
    first = note_move(morning.desk, -0.1, at=at)
    assert note_move(morning.desk, -0.11, at=at + timedelta(minutes=1)) == first
    further = note_move(morning.desk, -0.15, at=at + timedelta(minutes=46))
    assert further is not None and further.move_pct == 15
    assert len(morning.alarms()) == 2
