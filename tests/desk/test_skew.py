"""The broker's Date header against this clock: alarm over 2 s, PAUSE over 10 s."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.desk.kill import effective_level
from core.desk.skew import hear_date, latest, measured
from core.domain.risk import KillLevel
from tests.desk.morning import Morning

AT = datetime(2026, 11, 23, 5, 0, 0, 500_000, tzinfo=UTC)


def header(at: datetime) -> str:
    return at.strftime("%a, %d %b %Y %H:%M:%S GMT")


def hear(morning: Morning, off: float) -> None:
    """An answer of 200 ms from a broker whose clock is `off` seconds behind ours."""
    now = morning.clock.now()
    told = header(now - timedelta(seconds=off))
    hear_date(
        morning.desk, "paper", told, asked_at=now - timedelta(seconds=0.1),
        answered_at=now + timedelta(seconds=0.1),
    )  # fmt: skip


def test_a_sample_knows_how_wrong_it_can_be():
    # told 05:00:00 means 05:00:00 to 05:00:01; asked for 0.4 s around 05:00:04.5: 4 s ahead
    told = measured(
        header(AT),
        asked_at=AT + timedelta(seconds=3.8),
        answered_at=AT + timedelta(seconds=4.2),
    )
    assert told is not None
    assert (told.seconds, told.within) == (4.0, 0.7)
    assert told.certain == pytest.approx(3.3)


def test_an_unreadable_header_measures_nothing(morning: Morning):
    assert measured("yesterday", asked_at=AT, answered_at=AT) is None
    assert hear_date(morning.desk, "paper", "", asked_at=AT, answered_at=AT) is None
    with morning.desk.store.read() as tx:
        assert latest(tx, "paper") is None


def test_two_seconds_that_may_be_the_headers_rounding_are_no_alarm(morning: Morning):
    hear(morning, 2.0)
    assert morning.alarms() == []


@pytest.mark.parametrize("off", [5.0, -5.0])
def test_over_two_seconds_is_alarmed_once_a_day_and_pauses_nothing(morning: Morning, off: float):
    hear(morning, off)
    hear(morning, off)
    [said] = morning.alarms()
    assert ("ahead of" if off > 0 else "behind") in said and "at most 2 s" in said
    assert effective_level(morning.desk) is KillLevel.NORMAL


def test_over_ten_seconds_pauses_until_a_person_resumes(morning: Morning):
    hear(morning, 30.0)
    assert effective_level(morning.desk) is KillLevel.PAUSE
    for _ in range(6):
        hear(morning, 0.0)
    assert effective_level(morning.desk) is KillLevel.PAUSE


def test_a_slow_answer_proves_nothing(morning: Morning):
    now = morning.clock.now()
    hear_date(
        morning.desk, "paper", header(now - timedelta(seconds=12)),
        asked_at=now - timedelta(seconds=24), answered_at=now,
    )  # fmt: skip
    assert effective_level(morning.desk) is KillLevel.NORMAL and morning.alarms() == []
