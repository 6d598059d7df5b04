"""One small replay, played once for all tests that read what it left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from core.backtest.replay import Run
from core.backtest.report import Outcome
from tests.backtest.made import replayed


@dataclass(frozen=True)
class Played:
    """A finished replay: its desk, still open, and what it says of itself."""

    run: Run
    outcome: Outcome


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The history of `made`, every card approved."""
    with replayed(tmp_path_factory.mktemp("played")) as (run, outcome):
        yield Played(run, outcome)
