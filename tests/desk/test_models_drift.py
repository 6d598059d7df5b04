"""Drift of a model the desk trained itself, on its own bars."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

import numpy as np
import pytest

from core.desk.desk import Desk
from core.desk.models import sheet
from core.desk.models_drift import measure_drift
from core.desk.train import train
from core.domain.clock import IST
from core.domain.research import ModelVersion
from core.errors import Refused
from core.models import drift
from core.models.barriers import label
from core.store import bars, models, predictions
from tests.made import a_prediction
from tests.models.made import noise
from tests.views.history import ISINS, days
from tests.views.shelf import MODEL, NOW, filled_desk, probability

SHARE = ISINS[0]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, ModelVersion]:
    """A desk of 250 sessions of noise with a model of its own in use."""
    desk = filled_desk(tmp_path_factory.mktemp("desk"))
    walks = noise(seed=1, shares=len(ISINS), sessions=250)
    panel = replace(walks, sessions=days(desk, 250), isins=ISINS)
    with desk.store.write() as tx:
        bars.put_panel(tx, panel, source="SIM")
    version = train(desk)
    with desk.store.write() as tx:  # the shelf's model of no file was in use
        models.use(tx, version.version, at=NOW, by="worker", how="first", back=0)
    return desk, version


def test_a_version_keeps_its_data_fingerprint_and_the_spread_of_every_feature(trained):
    desk, version = trained
    told = sheet(desk, version)
    assert told.refused == "" and len(told.manifest["data"]) == 64
    assert set(told.manifest["spread"]["columns"]) == set(version.features)
    assert all(len(one["edges"]) <= 9 for one in told.manifest["spread"]["columns"].values())


def test_three_shares_are_too_few_for_an_index(trained):
    found = measure_drift(trained[0])
    assert found.features == () and found.cases == 3 * 60


def test_a_model_just_trained_has_no_session_behind_it_and_every_feature_is_measured(
    trained, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(drift, "FEW", 100)
    desk, version = trained
    found = measure_drift(desk)
    assert (found.version, found.sessions_since) == (version.version, 0)
    assert found.as_of == days(desk, 250)[-1]
    assert len(found.features) == len(version.features)
    assert all(np.isfinite(one.psi) for one in found.features)
    assert found.calibration.n == 0 and found.waiting == 0


def test_the_first_word_of_a_day_is_held_against_the_label_of_the_session_before(trained):
    desk, version = trained
    sessions = days(desk, 250)
    with desk.store.read() as tx:
        panel = bars.read_panel(tx, end=sessions[-1])
    outcome = label(panel).outcome[:, panel.column(SHARE)]
    places = [place for place in range(100, 240) if outcome[place] in (-1, 0, 1)]

    def said(place: int, hour: int, p: float):
        at = datetime.combine(sessions[place + 1], time(hour), IST)
        return a_prediction(
            isin=SHARE, as_of=at, model_version=version.version,
            target_first=probability(p, 0.0, 1.0),
        )  # fmt: skip

    with desk.store.write() as tx:
        predictions.put(tx, [said(place, 10, 0.25) for place in places])
        predictions.put(tx, [said(place, 14, 0.99) for place in places])  # later the same day
        # their ten sessions are not over, even where a barrier was touched at once
        predictions.put(tx, [said(place, 10, 0.25) for place in range(240, 249)])
    found = measure_drift(desk)
    assert found.calibration.said == pytest.approx(0.25)
    assert found.calibration.came == pytest.approx(np.mean(outcome[places] == 1))
    assert found.waiting == 9 and found.calibration.blocks >= 7


def test_a_desk_whose_model_is_refused_says_why(tmp_path: Path):
    desk = filled_desk(tmp_path)
    with pytest.raises(Refused, match=f"{MODEL.version} was trained before models were signed"):
        measure_drift(desk)
