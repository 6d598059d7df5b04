"""The fixtures of the desk's tests: one morning on SQLite, and one on each database in turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.store.engine import Store
from tests.desk.morning import Morning, morning_on


@pytest.fixture
def desk_home(tmp_path: Path) -> Path:
    """The desk's own folder."""
    return tmp_path / "home"


@pytest.fixture
def morning(store: Store, desk_home: Path) -> Morning:
    """A desk at half past ten with a card to write."""
    return morning_on(store, desk_home)


@pytest.fixture
def any_morning(any_store: Store, desk_home: Path) -> Morning:
    """The same on SQLite and on PostgreSQL."""
    return morning_on(any_store, desk_home)
