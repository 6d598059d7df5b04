"""How far the world has moved since the model in use was trained, measured on the desk's bars."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import numpy as np

from core.desk.desk import Desk
from core.desk.models import Sheet, sheet
from core.desk.train import learnt_from
from core.domain.clock import ist_day
from core.domain.research import Prediction
from core.errors import NoData
from core.models.barriers import UNKNOWN, label
from core.models.drift import CalibrationDrift, Drift, calibration_drift, feature_drift
from core.models.samples import APART
from core.panel import Panel
from core.store import models, predictions

Progress = Callable[[float, str], None]


def measure_drift(desk: Desk, progress: Progress = lambda _share, _sentence: None) -> Drift:
    """Measure both kinds of drift of the model in use.

    Raises:
        NoData: no model is in use, it was trained before drift was measured, or there are too
            few bars.
        Refused: the model in use cannot be opened.
    """
    told = _in_use(desk)
    panel, features = learnt_from(desk, progress)
    trained_to = date.fromisoformat(told.manifest["sessions"][1])
    progress(0.7, "comparing features with the training span")
    moved = feature_drift(told.manifest["spread"], features)
    progress(0.9, "comparing what was said with what came")
    calibration, waiting = _said_and_came(_said(desk, told.version.version), panel)
    return Drift(
        version=told.version.version,
        measured_at=desk.clock.now(),
        as_of=panel.sessions[-1],
        sessions_since=sum(session > trained_to for session in panel.sessions),
        features=tuple(moved),
        calibration=calibration,
        waiting=waiting,
    )


def _in_use(desk: Desk) -> Sheet:
    with desk.store.read() as tx:
        version = models.current(tx, "primary")
    if version is None:
        raise NoData("no model is in use yet; train one on Models or with munim train")
    told = sheet(desk, version)
    if told.refused:
        raise NoData(told.refused)
    if "spread" not in told.manifest:
        raise NoData(f"model {version.version} kept no spread of its features; train again")
    return told


def _said(desk: Desk, version: str) -> list[Prediction]:
    """What the model said first on each day."""
    with desk.store.read() as tx:
        first: dict[date, datetime] = {}
        for moment in predictions.moments(tx, version):
            first.setdefault(ist_day(moment), moment)
        return predictions.said_at(tx, version, list(first.values()))


def _said_and_came(said: list[Prediction], panel: Panel) -> tuple[CalibrationDrift, int]:
    """Each prediction against the label of the last session before its day.

    A day counts once its ten sessions are over: before that only the quick outcomes are known.
    """
    outcome = label(panel).outcome
    share = {isin: place for place, isin in enumerate(panel.isins)}
    days = np.array([session.toordinal() for session in panel.sessions])
    cases, waiting = [], 0
    for one in said:
        place = int(np.searchsorted(days, ist_day(one.as_of).toordinal())) - 1
        if place < 0 or one.isin not in share:
            continue
        came = int(outcome[place, share[one.isin]])
        if place + APART >= len(days):
            waiting += 1
        elif came != UNKNOWN:
            cases.append((place, one.target_first.p, came == 1))
    session, p, hits = (np.array([case[part] for case in cases]) for part in range(3))
    return calibration_drift(p.astype(float), hits.astype(bool), session.astype(np.int64)), waiting
