"""A vote is lost in use when what was said does not come, and comes back when it does again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.models import Sheet
from core.desk.models_use import shelved
from core.desk.vote_lost import lost, settle
from core.desk.vote_said import vote_sentence
from core.models.drift import CalibrationDrift, Drift
from core.store import audit, models
from core.views.predictions import predictions_view
from tests.views.shelf import MODEL, NOW, filled_desk
from tests.views.versions import trained

WHY = "since training targets came first 12.0 % of the time where 22.0 % was said, n 400"


def measured(*, low: float, high: float, version: str = MODEL.version) -> Drift:
    gap = (low + high) / 2
    said = CalibrationDrift(
        n=400, blocks=6, said=0.22, came=0.22 + gap, gap=gap, low=low, high=high, ece=0.1, bins=()
    )
    return Drift(version, NOW, NOW.date(), 120, features=(), calibration=said, waiting=0)


FALSE, TRUE = measured(low=-0.15, high=-0.05), measured(low=-0.08, high=0.06)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk whose model in use has a vote from its training."""
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        models.put(tx, replace(MODEL, has_vote=True))
    return desk


def why(desk: Desk, version: str = MODEL.version) -> str:
    with desk.store.read() as tx:
        return lost(tx, version)


def noted(desk: Desk) -> list[str]:
    with desk.store.read() as tx:
        return [one.verb for one in audit.newest(tx)[::-1] if one.verb.endswith(("vote", "back"))]


def test_odds_that_do_not_come_cost_the_vote_once_and_it_comes_back_with_them(desk):
    assert why(desk) == ""
    assert settle(desk, FALSE) == settle(desk, FALSE) == why(desk) == WHY
    assert noted(desk) == ["take vote"]
    assert settle(desk, TRUE) == settle(desk, TRUE) == why(desk) == ""
    assert noted(desk) == ["take vote", "give vote back"]


def test_another_version_in_use_stands_for_itself(desk):
    settle(desk, FALSE)
    assert why(desk, "ensemble-other") == ""


def test_what_was_measured_of_an_earlier_model_takes_nothing(desk):
    assert settle(desk, measured(low=-0.15, high=-0.05, version="ensemble-old")) == ""
    assert why(desk) == "" and noted(desk) == []


def test_who_has_no_vote_loses_none(desk):
    with desk.store.write() as tx:
        models.put(tx, replace(MODEL, has_vote=False))
    assert settle(desk, FALSE) == "" and noted(desk) == []


def test_the_page_says_why_a_vote_is_lost(desk):
    version = trained(desk, "a", has_vote=True).version
    before = predictions_view(desk)
    assert before.vote.startswith("The model votes") and before.vote_tone == "ok"
    settle(desk, measured(low=-0.15, high=-0.05, version=version))
    after = predictions_view(desk)
    assert after.vote == (
        f"The model has lost its vote: {WHY}. Cards come from rules until the two agree again."
    )
    assert after.vote_tone == "warn"
    assert vote_sentence(Sheet(replace(MODEL, has_vote=True), {}, lost=WHY)) == (
        f"It has lost its vote: {WHY}. Cards come from rules until the two agree again."
    )


def test_the_list_of_versions_says_that_a_vote_is_lost(desk):
    version = trained(desk, "a", has_vote=True).version
    assert [one.told.vote for one in shelved(desk) if one.version.version == version] == ["votes"]
    settle(desk, measured(low=-0.15, high=-0.05, version=version))
    [row] = [one for one in shelved(desk) if one.version.version == version]
    assert (row.told.vote, row.told.lost) == ("vote lost", WHY)
