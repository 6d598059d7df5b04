"""Three missed beats pause the desk from a second process; a stop on purpose does not."""

from __future__ import annotations

from datetime import timedelta

from core.desk.kill import effective_level, resume, take_in
from core.desk.kill_file import level_in_file, told_in_file
from core.desk.second_look import SecondLook, look, say_stopping
from core.domain.job import Heartbeat
from core.domain.risk import KillLevel
from core.store import heartbeat
from tests.desk.morning import Morning


def beats(morning: Morning) -> None:
    """One beat of the worker a second later."""
    morning.clock.pass_seconds(1)
    beat = Heartbeat(
        worker="worker-1",
        fence=1,
        market_at=morning.clock.now(),
        monotonic=morning.clock.monotonic(),
        speed=1.0,
        feed_at=None,
    )
    with morning.desk.store.write() as tx:
        heartbeat.beat(tx, beat)


def looks(morning: Morning, last: SecondLook, times: int) -> list[str]:
    """What so many looks at a silent worker say."""
    return [look(morning.desk, last) for _ in range(times)]


def beating(morning: Morning) -> SecondLook:
    """A second look that saw the worker beat twice."""
    last = SecondLook()
    for _ in range(2):
        beats(morning)
        assert look(morning.desk, last) == ""
    return last


def test_three_missed_beats_pause_once_and_a_person_resumes(morning: Morning):
    last = beating(morning)
    *quiet, said, again = looks(morning, last, 4)
    assert (quiet, again) == (["", ""], "")
    assert "missed 3 beats" in said and told_in_file(morning.desk.home) == said
    assert effective_level(morning.desk) is KillLevel.PAUSE
    beats(morning)
    assert (look(morning.desk, last), take_in(morning.desk)) == ("", said)
    assert morning.alarms() == [said]
    assert effective_level(morning.desk) is KillLevel.PAUSE  # a worker that is back lifts nothing
    resume(morning.desk, reason="looked at it", by="me")
    assert effective_level(morning.desk) is KillLevel.NORMAL


def test_a_worker_that_never_started_or_ran_before_only_pauses_nothing(morning: Morning):
    assert looks(morning, SecondLook(), 5) == [""] * 5
    beats(morning)  # the last one of a worker that is gone since
    assert looks(morning, SecondLook(), 5) == [""] * 5
    assert level_in_file(morning.desk.home) is KillLevel.NORMAL


def test_a_worker_that_stops_as_told_pauses_nothing(morning: Morning):
    last = beating(morning)
    say_stopping(morning.desk)
    assert looks(morning, last, 5) == [""] * 5
    assert level_in_file(morning.desk.home) is KillLevel.NORMAL


def test_a_late_beat_starts_the_count_again(morning: Morning):
    last = beating(morning)
    assert looks(morning, last, 2) == ["", ""]
    beats(morning)
    assert looks(morning, last, 3) == ["", "", ""]
    assert "missed 3 beats" in look(morning.desk, last)


def test_outside_the_session_nothing_is_paused(morning: Morning):
    morning.clock.pass_seconds(timedelta(hours=14).total_seconds())
    assert looks(morning, beating(morning), 5) == [""] * 5
