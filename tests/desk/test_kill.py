"""Stopping the desk, and who may let it go again."""

from __future__ import annotations

import json

import pytest

from core.desk.kill import effective_level, kill_file, level_in_file, resume, set_level
from core.domain.risk import DESK, KillLevel
from core.errors import BadInput
from core.store import audit, kills
from tests.desk.morning import Morning

NORMAL, PAUSE, HALT, FLATTEN = (
    KillLevel.NORMAL,
    KillLevel.PAUSE,
    KillLevel.HALT,
    KillLevel.FLATTEN,
)


def test_the_desks_level_stands_in_the_store_and_in_a_file_beside_it(morning: Morning):
    set_level(morning.desk, HALT, reason="enough", by="me")
    assert effective_level(morning.desk) is HALT
    assert kill_file(morning.desk.home).read_text() == "HALT"
    resume(morning.desk, reason="calm", by="me")
    assert effective_level(morning.desk) is NORMAL
    assert not kill_file(morning.desk.home).exists()


def test_an_accounts_level_is_its_own_and_the_desks_covers_all(morning: Morning):
    set_level(morning.desk, PAUSE, scope="event", reason="enough", by="me")
    assert effective_level(morning.desk, "event") is PAUSE
    assert effective_level(morning.desk, DESK) is NORMAL
    assert effective_level(morning.desk, "sip") is NORMAL
    set_level(morning.desk, HALT, reason="enough", by="me")
    assert effective_level(morning.desk, "sip") is HALT
    resume(morning.desk, reason="calm", by="me")
    assert effective_level(morning.desk, "event") is PAUSE


def test_each_change_is_recorded_with_its_reason(morning: Morning):
    set_level(morning.desk, PAUSE, reason="lunch", by="me")
    resume(morning.desk, reason="", by="me")
    with morning.desk.store.read() as tx:
        told = [json.loads(row.body) for row in audit.entries(tx) if row.verb == "kill level"]
        assert [switch.level for switch in kills.history(tx)] == [NORMAL, PAUSE]
    assert told == [
        {"from": "NORMAL", "to": "PAUSE", "reason": "lunch"},
        {"from": "PAUSE", "to": "NORMAL", "reason": "resumed"},
    ]


def test_a_level_needs_a_reason(morning: Morning):
    with pytest.raises(BadInput, match="HALT needs a reason"):
        set_level(morning.desk, HALT, reason=" ", by="me")
    assert effective_level(morning.desk) is NORMAL


def test_the_risk_loop_neither_flattens_nor_resumes(morning: Morning):
    with pytest.raises(BadInput, match="FLATTEN is typed by a person"):
        set_level(morning.desk, FLATTEN, reason="loss", by="risk loop")
    set_level(morning.desk, HALT, reason="loss", by="risk loop")
    with pytest.raises(BadInput, match="a person resumes the desk"):
        resume(morning.desk, reason="recovered", by="risk loop")
    assert effective_level(morning.desk) is HALT


@pytest.mark.parametrize("by", ["risk loop", "me"])
def test_a_softer_level_never_replaces_a_stricter_one(morning: Morning, by: str):
    set_level(morning.desk, HALT, reason="enough", by="me")
    with pytest.raises(BadInput, match="stands at HALT, which is stricter than PAUSE"):
        set_level(morning.desk, PAUSE, reason="loss", by=by)
    assert effective_level(morning.desk) is HALT
    assert level_in_file(morning.desk.home) is HALT


def test_a_restored_backup_does_not_lift_the_level(morning: Morning):
    # the store knows of no level; the file beside it does
    kill_file(morning.desk.home).write_text("HALT\n")
    assert effective_level(morning.desk) is HALT
    with pytest.raises(BadInput, match="stands at HALT"):
        set_level(morning.desk, PAUSE, reason="softer", by="me")


@pytest.mark.parametrize("text", ["", "halted", "3"])
def test_a_file_that_cannot_be_read_counts_as_halt(morning: Morning, text: str):
    kill_file(morning.desk.home).write_text(text)
    assert level_in_file(morning.desk.home) is HALT
