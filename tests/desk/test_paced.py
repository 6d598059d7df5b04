"""A paced session: slowed down, left alone when silent, dead when a read says so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from core.desk.one_a_second import OneASecond
from core.desk.paced import PacedSession
from core.domain.account import Broker
from core.domain.capability import CAPABILITIES, Rates
from core.domain.clock import SteppedClock
from core.errors import SessionDead, SourceFailed, SourceResting, SourceWrong, Throttled
from core.sandbox.kite.state import CAPS
from tests.brokers.kite.dialect import KITE as DIALECT
from tests.made import LISTED, MIDCO, T0, quote

KITE = CAPABILITIES[Broker.ZERODHA].reads


class Inner:
    """Answers what it is told to, and counts."""

    holds_pairs = False

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.asked = 0
        self.cancelled: list[str] = []

    def orders(self):
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return []

    trades = gtts = orders

    def holdings(self):
        return {}

    def cancel(self, broker_order_id: str) -> None:
        self.cancelled.append(broker_order_id)


class Time:
    """A clock that moves only by sleeping."""

    def __init__(self) -> None:
        self.at, self.slept = 100.0, 0.0

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.slept += seconds


@pytest.fixture
def inner() -> Inner:
    return Inner()


def paced(inner: Inner, time: Time | None = None, rates: Rates = KITE) -> PacedSession:
    time = time or Time()
    return PacedSession(
        inner, label="Kite", rates=rates, monotonic=lambda: time.at, sleep=time.sleep
    )


def test_reads_wait_for_their_place_in_the_second(inner):
    time = Time()
    session = paced(inner, time, Rates(5, None, None))  # of which the loop takes three
    for _ in range(3):
        session.orders()
    assert time.slept == 0
    session.orders()
    assert time.slept == pytest.approx(1.0)
    session.holdings()  # counts as two
    assert time.slept == pytest.approx(1.0)
    session.orders()
    assert time.slept == pytest.approx(2.0)


def test_a_silent_broker_is_asked_once_and_taken_back_by_a_probe(inner):
    session = paced(inner)
    inner.fault = SourceFailed("no answer came")
    with pytest.raises(SourceFailed, match="no answer came"):
        session.orders()
    with pytest.raises(SourceResting, match="left alone: no answer came"):
        session.trades()
    with pytest.raises(Throttled, match="nothing was sent"):
        session.cancel("1")
    assert (inner.asked, inner.cancelled) == (1, [])
    assert not session.probe()
    inner.fault = None
    assert session.probe()
    session.cancel("1")
    assert inner.cancelled == ["1"] and list(session.gtts()) == []


@pytest.mark.parametrize("fault", [Throttled("too often"), SourceWrong("no number")])
def test_an_answer_that_is_no_use_is_still_an_answer(inner, fault):
    session = paced(inner)
    inner.fault = fault
    with pytest.raises(SourceFailed):
        session.orders()
    inner.fault = None
    assert list(session.orders()) == []


def test_a_read_that_finds_the_session_dead_ends_it(inner):
    session = paced(inner)
    inner.fault = SessionDead("log in again")
    with pytest.raises(SessionDead):
        session.orders()
    inner.fault = None
    for ask in (session.orders, session.gtts, lambda: session.cancel("1")):
        with pytest.raises(SessionDead, match="log in again"):
            ask()
    assert inner.asked == 1


def test_what_one_broker_has_alone_is_asked_of_it(inner):
    session = paced(inner)
    assert session.holds_pairs is False
    assert getattr(session, "no_such_thing", "default") == "default"
    assert session.strange_words == ()


def test_a_burst_of_quotes_meets_no_limit_of_the_sandbox_and_none_waits_over_a_second(at_limits):
    session, clock, slept = at_limits
    for _ in range(5):
        session.quotes([MIDCO.isin])
    assert slept == [pytest.approx(1.0)] * 4
    assert session.client.uses()[1].minute == 5
    paced = PacedSession(session, label="Kite", monotonic=clock.monotonic, sleep=clock.pass_seconds)
    for _ in range(20):
        paced.orders()
        paced.holdings()
    paced.get_ready([MIDCO.isin])
    assert max(slept) <= 1.0


def test_without_its_turn_the_second_quote_of_a_second_is_too_soon(at_limits):
    session, _, _ = at_limits
    session._quotes_turn = nullcontext()
    session.quotes([MIDCO.isin])
    with pytest.raises(Throttled):
        session.quotes([MIDCO.isin])


def test_a_quote_that_would_wait_over_a_second_is_turned_down_unsent():
    time = Time()
    turn = OneASecond(label="Kite", apart=0.05, monotonic=lambda: time.at, sleep=time.sleep)
    with turn, ThreadPoolExecutor(1) as other:
        asked = other.submit(turn.__enter__)
        assert "nothing was sent, ask again" in str(asked.exception())
    with turn:
        assert time.slept == pytest.approx(0.05)


@pytest.fixture
def at_limits():
    """A Kite session with its turn, at a sandbox that keeps Kite's limits; what it slept."""
    clock, slept = SteppedClock(T0), []
    with DIALECT.opened(LISTED, clock) as session:
        session.sandbox.windows.caps.update(CAPS)
        session.sandbox.house.on_quotes([quote("501", at=clock.now())])

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            clock.pass_seconds(seconds)

        session._quotes_turn = OneASecond(label="Kite", monotonic=clock.monotonic, sleep=sleep)
        yield session, clock, slept
