"""The desk tells a sandbox the time over its control port."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.desk.feed import moved_on, tell_clock, why_ahead
from core.desk.sandbox_clock import ask_time, tell_time
from core.domain.account import Broker, BrokerLogin, LoginMode
from core.domain.calendar import Phase
from core.errors import SourceFailed
from core.sandbox.clock import SandboxClock
from core.sandbox.control import control_app
from core.sandbox.kite.sandbox import KiteSandbox
from core.sandbox.serve import serving
from tests.made import LISTED, T0


@pytest.fixture
def control():
    clock = SandboxClock(T0, speed=1.0, monotonic=lambda: 5.0)
    sandbox = KiteSandbox(LISTED, clock=clock, phase_of=lambda share, at: Phase.CONTINUOUS)
    with serving(control_app(sandbox)) as served:
        yield BrokerLogin("k", Broker.ZERODHA, LoginMode.PAPER, "Practice", "AB1234",
                          served.base, served.base), clock  # fmt: skip
    sandbox.close()


def test_a_sandbox_takes_the_desks_time_and_speed(control):
    login, clock = control
    later = T0 + timedelta(minutes=7)
    assert tell_time(login.control, at=later, speed=60.0) == later
    assert (clock.now(), clock.speed) == (later, 60.0)
    assert ask_time(login.control) == later
    assert tell_clock(login, at=later, speed=1.0) == ""


def test_a_sandbox_that_went_on_is_followed_within_the_day_and_refused_beyond(control):
    login, clock = control
    assert moved_on(login, now=T0) is None
    clock.move_to(T0 + timedelta(minutes=3))
    assert moved_on(login, now=T0) == T0 + timedelta(minutes=3)
    assert why_ahead(login, now=T0) == ""
    clock.move_to(T0 + timedelta(days=1))
    assert "start the sandbox with another --home" in why_ahead(login, now=T0)


def test_a_port_nobody_answers_is_one_sentence():
    with pytest.raises(SourceFailed, match="is munim sandbox running"):
        ask_time("http://127.0.0.1:9")
    login = BrokerLogin("k", Broker.ZERODHA, LoginMode.PAPER, "P", "A",
                        "http://127.0.0.1:9", "http://127.0.0.1:9")  # fmt: skip
    assert "could not be told" in tell_clock(login, at=T0, speed=1.0)
