"""Probabilities for the whole universe at one session, and what they lean on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from core.domain.research import Prediction
from core.domain.signal import Probability, Reason
from core.domain.words import decimal, pct
from core.errors import NoData
from core.features.compute import FeaturePanel
from core.features.table import WORDS
from core.models.calibrate import curve_from
from core.models.files import Model
from core.models.fit import CLASSES, scores

TOP = 4  # reasons kept


def predict(
    model: Model,
    features: FeaturePanel,
    *,
    session: date,
    as_of: datetime,
    symbols: Mapping[str, str],
) -> list[Prediction]:
    """One prediction for every share with enough history, sorted by ISIN.

    Raises:
        NoData: the model was trained on other features.
    """
    manifest = model.manifest
    if list(features.names) != manifest["features"] or model.booster is None:
        raise NoData(
            f"model {model.version.version} knows {len(manifest['features'])} features and "
            f"{len(features.names)} were computed; train again"
        )
    place = features.sessions.index(session)
    rows = features.values[place]
    here = np.nonzero(~np.isnan(features.column("ret_60")[place]))[0]
    if not len(here):
        return []
    raw = scores(model.booster, rows[here])
    target, stop = curve_from(manifest["target"]), curve_from(manifest["stop"])
    leaning = explain(model, rows[here], names=features.names)
    found = []
    for number, column in enumerate(here):
        isin = features.isins[column]
        p_target = target.probability(float(target.apply(raw[number, 2:3])[0]))
        p_stop = _fitting(stop.probability(float(stop.apply(raw[number, 0:1])[0])), p_target.p)
        atr = float(rows[column, features.names.index("atr_pct")])
        edge = edge_of(manifest, p_target.p, p_stop.p, atr)
        found.append(
            Prediction(
                isin=isin,
                symbol=symbols.get(isin, isin),
                as_of=as_of,
                model_version=model.version.version,
                direction=1 if edge > 0 else 0,
                edge=edge,
                horizon_sessions=int(manifest["barriers"][2]),
                target_first=p_target,
                stop_first=p_stop,
                time_exit=_rest(p_target, p_stop),
                base_rate=float(manifest["base_rate"]),
                has_vote=model.version.has_vote,
                words=tuple(_with_way(reason) for reason in leaning[number]),
            )
        )
    return sorted(found, key=lambda one: one.isin)


def edge_of(manifest: Mapping[str, object], p_target: float, p_stop: float, atr: float) -> float:
    """Expected return of the bracket after costs, a fraction of price."""
    stop_atr, target_atr, _ = manifest["barriers"]  # type: ignore[misc]
    cost = float(manifest["cost"])  # type: ignore[arg-type]
    timed = float(manifest["time_return"])  # type: ignore[arg-type]
    p_time = max(0.0, 1.0 - p_target - p_stop)
    return p_target * (target_atr * atr - cost) - p_stop * (stop_atr * atr + cost) + p_time * timed


def explain(
    model: Model, rows: NDArray[np.float32], *, names: tuple[str, ...]
) -> list[tuple[Reason, ...]]:
    """The features that moved target against stop most, in log-odds; LightGBM's own split."""
    if model.booster is None:
        raise NoData(f"model {model.version.version} has no trees to explain")
    given = model.booster.predict(rows, pred_contrib=True, num_threads=1)
    parts = np.asarray(given).reshape(len(rows), CLASSES, len(names) + 1)
    leaning = parts[:, 2, :-1] - parts[:, 0, :-1]
    return [_top(line, row, names) for line, row in zip(leaning, rows, strict=True)]


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
