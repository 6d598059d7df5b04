"""A new training is proposed with its reasons and asked for by a person alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.desk import retrain
from core.desk.desk import Desk
from core.domain.clock import ist_day
from core.errors import NotFound, StoreBusy
from core.models.drift import CalibrationDrift, Drift, FeatureDrift
from core.store import audit, bars, jobs, models
from core.store.codec import from_json, to_json
from tests.views.history import with_bars
from tests.views.shelf import MODEL, NOW, filled_desk

NAN = float("nan")
CALM = CalibrationDrift(0, 0, NAN, NAN, NAN, NAN, NAN, NAN, ())
OFF = CalibrationDrift(500, 5, 0.41, 0.30, -0.11, -0.15, -0.07, 0.11, ())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return filled_desk(tmp_path)


def drift(*, sessions: int = 5, drifted: int = 0, said: CalibrationDrift = CALM) -> Drift:
    """Twenty features of which some drifted."""
    features = tuple(
        FeatureDrift(f"f{place}", 0.4 if place < drifted else 0.05, 0.2) for place in range(20)
    )
    return Drift(MODEL.version, NOW, NOW.date(), sessions, features, said, 0)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (drift(sessions=20), "20 sessions have passed since its data end"),
        (drift(drifted=2), "2 of 20 features drifted"),
        (drift(said=OFF), "came first 30.0 % of the time where 41.0 % was said, n 500"),
    ],
)
def test_age_features_and_calibration_are_each_a_reason(desk: Desk, found: Drift, reason: str):
    made = retrain.propose(desk, found)
    assert made is not None and len(made.reasons) == 1 and reason in made.reasons[0]
    with desk.store.read() as tx:
        assert retrain.open_proposal(tx) == made
        assert audit.newest(tx, 1)[0].verb == "propose training"
        assert jobs.recent(tx) == []  # nothing is trained by itself


def test_a_young_model_that_holds_is_left_alone(desk: Desk):
    assert retrain.propose(desk, drift(sessions=19, drifted=1)) is None
    with desk.store.read() as tx:
        assert retrain.open_proposal(tx) is None and retrain.last_proposal(tx) is None


def test_accepting_asks_for_one_training_and_dismissing_for_none(desk: Desk):
    retrain.propose(desk, drift(sessions=20))
    asked = retrain.accept(desk, by="asha")
    assert asked.kind == "train" and asked.asked_by == "asha"
    with pytest.raises(NotFound, match="no training is proposed"):
        retrain.dismiss(desk, by="asha")
    with desk.store.read() as tx:
        last = retrain.last_proposal(tx)
        answers = [one for one in audit.newest(tx) if one.verb == "answer training"]
    assert last is not None and (last.state, last.by, last.answered_at) == ("accepted", "asha", NOW)
    assert json.loads(answers[0].body)["answer"] == "accepted"


def test_a_dismissed_proposal_comes_back_after_20_sessions_and_not_before(desk: Desk):
    retrain.propose(desk, drift(sessions=20))
    assert retrain.propose(desk, drift(sessions=21)) is None  # one that waits is not made twice
    retrain.dismiss(desk, by="asha")
    assert retrain.propose(desk, drift(sessions=39)) is None
    again = retrain.propose(desk, drift(sessions=40))
    assert again is not None and again.sessions == 40


def test_a_proposal_that_waits_takes_up_a_further_reason_and_keeps_quiet_otherwise(desk: Desk):
    retrain.propose(desk, drift(sessions=20))
    assert retrain.propose(desk, drift(sessions=26)) is None
    more = retrain.propose(desk, drift(sessions=27, said=OFF))
    assert more is not None and len(more.reasons) == 2
    assert retrain.propose(desk, drift(sessions=28, said=OFF)) is None
    with desk.store.read() as tx:
        assert retrain.open_proposal(tx) == more


def test_accepting_and_asking_are_one_transaction(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    def dies(*_: object, **__: object):
        raise StoreBusy("another writer held the store")

    retrain.propose(desk, drift(sessions=20))
    monkeypatch.setattr(retrain, "ask_in", dies)
    with pytest.raises(StoreBusy):
        retrain.accept(desk, by="asha")
    with desk.store.read() as tx:
        assert retrain.open_proposal(tx) is not None


def test_a_proposal_knows_what_its_training_took(desk: Desk):
    made = retrain.propose(desk, drift(sessions=20))
    assert made is not None and made.seconds == MODEL.seconds


def test_a_proposal_ends_with_the_model_it_was_made_for(desk: Desk):
    retrain.propose(desk, drift(sessions=20))
    newer = replace(MODEL, version="m-32")
    with desk.store.write() as tx:
        models.put(tx, newer)
        models.use(tx, "m-32", at=NOW, by="asha", how="promoted", back=1)
        assert retrain.open_proposal(tx) is None
    assert retrain.propose(desk, drift(sessions=20)) is None  # measured for the one before


def test_each_session_after_training_is_looked_at_once(desk: Desk):
    assert not retrain.look_when_due(desk)  # no bars yet
    with_bars(desk, count=30)
    with desk.store.write() as tx:
        last = bars.sessions(tx)[-1]
        models.put(tx, replace(MODEL, trained_at=NOW))
    assert ist_day(NOW) > last
    assert not retrain.look_when_due(desk)  # trained on that very session
    with desk.store.write() as tx:
        models.put(tx, replace(MODEL, trained_at=NOW - timedelta(days=20)))
    assert retrain.look_when_due(desk)
    assert not retrain.look_when_due(desk)
    with desk.store.read() as tx:
        assert [one.kind for one in jobs.recent(tx)] == ["drift"]


def test_what_was_measured_comes_back_from_a_job_as_it_was(desk: Desk):
    found = drift(drifted=3, said=OFF)
    assert from_json(Drift, to_json(found)) == found
