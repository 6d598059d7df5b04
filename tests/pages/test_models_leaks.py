"""The leak tests on the Models page: what the newest run found, and the button for another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.last_leaks import keep_leaks
from core.domain.job import Heartbeat
from core.store import heartbeat, jobs
from tests.pages.desk_page import click, open_page, words
from tests.views.shelf import NOW, SECONDS, ago, empty_desk
from tests.views.test_models_leaks import RUN


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An empty desk whose worker beat a second ago."""
    desk = empty_desk(tmp_path)
    with desk.store.write() as tx:
        heartbeat.beat(tx, Heartbeat("worker", 3, NOW, SECONDS - 1, 1.0, ago(seconds=1)))
    return desk


def test_the_newest_run_stands_with_its_age_and_another_is_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    keep_leaks(desk, replace(RUN, features="f0"))
    app = open_page(monkeypatch, desk, "models")
    assert "1 leak found (purged)" in words(app) and "2 h old" in words(app)
    assert "Features have changed since" in words(app) and "ends -9 sessions" in words(app)
    click(app, "leaks")
    with desk.store.read() as tx:
        assert [one.kind for one in jobs.recent(tx)] == ["leaks"]
