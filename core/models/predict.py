"""Probabilities for the whole universe at one session, and what they lean on."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.research import Confidence, Leaning, Prediction
from core.domain.signal import Probability, Reason, Regime
from core.domain.words import decimal, pct
from core.errors import NoData
from core.features.compute import FeaturePanel
from core.features.table import WORDS
from core.models.blend import Blend, blend_from
from core.models.calibrate import curve_from
from core.models.cases import Cases, cases_of
from core.models.conformal import swings
from core.models.files import Model
from core.models.trust import Around, trust
from core.panel import Floats

NOTHING_AROUND = Around()
TOP = 4  # reasons kept


def predict(
    model: Model,
    features: FeaturePanel,
    *,
    session: date,
    as_of: datetime,
    symbols: Mapping[str, str],
    around: Around = NOTHING_AROUND,
    only: Collection[str] | None = None,
) -> list[Prediction]:
    """One prediction for every share with enough history, sorted by ISIN.

    A share unlike anything the model learnt from has no vote and no direction.

    Args:
        around: the regime after the session, in which members count as they did in it, and what
            is known of the bars.
        only: the ISINs asked for, all unless given. All are scored, so that not a bit depends on
            who was asked for, and those asked for are explained, which is most of the work.

    Raises:
        NoData: the model was trained on other features, or no share has enough history.
    """
    cases = known_cases(model, features, session=session)
    blend, members = _blend(model), _members(model, cases)
    rows = cases.rows()
    named = [features.isins[at] for at in cases.share.tolist()]
    asked = [place for place, isin in enumerate(named) if only is None or isin in only]
    raw = blend.pooled(members, [around.regime] * len(cases))
    odds = np.log(raw[:, 2] / raw[:, 0])
    told = cases.only(np.array(asked, np.int64))
    weights = leaning_of(model, told, regime=around.regime) if asked else np.empty((0, 0))
    reasons, groups = _reasons(weights, told), _groups(weights, told.names)
    atr = rows[:, features.names.index("atr_pct")].astype(float)
    swing = swings(atr, rows[:, features.names.index("vol_60")])
    target, stop = curve_from(model.manifest["target"]), curve_from(model.manifest["stop"])
    p_target, p_stop = target.apply(raw[:, 2]), stop.apply(raw[:, 0]).tolist()
    odd = model.novelty.words(rows) if model.novelty else [""] * len(cases)
    trusted = trust(model, cases, members=members, blend=blend, p=p_target, odd=odd, around=around)
    found = [
        _prediction(
            model,
            isin=named[place],
            symbol=symbols.get(named[place], named[place]),
            as_of=as_of,
            chances=(target.probability(float(p_target[place])), stop.probability(p_stop[place])),
            atr=float(atr[place]),
            swing=float(swing[place]),
            words=tuple(_with_way(reason) for reason in why),
            leanings=leanings,
            odds=float(odds[place]),
            regime=around.regime,
            confidence=trusted[place],
            novelty=odd[place],
        )
        for place, why, leanings in zip(asked, reasons, groups, strict=True)
    ]
    return sorted(found, key=lambda one: one.isin)


def known_cases(model: Model, features: FeaturePanel, *, session: date) -> Cases:
    """The session's shares with enough history; raises NoData as `predict` does."""
    known = model.manifest.get("features", [])
    if list(features.names) != known or features.version != model.manifest["feature_version"]:
        raise NoData(
            f"model {model.version.version} knows {len(known)} features of another table than the "
            f"{len(features.names)} computed; train again"
        )
    if session not in features.sessions:
        raise NoData(f"no features on {session}, the last are of {features.sessions[-1]}")
    place = features.sessions.index(session)
    rows = features.values[place]
    here = np.flatnonzero(~np.isnan(rows[:, features.names.index("ret_60")]))
    if not len(here):
        raise NoData(f"none of {len(rows)} shares has 60 sessions of prices up to {session}")
    return cases_of(features, session=place, shares=here)


def scores(model: Model, cases: Cases, *, regime: Regime | None = None) -> Floats:
    """The members' chances pooled, before calibration, shape (n, 3): stop, time, target."""
    return _blend(model).pooled(_members(model, cases), [regime] * len(cases))


def _members(model: Model, cases: Cases) -> list[Floats]:
    """Each member's own chances, in the order of the blend."""
    return [model.members[kind].scores(cases) for kind in _blend(model).kinds]


def _prediction(
    model: Model,
    *,
    isin: str,
    symbol: str,
    as_of: datetime,
    chances: tuple[Probability, Probability],
    atr: float,
    swing: float,
    words: tuple[str, ...],
    leanings: tuple[Leaning, ...],
    odds: float,
    regime: Regime | None,
    confidence: Confidence | None,
    novelty: str,
) -> Prediction:
    """Up when the bracket pays and the target is likelier than usual, which is what was measured.

    A positive edge alone can come from a market that rises as a whole.
    """
    target, stop = chances[0], _fitting(chances[1], chances[0].p)
    base_rate = float(model.manifest["base_rate"])
    edge = edge_of(model.manifest, p_target=target.p, p_stop=stop.p, atr=atr)
    return Prediction(
        isin=isin,
        symbol=symbol,
        as_of=as_of,
        model_version=model.version.version,
        direction=1 if edge > 0 and target.p > base_rate and not novelty else 0,
        edge=edge,
        horizon_sessions=int(model.manifest["barriers"][2]),
        target_first=target,
        stop_first=stop,
        time_exit=_rest(target, stop),
        base_rate=base_rate,
        has_vote=model.version.has_vote and not novelty,
        words=words,
        leanings=leanings,
        odds=odds if math.isfinite(odds) else None,
        atr=atr if math.isfinite(atr) else None,
        swing=swing if math.isfinite(swing) else None,
        regime=regime,
        confidence=confidence,
        novelty=novelty,
    )


def edge_of(manifest: Mapping[str, Any], *, p_target: float, p_stop: float, atr: float) -> float:
    """Expected return of the bracket after costs, a fraction of price; `atr` is one too."""
    moves = manifest["moves"]
    p_time = max(0.0, 1.0 - p_target - p_stop)
    mean = p_target * moves["target"] + p_stop * moves["stop"] + p_time * moves["time"]
    return float(mean * atr - manifest["cost"])


def explain(
    model: Model, cases: Cases, *, regime: Regime | None = None
) -> list[tuple[Reason, ...]]:
    """The features that moved target against stop most, in log-odds."""
    return _reasons(leaning_of(model, cases, regime=regime), cases)


def leaning_of(model: Model, cases: Cases, *, regime: Regime | None = None) -> Floats:
    """How far each feature moved target against stop, in log-odds, shape (n, n_features).

    A member's log-odds count in the pool by its exponent, and so do its reasons.
    """
    blend = _blend(model)
    leaning = np.zeros((len(cases), len(cases.names)))
    for kind, power in zip(blend.kinds, blend.of(regime), strict=True):
        if power > 0:
            leaning += power * model.members[kind].leaning(cases)
    return leaning


def _reasons(leaning: Floats, cases: Cases) -> list[tuple[Reason, ...]]:
    rows = cases.rows()
    return [_top(line, row, cases.names) for line, row in zip(leaning, rows, strict=True)]


def _groups(leaning: Floats, names: tuple[str, ...]) -> list[tuple[Leaning, ...]]:
    """The same by group of features, each share's largest first."""
    of_group: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        of_group.setdefault(WORDS[name].group, []).append(place)
    found = []
    for line in leaning.tolist():
        sums = [
            Leaning(group, math.fsum(line[place] for place in places))
            for group, places in of_group.items()
        ]
        found.append(tuple(sorted(sums, key=lambda one: -abs(one.contribution))))
    return found


def _blend(model: Model) -> Blend:
    if not model.members:
        raise NoData(
            f"model {model.version.version} is {model.version.kind} and has no members that score"
        )
    return blend_from(model.manifest["blend"])


def _top(
    leaning: NDArray[np.float64], row: NDArray[np.float32], names: tuple[str, ...]
) -> tuple[Reason, ...]:
    order = np.argsort(-np.abs(leaning), kind="stable")[:TOP]
    return tuple(
        Reason(names[i], float(row[i]), float(leaning[i]), _words(names[i], float(row[i])))
        for i in order
    )


def _words(name: str, value: float) -> str:
    """The feature with its value, as a trader says it."""
    known = WORDS[name]
    if math.isnan(value):
        return f"{known.words} not known"
    return f"{known.words} {pct(value, signed=True) if known.percent else decimal(value)}"


def _with_way(reason: Reason) -> str:
    """The same with which way it moves the odds."""
    return f"{reason.words}, {'raises' if reason.contribution > 0 else 'lowers'} the odds"


def _fitting(stop: Probability, p_target: float) -> Probability:
    """P(stop first) cut so that the three add up to one at most."""
    p = min(stop.p, 1.0 - p_target)
    return Probability(p, min(stop.low, p), max(stop.high, p), stop.n)


def _rest(target: Probability, stop: Probability) -> Probability:
    p = max(0.0, 1.0 - target.p - stop.p)
    low = max(0.0, 1.0 - target.high - stop.high)
    high = min(1.0, 1.0 - target.low - stop.low)
    return Probability(p, min(low, p), max(high, p), min(target.n, stop.n))
