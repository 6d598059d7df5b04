"""How far the world moved from the model in use, as the worker measured it last, in words."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

from core.desk.desk import Desk
from core.domain.words import counted, day, decimal, pct
from core.features.table import WORDS
from core.models.drift import (
    BLOCK,
    FEW,
    MIN_BLOCKS,
    PSI_MUCH,
    PSI_SOME,
    SESSIONS,
    CalibrationDrift,
    Drift,
    FeatureDrift,
)
from core.store.codec import from_json
from core.views.job import newest_result
from core.views.models_card import Point
from core.views.shown import Text, Tone

TOP = 12  # features of the table
TONES: dict[str, Tone] = {"much": "warn", "some": "", "steady": "mute"}
LEVELS = {"much": "much, as in training", "some": "some", "steady": "steady"}
EMPTY = "Not measured yet. The worker measures it once a session has closed that it has not seen."


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One feature; `usual` is the furthest any 60 sessions of training lay."""

    name: str
    psi: Text
    usual: str
    says: Text


@dataclass(frozen=True, slots=True)
class DriftView:
    """What the worker measured last; `empty` says why there is nothing yet.

    `said` is the verdict on its probabilities, drawn with `tone` where there is one; `bins` are
    what was said since training against what came, none before there is a verdict.
    """

    rows: tuple[DriftRow, ...] = ()
    note: str = ""
    features: str = ""
    said: str = ""
    tone: Literal["", "ok", "warn"] = ""
    bins: tuple[Point, ...] = ()
    empty: str = EMPTY


def drift_view(desk: Desk, version: str) -> DriftView:
    """The newest drift of one version; that of another says nothing of it."""
    found = newest_result(desk, "drift")
    told = from_json(Drift, json.dumps(found[1])) if found else None
    if told is None or told.version != version:
        return DriftView()
    one = told.calibration
    return DriftView(
        rows=tuple(_row(feature) for feature in told.features[:TOP]),
        note=f"{SESSIONS} sessions to {day(told.as_of)} · "
        f"{counted(told.sessions_since, 'session')} since training",
        features=features_words(told),
        said=said_words(told),
        tone="" if not one.measured else "warn" if one.drifted else "ok",
        bins=tuple(Point(**asdict(each)) for each in one.bins) if one.measured else (),
        empty="",
    )


def features_words(told: Drift) -> str:
    """How many features drifted, or why none could be compared."""
    if not told.features and told.cases is not None:
        return (
            f"Too few cases to compare features: {told.cases} of {FEW}, a share and a session each."
        )
    drifted = sum(one.drifted for one in told.features)
    return (
        f"{drifted} of {counted(len(told.features), 'feature')} drifted: an index of "
        f"{PSI_MUCH} or more, and further than any {SESSIONS} sessions of training lay. "
        f"Below {PSI_SOME} nothing moved."
    )


def said_words(told: Drift) -> str:
    """Whether probabilities still come as they are told, with n and the interval behind it."""
    one = told.calibration
    waiting = f"{counted(told.waiting, 'prediction')} {_are(told.waiting)} not over yet"
    if not one.measured:
        return (
            f"Too few outcomes to hold its probabilities against: n {one.n}, {one.blocks} of "
            f"{MIN_BLOCKS} blocks of {BLOCK} sessions; {waiting}."
        )
    return (
        f"Since training it said {pct(one.said, digits=1)} on average and "
        f"{pct(one.came, digits=1)} came, n {one.n} over {one.blocks} blocks of {BLOCK} sessions. "
        f"{_verdict(one)}"
    )


def _verdict(one: CalibrationDrift) -> str:
    span = f"{_points(one.low)} to {_points(one.high)} percentage points"
    verdict = "its probabilities have drifted" if one.drifted else "its probabilities still hold"
    return f"Came minus said, {pct(one.level, digits=0)} interval: {span}, so {verdict}."


def _points(fraction: float) -> str:
    return decimal(100 * fraction, digits=1, signed=True)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _row(one: FeatureDrift) -> DriftRow:
    return DriftRow(
        name=WORDS[one.name].words if one.name in WORDS else one.name,
        psi=Text(decimal(one.psi, digits=2), TONES[one.level]),
        usual=decimal(one.usual, digits=2),
        says=Text("drifted", "warn") if one.drifted else Text(LEVELS[one.level], "mute"),
    )
