"""A paced session: slowed down, left alone when silent, dead when a read says so."""

from __future__ import annotations

import pytest

from core.desk.paced import PacedSession
from core.errors import SessionDead, SourceFailed, SourceResting, SourceWrong, Throttled


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


def paced(inner: Inner, time: Time | None = None, most: int = 7) -> PacedSession:
    time = time or Time()
    return PacedSession(
        inner, label="Kite", reads_a_second=most, monotonic=lambda: time.at, sleep=time.sleep
    )


def test_reads_wait_for_their_place_in_the_second(inner):
    time = Time()
    session = paced(inner, time, most=3)
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
