"""A price is as old as the wall says, also while the market's clock stands still."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.domain.account import Market
from core.domain.job import Heartbeat
from core.store import heartbeat
from core.views.ages import real_age
from core.views.card_live import live_card
from core.views.frame import frame_view
from tests.views.shelf import EVENT_CARD, NOW, SECONDS, ago, filled_desk


def silenced(home: Path) -> Desk:
    """A desk whose worker was last heard 65 s ago; its clock has run on for 5 s and stands."""
    desk = filled_desk(home)
    last = Heartbeat("worker", 3, NOW, SECONDS - 65, 1.0, ago(seconds=5))
    with desk.store.write() as tx:
        heartbeat.beat(tx, last)
    return desk


def test_a_price_of_one_second_ago_is_one_second_old(tmp_path: Path) -> None:
    assert real_age(filled_desk(tmp_path), ago(seconds=1)) == pytest.approx(1.0)


def test_the_silence_of_the_worker_counts_beyond_the_five_seconds_its_clock_runs_on(
    tmp_path: Path,
) -> None:
    desk = silenced(tmp_path)
    assert real_age(desk, ago(seconds=5)) == pytest.approx(65.0)  # 5 that passed, 60 it slept
    assert frame_view(desk).feed_age == "1 min"
    live = live_card(desk, EVENT_CARD)
    assert live.stale and live.quote_age == "1 min"


def test_on_live_prices_the_clock_never_sleeps(tmp_path: Path) -> None:
    desk = silenced(tmp_path)
    assert real_age(replace(desk, market=Market.LIVE), ago(seconds=5)) == pytest.approx(5.0)
