"""The pieces in which a leak can hide, each with the desk's own as its default."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.domain.action import Factor
from core.domain.calendar import Calendar
from core.domain.event import TaggedEvent
from core.domain.signal import Regime
from core.domain.universe import Member, Universe
from core.features.compute import FeaturePanel
from core.features.filed import filings
from core.features.regime import market_states
from core.features.table import WIDE
from core.features.tilt import tilt
from core.features.wide import Wide
from core.models.barriers import Labels, label
from core.models.blend import blend_forward
from core.models.calibrate import Bools
from core.models.cases import Sample
from core.models.conformal import Ranges, fit_ranges
from core.models.lgbm import BOOSTED, RANDOM_FOREST, TreeLearner
from core.models.logistic import LOGISTIC
from core.models.meta import unseen_odds
from core.models.port import Fitted, Learner
from core.models.samples import sample, training_cases
from core.models.taking_part import taking_part
from core.models.walk import SEED, Judged, Unseen, judge, walk_forward
from core.panel import Floats, Panel, factor_grid

SMALL = {**BOOSTED, "min_data_in_leaf": 100}
TREES = TreeLearner("lgbm", "LightGBM of few rounds", 20, SMALL)
FEW: tuple[Learner, ...] = (TREES, LOGISTIC)
FITTED: tuple[Learner, ...] = (TREES, RANDOM_FOREST, LOGISTIC)

Fit = Callable[[Learner, FeaturePanel, Labels, int], Fitted]
Walk = Callable[[FeaturePanel, Labels, Sequence[Learner]], dict[str, Unseen]]
Blended = Callable[
    [Mapping[str, Unseen], Mapping[str, Judged], Sequence[Regime | None]], tuple[Floats, object]
]
ByClose = Callable[[Sequence[date], Sequence[str], Sequence[TaggedEvent], Calendar], Floats]


def fit_before(one: Learner, features: FeaturePanel, labels: Labels, until: int) -> Fitted:
    """A model of what was known before a session."""
    return one.fit(sample(features, labels, until=until), seed=SEED)


def walk(features: FeaturePanel, labels: Labels, learners: Sequence[Learner]) -> dict[str, Unseen]:
    """Scores out of fold, without a word on the way."""
    return walk_forward(features, labels, learners=learners, progress=lambda _share, _words: None)


def training(features: FeaturePanel, labels: Labels, until: int) -> Bools:
    """Which cases are learnt from before a session."""
    return training_cases(features, labels, until=until)


def weighed(features: FeaturePanel, labels: Labels, until: int) -> Sample:
    """What is learnt from before a session, with its weights."""
    return sample(features, labels, until=until)


def right(rows: Floats, cases: Unseen) -> Floats:
    """The meta-label's chances out of fold."""
    return unseen_odds(rows, np.asarray(cases.returns > 0), cases, np.ones(len(rows)))[0]


def counts_by_close(
    sessions: Sequence[date], isins: Sequence[str], tags: Sequence[TaggedEvent], rules: Calendar
) -> Floats:
    """Filings and news of all kinds by close."""
    return filings(sessions, isins, tags, rules)["all"]


def chances(panel: Panel) -> Floats:
    """How likely each hidden state of the market is at each close."""
    return market_states(panel).chances


def grid(
    sessions: Sequence[date], columns: Mapping[str, int], factors: Iterable[Factor], as_of: date
) -> Floats:
    """What divides prices into the share terms of a day."""
    return factor_grid(sessions, columns, factors, as_of=as_of)


def who(panel: Panel, most: int) -> Bools:
    """Which shares take part on each session."""
    return taking_part(panel, most=most)


def members(universe: Universe, day: date) -> tuple[Member, ...]:
    """Who belonged on a day."""
    return universe.on(day)


@dataclass(frozen=True, slots=True)
class Parts:
    """Functions that are put to the test."""

    learners: tuple[Learner, ...] = FITTED
    fit: Fit = fit_before
    walk: Walk = walk
    judge: Callable[[Unseen], Judged] = judge
    blend: Blended = blend_forward
    training: Callable[[FeaturePanel, Labels, int], Bools] = training
    weighed: Callable[[FeaturePanel, Labels, int], Sample] = weighed
    label: Callable[[Panel], Labels] = label
    right: Callable[[Floats, Unseen], Floats] = right
    ranges: Callable[[Judged, Panel, Floats], Ranges] = fit_ranges
    chances: Callable[[Panel], Floats] = chances
    news: tuple[ByClose, ...] = (tilt, counts_by_close)
    grid: Callable[[Sequence[date], Mapping[str, int], Iterable[Factor], date], Floats] = grid
    members: Callable[[Universe, date], tuple[Member, ...]] = members
    who: Callable[[Panel, int], Bools] = who
    wides: tuple[Wide, ...] = tuple(one for one in WIDE if one.needs)
