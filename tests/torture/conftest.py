"""The desk of a morning and the stage, for the tests of faults and races."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.domain.account import Market
from core.store.engine import Store, open_store
from tests.desk.conftest import any_morning, desk_home, morning
from tests.torture.stage import DIALECTS, Stage, stage_on

__all__ = ["any_morning", "desk_home", "morning"]


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Each broker's protocol in turn."""
    return str(request.param)


@pytest.fixture
def stage(store: Store, desk_home: Path, dialect: str) -> Iterator[Stage]:
    """A scenario's stage; the oracle judges it when the test is over."""
    made = stage_on(store, desk_home, dialect=dialect)
    yield made
    found = made.judge()
    made.close()
    assert found == []


@pytest.fixture
def stage_of(empty_sqlite: Path, tmp_path: Path, dialect: str) -> Iterator[Callable[[], Stage]]:
    """Makes a fresh stage each time it is asked."""
    made: list[Stage] = []

    def make() -> Stage:
        folder = tmp_path / f"stage-{len(made)}"
        folder.mkdir()
        shutil.copyfile(empty_sqlite, folder / "munim.db")
        store = open_store(f"sqlite:///{folder / 'munim.db'}", Market.SIM, scratch=True)
        made.append(stage_on(store, folder / "home", dialect=dialect))
        return made[-1]

    yield make
    for stage in made:
        stage.close()


# what the fast suite plays over the wire as well; everything else there waits for `make torture`
OVER_THE_WIRE = (
    "looked_up_by_its_tag",
    "is_adopted_and_protected",
    "fifty_pieces_end_under_one_stop_of_their_sum",
    "restart_that_finds_an_exit_halfway",
    "lost_answer_to_a_tightening",
    "another_desks_tag",
    "half_sold_by_phone",
    "fires_sells_once",
    "fires_buys_back_once",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what only `make torture` plays: most scenarios over other dialects than paper."""
    for item in items:
        named = getattr(item, "callspec", None)
        played = named.params.get("dialect", "paper") if named is not None else "paper"
        ours = item.path.parent == Path(__file__).parent
        if ours and played != "paper" and not any(words in item.name for words in OVER_THE_WIRE):
            item.add_marker(pytest.mark.torture)
