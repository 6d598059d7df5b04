from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.desk.kill import set_level
from core.domain.job import Heartbeat
from core.domain.protection import ProtectionStatus
from core.domain.risk import KillLevel
from core.store import heartbeat, protections
from core.views.frame import frame_view, worker_is_silent
from tests.views.shelf import NOW, SECONDS, SHIELD, ago, empty_desk, filled_desk


def test_a_simulated_market_says_so_with_its_seed_and_time(tmp_path: Path) -> None:
    view = frame_view(filled_desk(tmp_path))
    assert (view.mode.text, view.seed) == ("SIMULATED MARKET", "seed 42")
    assert (view.clock, view.day) == ("10:42:07", "Fri 20 Nov 2026")
    # the session closes 15:30:00, which is 4 h 47 min 53 s later
    assert view.session == "open, closes in 4 h 47 min"
    assert (view.feed_age, view.worker_age, view.unprotected) == ("1 s", "1 s", "0")


def test_a_worker_that_never_beat_has_not_started(tmp_path: Path) -> None:
    desk = empty_desk(tmp_path)
    view = frame_view(desk)
    assert view.silent and view.worker_age == "not started"
    assert "has not started" in view.alarm
    assert worker_is_silent(desk)


def test_a_worker_silent_for_six_seconds_raises_the_alarm_and_its_desk_stop_counts_no_more(
    tmp_path: Path,
) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        heartbeat.beat(tx, Heartbeat("worker", 3, NOW, SECONDS - 6, 1.0, ago(seconds=6)))
        armed = replace(SHIELD, status=ProtectionStatus.ARMED_LOCAL, version=2)
        protections.save(tx, armed)
    view = frame_view(desk)
    assert view.silent and "silent for 6 s" in view.alarm
    assert (view.unprotected, view.unprotected_tone) == ("1", "loss")


def test_a_halt_is_seen_at_once(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    set_level(desk, KillLevel.HALT, reason="test", by="person at the desk")
    view = frame_view(desk)
    assert (view.kill, view.kill_tone) == ("Halt", "loss")
