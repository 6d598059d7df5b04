"""Fixtures of the terminal tests: the verb runner, a filled desk and an empty replay store."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.config import settings_now
from core.desk.desk import Desk, open_desk
from tests.cli.terminal import Terminal, make_terminal
from tests.views.shelf import filled_desk


@pytest.fixture
def munim(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Run one verb."""
    return make_terminal(monkeypatch, capsys)


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The morning of `tests.views.shelf`, to be copied."""
    home = tmp_path_factory.mktemp("filled") / "home"
    filled_desk(home).store.close()
    return home


@pytest.fixture
def desk(own_home: Path, filled_home: Path) -> Desk:
    """That morning in the home that the verbs open."""
    shutil.copytree(filled_home, own_home)
    return open_desk()


@pytest.fixture
def replay_desk(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An empty store stamped replay."""
    monkeypatch.setenv("MUNIM_MARKET", "replay")
    settings_now.cache_clear()
    return open_desk()
