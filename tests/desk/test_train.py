"""How much history a training takes, and what the desk says of less."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.history import HISTORY_MIN, way_to_more
from core.desk.train import train
from core.domain.account import Market
from core.errors import CalledOff, NoData
from core.features.table import FEATURES
from core.models.train import NEEDED_SESSIONS
from core.store import bars, models
from tests.models.made import noise
from tests.views.history import ISINS, days, with_bars
from tests.views.shelf import empty_desk, filled_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return filled_desk(tmp_path)


def test_249_sessions_are_one_too_few(desk: Desk):
    # Thu 19 Nov 2026 is the last one stored
    with pytest.raises(NoData, match="needs 250 sessions and 249 are stored; wait until 20 Nov"):
        train(with_bars(desk, count=249))


def test_250_sessions_train_both_models(desk: Desk):
    walks = noise(seed=1, shares=len(ISINS), sessions=250)
    with desk.store.write() as tx:
        bars.put_panel(tx, replace(walks, sessions=days(desk, 250), isins=ISINS), source="SIM")
    version = train(desk)
    with desk.store.read() as tx:
        assert models.current(tx, "primary") == version
        assert models.current(tx, "meta") is not None


def test_a_training_called_off_leaves_no_version_and_the_next_goes_on_from_there(desk: Desk):
    walks = noise(seed=1, shares=len(ISINS), sessions=250)
    with desk.store.write() as tx:
        bars.put_panel(tx, replace(walks, sessions=days(desk, 250), isins=ISINS), source="SIM")
        before = models.current(tx, "primary")

    def off(share: float, words: str) -> None:
        if words.startswith("all sessions, random forest"):
            raise CalledOff("called off")

    with pytest.raises(CalledOff):
        train(desk, off)
    with desk.store.read() as tx:
        assert models.current(tx, "primary") == before
    [shelf] = (desk.home / "models").iterdir()
    # four folds of three members, and LightGBM on all sessions
    assert shelf.name == "under-way" and len(list(shelf.iterdir())) == 4 * 3 + 1

    told: list[str] = []
    train(desk, lambda _share, words: told.append(words))
    assert not any(words.startswith("fold") for words in told) and not shelf.exists()


def test_no_bars_at_all_say_so(tmp_path: Path):
    with pytest.raises(NoData, match="no bars to train on"):
        train(empty_desk(tmp_path / "bare"))


def test_a_replay_needs_as_much_as_training_and_the_longest_feature():
    assert max(NEEDED_SESSIONS, *(feature.warm_up for feature in FEATURES)) <= HISTORY_MIN


@pytest.mark.parametrize(
    ("market", "way"),
    [
        (Market.REPLAY, "import 2 more"),
        (Market.SIM, "wait until 23 Nov 2026 has closed"),
        (Market.LIVE, "import 2 more or wait until 23 Nov 2026 has closed"),
    ],
)
def test_more_bars_come_by_file_or_by_waiting_as_the_market_allows(
    desk: Desk, market: Market, way: str
):
    # after Thu 19 Nov come Fri 20 and Mon 23
    last = days(desk)[-1]
    assert way_to_more(replace(desk, market=market), lacking=2, last=last) == way


def test_a_wait_beyond_the_calendar_is_not_promised(desk: Desk):
    said = way_to_more(desk, lacking=5_000, last=days(desk)[-1])
    assert said.startswith("import 5000 more; the loaded calendar ends on ")
