"""How far the world has moved since the model in use was trained, measured on the desk's bars."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import numpy as np
from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.models import Sheet, sheet
from core.desk.train import learnt_from
from core.domain.clock import ist_day
from core.domain.research import Prediction
from core.errors import NoData, Refused
from core.models.barriers import ATR_SPAN, UNKNOWN, label
from core.models.calibrate import Bools, Places
from core.models.drift import CalibrationDrift, Drift, calibration_drift, feature_drift
from core.models.samples import APART
from core.panel import Floats, Panel
from core.store import bars, models, predictions

Progress = Callable[[float, str], None]
Case = tuple[float, bool, int]  # P(target first) as said, whether it came, the session's place
BEFORE = timedelta(days=3 * ATR_SPAN)  # of bars, so that the first prediction has its ATR


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
    moved, compared = feature_drift(told.manifest["spread"], features)
    progress(0.9, "comparing what was said with what came")
    calibration, waiting = _said_and_came(desk, told.version.version, until=panel.sessions[-1])
    return Drift(
        version=told.version.version,
        measured_at=desk.clock.now(),
        as_of=panel.sessions[-1],
        sessions_since=sum(session > trained_to for session in panel.sessions),
        features=tuple(moved),
        calibration=calibration,
        waiting=waiting,
        cases=compared,
    )


def _in_use(desk: Desk) -> Sheet:
    with desk.store.read() as tx:
        version = models.current(tx, "primary")
    if version is None:
        raise NoData("no model is in use yet; train one on Models or with munim train")
    told = sheet(desk, version)
    if told.refused:
        raise Refused(told.refused)
    if "spread" not in told.manifest:
        raise NoData(f"model {version.version} kept no spread of its features; train again")
    return told


def _said_and_came(desk: Desk, version: str, *, until: date) -> tuple[CalibrationDrift, int]:
    """What a version said, held against what came, and how many cases are not over.

    Shares that the desk has stopped trading since count as well, for what ended badly is among
    them.
    """
    with desk.store.read() as tx:
        said = _said(tx, version)
        isins = sorted({one.isin for one in said})
        known = set(bars.with_bars(tx, isins, until=until))
        said = [one for one in said if one.isin in known]
        if not said:
            return calibration_drift(*_arrays([])), 0
        first = min(ist_day(one.as_of) for one in said) - BEFORE
        panel = bars.read_panel(tx, sorted(known), start=first, end=until)
    cases, waiting = _cases(said, panel)
    return calibration_drift(*_arrays(cases)), waiting


def _said(tx: Session, version: str) -> list[Prediction]:
    """What the model said first on each day."""
    first: dict[date, datetime] = {}
    for moment in predictions.moments(tx, version):
        first.setdefault(ist_day(moment), moment)
    return predictions.said_at(tx, version, list(first.values()))


def _cases(said: Sequence[Prediction], panel: Panel) -> tuple[list[Case], int]:
    """Each prediction against the label of the last session before its day.

    A day counts once its ten sessions are over: before that only the quick outcomes are known.
    """
    outcome = label(panel).outcome
    share = {isin: place for place, isin in enumerate(panel.isins)}
    cases, waiting = [], 0
    for one in said:
        place = bisect_left(panel.sessions, ist_day(one.as_of)) - 1
        if place < 0 or one.isin not in share:
            continue
        came = int(outcome[place, share[one.isin]])
        if place + APART >= len(panel.sessions):
            waiting += 1
        elif came != UNKNOWN:
            cases.append((one.target_first.p, came == 1, place))
    return cases, waiting


def _arrays(cases: Sequence[Case]) -> tuple[Floats, Bools, Places]:
    p, hits, session = (np.array([case[part] for case in cases]) for part in range(3))
    return p.astype(np.float64), hits.astype(np.bool_), session.astype(np.int64)
