"""The desk of a morning and the stage, for the tests of faults and races."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store.engine import Store
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
    assert made.judge() == []
