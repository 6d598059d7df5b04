"""A vendor's limits outlive the process: what was asked before a restart still counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from limits import parse

from core.domain.clock import SteppedClock
from core.errors import Throttled
from core.providers.net.gate import Gate
from core.providers.net.memory import Memory
from core.providers.net.policy import Policy
from core.providers.net.quota import day_key, day_quota

NOW = datetime(2026, 8, 22, 6, 0, tzinfo=UTC)
SMALL = Policy("small", "Small vendor", rates=("3/day",), patience_seconds=5.0)


def asked(home: Path, at: datetime, name: str) -> str:
    """One question through a gate that has just been made, as after a restart."""
    gate = Gate(SMALL, Memory(home), clock=SteppedClock(at), sleep=lambda seconds: None)
    answer = gate.ask(name, lambda: name, str, ttl=timedelta(0))
    return answer.value


def test_a_days_quota_is_not_forgotten_by_a_restart(tmp_path: Path):
    for name in ("a", "b", "c"):
        assert asked(tmp_path, NOW, name) == name
    with pytest.raises(Throttled, match="allows 3 per 1 day, all of it is used"):
        asked(tmp_path, NOW + timedelta(hours=3), "d")
    # the first three leave the window a day after they were asked
    assert asked(tmp_path, NOW + timedelta(hours=24, seconds=1), "d") == "d"


def test_what_is_used_is_read_under_the_key_the_library_counts_by(tmp_path: Path):
    assert day_key("small", 3) == parse("3/day").key_for("small")
    for name in ("a", "b"):
        asked(tmp_path, NOW, name)
    assert day_quota(Memory(tmp_path), SMALL, NOW + timedelta(hours=1)) == (2, 3)
    assert day_quota(Memory(tmp_path), SMALL, NOW + timedelta(hours=25)) == (0, 3)
    assert day_quota(Memory(tmp_path), Policy("free", "Free"), NOW) == (0, 0)


def test_turns_of_a_clock_that_ran_far_ahead_do_not_block_for_good(tmp_path: Path):
    for name in ("a", "b", "c"):
        asked(tmp_path, NOW + timedelta(days=900), name)
    assert asked(tmp_path, NOW, "d") == "d"
    assert day_quota(Memory(tmp_path), SMALL, NOW) == (1, 3)


def test_an_answer_from_the_cache_takes_no_turn(tmp_path: Path):
    gate = Gate(SMALL, Memory(tmp_path), clock=SteppedClock(NOW), sleep=lambda seconds: None)
    for _ in range(5):
        gate.ask("same", lambda: "told", str, ttl=timedelta(hours=1))
    assert day_quota(Memory(tmp_path), SMALL, NOW) == (1, 3)
