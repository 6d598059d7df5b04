from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.config import Settings
from core.desk.desk import Desk, desk_over
from core.desk.kill import set_level
from core.domain.account import Broker, BrokerLogin, LoginMode, Market
from core.domain.clock import IST, SteppedClock
from core.domain.job import Heartbeat
from core.domain.protection import ProtectionStatus
from core.domain.risk import KillLevel
from core.store import accounts, heartbeat, protections
from core.store.engine import open_store
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


def desk_of(home: Path, market: Market, *, at: datetime = NOW) -> Desk:
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'munim.db'}", market=market)
    clock = SteppedClock(at, seconds=SECONDS)
    store = open_store(settings.database_url, market, scratch=True, clock=clock)
    return desk_over(settings, store, clock)


def test_replay_paper_and_live_never_look_alike(tmp_path: Path) -> None:
    replay = frame_view(desk_of(tmp_path / "replay", Market.REPLAY))
    assert (replay.mode.text, replay.seed) == ("REPLAY 20 Nov", "")
    real = desk_of(tmp_path / "live", Market.LIVE)
    paper = frame_view(real)
    assert paper.mode.text == "PAPER"
    with real.store.write() as tx:
        accounts.put_login(tx, BrokerLogin("z", Broker.ZERODHA, LoginMode.LIVE, "Zerodha"))
    live = frame_view(real)
    assert (live.mode.text, live.mode.tone) == ("LIVE · 1 login", "bad")
    assert len({replay.frame_colour, paper.frame_colour, live.frame_colour}) == 3


@pytest.mark.parametrize(
    "at, words",
    [
        (datetime(2026, 11, 20, 9, 5, tzinfo=IST), "pre-open, opens 09:15"),
        (datetime(2026, 11, 20, 8, 0, tzinfo=IST), "closed, opens 09:15"),
        (datetime(2026, 11, 20, 20, 0, tzinfo=IST), "closed, opens 23 Nov 2026"),
        (datetime(2026, 11, 21, 11, 0, tzinfo=IST), "closed, opens 23 Nov 2026"),
        (datetime(2041, 1, 1, 11, 0, tzinfo=IST), "outside the loaded calendar"),
    ],
)
def test_the_session_says_when_it_opens(tmp_path: Path, at: datetime, words: str) -> None:
    desk = desk_of(tmp_path, Market.SIM, at=at.astimezone(UTC))
    assert frame_view(desk).session == words
