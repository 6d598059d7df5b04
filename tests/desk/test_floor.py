"""The worker's floor opens once, wakes where it slept, and refuses what it cannot trade."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from core.config import settings_now
from core.desk.anchor import anchor_file, drop_anchor, last_anchor
from core.desk.dealer import LEASE, Dealer
from core.desk.desk import PulseClock, calendar_now, desk_over, open_desk
from core.desk.floor import open_floor, phase_of, tick
from core.desk.market_side import MarketClock
from core.desk.upkeep import rewrite
from core.domain.account import Market
from core.domain.calendar import Phase
from core.domain.card import CardStatus
from core.domain.job import Heartbeat
from core.errors import LeaseLost, NoData, NotBuilt, NotFound, Tampered
from core.providers.sim.market import SIM_STARTS_ON
from core.store import audit, heartbeat, lease
from core.store.engine import open_store
from tests.desk.morning import Morning
from tests.desk.test_decide import KnowsLittle
from tests.made import MIDCO, T0


@pytest.fixture
def at_home(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings of a process whose store is a fresh one."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    settings_now.cache_clear()
    return sqlite_url


def test_the_floor_opens_with_the_first_session_and_wakes_where_it_slept(at_home: str):
    floor, sentences = open_floor()
    opens_at = calendar_now().session(SIM_STARTS_ON).opens_at
    assert opens_at <= floor.clock.now() < opens_at + timedelta(minutes=5)
    assert sentences == []
    floor.clock.jump_to(opens_at + timedelta(hours=2))
    tick(floor)
    floor.broker.close()
    again, _ = open_floor()
    assert again.clock.now() >= opens_at + timedelta(hours=2)
    assert again.dealer.fence == floor.dealer.fence + 1
    with pytest.raises(LeaseLost), floor.desk.store.write() as tx:
        floor.dealer.check_lease(tx)
    again.broker.close()


def test_a_second_worker_finds_the_floor_taken(at_home: str):
    desk = open_desk()
    now = desk.clock.monotonic()
    with desk.store.write() as tx:
        lease.acquire(tx, LEASE, "worker-elsewhere", monotonic=now, seconds=600.0)
    with pytest.raises(LeaseLost, match="worker-elsewhere holds the dealer lease"):
        open_floor(wait_seconds=0)


def test_a_market_without_a_worker_says_so(at_home: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MUNIM_MARKET", "replay")
    settings_now.cache_clear()
    with pytest.raises(NotBuilt, match="a replay worker has no floor"):
        open_floor()


def test_a_day_outside_the_calendar_is_closed(morning: Morning):
    assert phase_of(morning.desk, MIDCO, T0) is Phase.CONTINUOUS
    assert phase_of(morning.desk, MIDCO, T0 + timedelta(days=3_650)) is Phase.CLOSED


def test_the_markets_clock_jumps_and_runs_at_its_speed():
    clock = MarketClock(T0, speed=60.0)
    before = clock.monotonic()
    clock.jump_to(T0 + timedelta(hours=1))
    assert clock.now() >= T0 + timedelta(hours=1)
    assert clock.monotonic() >= before


# The desk's own clock, told by the worker


def test_the_desk_stands_still_when_its_worker_fell_silent(morning: Morning):
    clock = PulseClock(morning.desk.store, before_first=T0)
    assert clock.now() == T0
    beat = Heartbeat(
        worker="worker-1",
        fence=1,
        market_at=T0 + timedelta(hours=1),
        monotonic=clock.monotonic() - 3_600.0,
        speed=10.0,
        feed_at=None,
    )
    with morning.desk.store.write() as tx:
        heartbeat.beat(tx, beat)
    # five silent seconds at ten times the speed, and not one more
    assert clock.now() == T0 + timedelta(hours=1, seconds=50)


def test_real_seconds_follow_the_speed_and_replay_has_no_feed(morning: Morning, tmp_path: Path):
    assert morning.desk.real_seconds(30.0) == 30.0
    fast = morning.desk.settings.model_copy(update={"speed": 10.0})
    assert desk_over(fast, morning.desk.store, morning.clock).real_seconds(30.0) == 3.0
    replay = open_store(f"sqlite:///{tmp_path / 'replay.db'}", Market.REPLAY, scratch=True)
    assert desk_over(fast, replay, morning.clock).real_seconds(30.0) == 0.0
    replay.close()


def test_a_login_without_a_session_is_named(morning: Morning):
    alone = Dealer(morning.desk, {}, "w", 1, "AA")
    with pytest.raises(NotFound, match="login paper has no open session"):
        alone.session("paper")


# The chain's head, noted outside the store


def test_the_noted_head_finds_a_chain_that_was_cut(morning: Morning):
    assert last_anchor(morning.desk.home) is None
    morning.approve()
    drop_anchor(morning.desk)
    noted = drop_anchor(morning.desk)
    assert last_anchor(morning.desk.home) == noted
    with morning.desk.store.read() as tx:
        assert audit.verify(tx, anchor=noted).entries == noted.seq
    beyond = anchor_file(morning.desk.home)
    beyond.write_text(f"{T0.isoformat()} {noted.seq + 5} {'0' * 64}\n")
    later = last_anchor(morning.desk.home)
    with morning.desk.store.read() as tx, pytest.raises(Tampered):
        audit.verify(tx, anchor=later)


def test_a_spoiled_note_is_no_anchor(morning: Morning):
    anchor_file(morning.desk.home).write_text("what is this\nline\n")
    with pytest.raises(Tampered, match="line 2 is no note"):
        last_anchor(morning.desk.home)
    anchor_file(morning.desk.home).write_text("")
    assert last_anchor(morning.desk.home) is None


# A card whose price left its band


def test_a_drifted_card_ends_with_the_reason_nothing_replaced_it(morning: Morning):
    card = morning.put()
    little = KnowsLittle(missing=NoData("20 of 252 sessions"))
    assert rewrite(morning.desk, card, little) is None  # type: ignore[arg-type]
    ended = morning.card()
    assert (ended.status, ended.status_reason) == (CardStatus.SUPERSEDED, "20 of 252 sessions")


def test_a_click_that_was_faster_than_the_rewrite_stands(morning: Morning):
    card = morning.put()
    order = morning.approve(card)
    little = KnowsLittle(missing=NoData("20 of 252 sessions"))
    assert rewrite(morning.desk, card, little) is None  # type: ignore[arg-type]
    assert morning.card().status is CardStatus.APPROVED
    assert morning.order(order.id).reason == ""
