"""One pass that keeps what is held safe, whatever one broker answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.brokers.fake import FakeBroker, Verb
from core.desk.exit import exit_position
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.domain.protection import ProtectionStatus
from core.errors import LeaseLost, SourceFailed
from tests.desk.morning import Morning


class FailsToTell:
    """The broker of the morning, except that some reads fail."""

    def __init__(self, broker: FakeBroker, *reads: str) -> None:
        self._broker, self._reads = broker, reads

    def __getattr__(self, name: str) -> object:
        if name in self._reads:
            raise SourceFailed(f"login paper: {name} could not be read; try again")
        return getattr(self._broker, name)


def entered(morning: Morning) -> None:
    morning.approve(morning.put(with_belief=True))
    send_prepared(morning.dealer)


def test_a_read_that_fails_does_not_keep_protection_waiting(morning: Morning):
    entered(morning)
    keep_safe(morning.dealer)
    [gtt] = morning.broker.gtts()
    morning.broker.cancel_gtt(gtt.gtt_id)  # somebody took the stop away at the broker
    deaf = replace(morning.dealer, sessions={"paper": FailsToTell(morning.broker, "trades")})
    with pytest.raises(SourceFailed, match="trades could not be read"):
        keep_safe(deaf)
    assert morning.cover().status is ProtectionStatus.VERIFIED
    assert [gtt.active for gtt in morning.broker.gtts()].count(True) == 1


def test_nothing_is_sold_at_a_login_whose_fills_are_not_known(morning: Morning):
    entered(morning)
    keep_safe(morning.dealer)
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
    deaf = replace(morning.dealer, sessions={"paper": FailsToTell(morning.broker, "trades")})
    with pytest.raises(SourceFailed):
        keep_safe(deaf)
    assert len(morning.broker.sends()) == 1
    assert [gtt.active for gtt in morning.broker.gtts()] == [True]
    keep_safe(morning.dealer)
    assert len(morning.broker.sends()) == 2
    assert morning.broker.holdings() == {}


def test_one_dead_login_does_not_hold_up_another(morning: Morning):
    entered(morning)
    dead = FailsToTell(morning.broker, "orders", "trades", "gtts")
    both = replace(morning.dealer, sessions={"another": dead, "paper": morning.broker})
    with pytest.raises(SourceFailed) as told:
        keep_safe(both)
    assert str(told.value) == "login paper: orders could not be read; try again"
    assert morning.cover().status is ProtectionStatus.VERIFIED


def test_a_lost_lease_ends_the_pass_at_once(morning: Morning):
    entered(morning)
    morning.another_dealer()
    with pytest.raises(LeaseLost):
        keep_safe(morning.dealer)
    assert morning.broker.gtts() == []


def test_each_loss_of_a_broker_stop_is_alarmed_anew(morning: Morning):
    entered(morning)
    morning.broker.refuse("no authorisation to sell", Verb.PLACE_GTT)
    keep_safe(morning.dealer)
    assert len(morning.alarms()) == 1
    morning.clock.pass_seconds(16)
    keep_safe(morning.dealer)
    assert morning.cover().status is ProtectionStatus.VERIFIED
    [gtt] = [gtt for gtt in morning.broker.gtts() if gtt.active]
    morning.broker.cancel_gtt(gtt.gtt_id)
    morning.broker.refuse("no authorisation to sell", Verb.PLACE_GTT)
    keep_safe(morning.dealer)
    morning.clock.pass_seconds(16)
    assert len(morning.alarms()) == 2
    morning.broker.refuse("no authorisation to sell", Verb.PLACE_GTT)
    keep_safe(morning.dealer)
    assert len(morning.alarms()) == 2  # the same loss, told already
