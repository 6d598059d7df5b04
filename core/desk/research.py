"""What a decision rests on all session long: bars, features and the model in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from sqlmodel import Session

from core.desk.beside import beside
from core.desk.comove import NOT_ASKED, Usual, covariances, usual_of
from core.desk.desk import Desk
from core.desk.models import open_model
from core.desk.quality_now import Standing
from core.desk.traded import traded_with_bars
from core.desk.vote_lost import lost
from core.domain.account import Market
from core.domain.action import Factor
from core.domain.calendar import Calendar
from core.domain.event import TaggedEvent
from core.domain.quality import WHOLE
from core.domain.research import ModelVersion
from core.domain.signal import Regime
from core.errors import NoData
from core.features.compute import FeaturePanel, compute
from core.features.hmm import states_from
from core.features.regime import market_regime, trend_regime
from core.features.table import MODEL_NAMES
from core.features.tilt import tilt
from core.mandates.slate import Covariances
from core.models.files import Model
from core.models.trust import Around
from core.panel import Floats, Panel
from core.store import bars, events, factors, models

NOT_MEASURED = Covariances((), np.zeros((0, 0)))
TILT_DAYS = 45  # calendar days of tags that still tilt a feature row


@dataclass(slots=True)
class Research:
    """What stays the same all session: bars, model and the last features, without tilt.

    There are features of as many sessions as the model looks back on.

    The bars are in the share terms of `as_of`, through the factors that were `stored`; `studied`
    are the shares asked for, None for all. `lost` says why the model has no say although training
    gave it one, "" where it has not lost it.
    """

    session: date
    as_of: date
    stored: tuple[Factor, ...]
    panel: Panel
    features: FeaturePanel
    model: Model
    meta_model: Model
    version: ModelVersion
    regime: Regime
    regime_score: float
    trend: tuple[Regime, float]
    studied: list[str] | None = None
    usual: Usual = NOT_ASKED
    together: Covariances = NOT_MEASURED
    lost: str = ""


def read_research(desk: Desk, *, before: date, cached: Research | None) -> Research:
    """Bars up to the last session before `before` and the current model, reread when new."""
    with desk.store.read() as tx:
        version = models.current(tx, "primary")
        meta_version = models.current(tx, "meta")
        if version is None or meta_version is None:
            lacks = "no model" if version is None else "no meta-label model"
            raise NoData(f"{lacks} is trained yet; train one on Predictions or with munim train")
        studied = traded_with_bars(tx, until=before - timedelta(days=1))
        done = [session for session in bars.sessions(tx, studied) if session < before]
        if not done:
            way = "open the simulated market" if desk.market is Market.SIM else "import prices"
            raise NoData(f"no bars before {before}; {way} first")
        stored = tuple(factors.all_factors(tx))
        gone = lost(tx, version.version)
        seen = (done[-1], before, stored, version, studied, gone)
        if cached and seen == (
            cached.session, cached.as_of, cached.stored, cached.version, cached.studied, cached.lost
        ):  # fmt: skip
            return cached
        panel = bars.read_panel(tx, studied, end=done[-1], as_of=before)
        other = beside(desk, tx, panel, MODEL_NAMES)
    model = open_model(desk, version)
    if gone:
        model = replace(model, version=replace(version, has_vote=False))
    states = model.manifest.get("states")
    regime, score = market_regime(panel, states and states_from(states))
    return Research(
        session=done[-1],
        as_of=before,
        stored=stored,
        panel=panel,
        features=compute(panel, beside=other).last(model.window),
        model=model,
        meta_model=open_model(desk, meta_version),
        version=version,
        regime=regime,
        regime_score=score,
        trend=trend_regime(panel),
        studied=studied,
        usual=usual_of(panel),
        together=covariances(panel),
        lost=gone,
    )


def tilted(
    tx: Session, research: Research, calendar: Calendar, *, at: datetime
) -> tuple[FeaturePanel, list[TaggedEvent]]:
    """The features with the tilt of what is known by `at`, and the tags it still leans on."""
    window = len(research.features.sessions)
    said = events.tags_between(tx, at - timedelta(days=TILT_DAYS + 2 * (window - 1)), at)
    tags = [tag for tag in said if tag.known_at >= at - timedelta(days=TILT_DAYS)]
    lean = _tilt_now(research.panel, said, calendar)[-window:]
    return research.features.with_tilt(lean), tags


def around(
    research: Research, kept: Mapping[str, Standing], calendar: Calendar, *, today: date
) -> Around:
    """The regime, how many sessions the bars lag, and the standings of prices not whole."""
    return Around(
        regime=research.regime,
        regime_p=research.regime_score,
        stale=max(0, calendar.count(research.session, today - timedelta(days=1)) - 1),
        standings={isin: one.score / WHOLE for isin, one in kept.items()},
    )


def _tilt_now(panel: Panel, tags: Sequence[TaggedEvent], calendar: Calendar) -> Floats:
    """The tilt as training saw it, with what came since the close put on the last session."""
    last = calendar.session(panel.sessions[-1]).closes_at
    seen = [replace(tag, known_at=min(tag.known_at, last)) for tag in tags]
    return tilt(panel.sessions, panel.isins, seen, calendar)
