"""Train on the panel, walking forward, and say honestly what came of it.

Folds expand in time; between training and test lie a purge (labels that end after the test
begins are dropped) and an embargo. A fold is calibrated on the folds before it, so every number
reported was measured on sessions that neither trees nor calibration had seen. Measuring uses
sessions one label length apart, so that the labels of one share do not overlap.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.account import Market
from core.domain.research import ModelVersion
from core.errors import NoData
from core.features.compute import FeaturePanel
from core.models.barriers import BARRIERS, ROUND_TRIP, UNKNOWN, Labels, label
from core.models.calibrate import Skill, fit_curve, skill_of
from core.models.files import save
from core.models.fit import fit_trees, scores
from core.models.meta import SCORES, fit_meta, score_table
from core.panel import Floats, Panel

Progress = Callable[[float, str], None]
FOLDS = 4
FIRST_TEST = 0.40  # share of sessions before the first fold
THIN = 3  # every third session trains; labels of ten sessions overlap anyway
WARM_UP = 60
SEED = 7
SIGNAL_SHARE = 0.3  # the strongest P(target first) count as signals for the meta-label
NEEDED_SESSIONS = 250


@dataclass(frozen=True, slots=True)
class Trained:
    """The two versions that one training made."""

    primary: ModelVersion
    meta: ModelVersion


@dataclass(frozen=True, slots=True)
class Unseen:
    """Out-of-fold cases: raw scores (n, 3), outcome, session and share index, fold, returns."""

    raw: Floats
    outcome: NDArray[np.int8]
    session: NDArray[np.int64]
    share: NDArray[np.int64]
    fold: NDArray[np.int64]
    returns: Floats

    def only(self, keep: NDArray[np.bool_]) -> Unseen:
        """Some of the cases."""
        return Unseen(*(getattr(self, name)[keep] for name in self.__slots__))

    @property
    def thinned(self) -> NDArray[np.bool_]:
        """Sessions one label length apart."""
        return self.session % BARRIERS[2] == 0


def train(
    panel: Panel,
    features: FeaturePanel,
    *,
    market: Market,
    trained_at: datetime,
    folder: Path,
    progress: Progress = lambda _share, _sentence: None,
) -> Trained:
    """Fit, measure and save both models; raises NoData for too short a panel."""
    started = time.monotonic()
    if len(panel.sessions) < NEEDED_SESSIONS:
        raise NoData(
            f"training needs {NEEDED_SESSIONS} sessions and the panel has {len(panel.sessions)}; "
            "import more history"
        )
    progress(0.0, "labelling with triple barriers")
    labels = label(panel)
    unseen = walk_forward(features, labels, progress=progress)
    measured, target_skill = _measured(unseen)
    curves = {
        name: fit_curve(unseen.raw[:, side], unseen.outcome == said, unseen.session, seed=SEED)
        for name, side, said in (("stop", 0, -1), ("target", 2, 1))
    }
    progress(0.85, "fitting on all sessions")
    rows, outcome = _training_rows(features, labels, until=len(panel.sessions))
    trees = fit_trees(rows, outcome, features.names)
    timed = labels.returns[labels.outcome == 0]
    manifest = {
        "features": list(features.names),
        "feature_version": features.version,
        "market": market.value,
        "barriers": list(BARRIERS),
        "cost": ROUND_TRIP,
        "sessions": [str(panel.sessions[0]), str(panel.sessions[-1])],
        "target": curves["target"].to_json(),
        "stop": curves["stop"].to_json(),
        "time_return": float(np.mean(timed)) if len(timed) else -ROUND_TRIP,
        "base_rate": float(np.mean(unseen.outcome == 1)),
        "base_stop": float(np.mean(unseen.outcome == -1)),
        "folds": FOLDS,
    }
    progress(0.95, "fitting the meta-label")
    meta_fit = fit_meta(*_meta_cases(unseen, features, panel), names=SCORES, seed=SEED)
    common = {
        "market": market,
        "trained_at": trained_at,
        "barriers": BARRIERS,
        "folds": FOLDS,
        "seconds": time.monotonic() - started,
    }
    return Trained(
        primary=_stored(
            folder,
            kind="lgbm",
            manifest=manifest,
            trees=trees.model_to_string(),
            skill=target_skill,
            measured=measured,
            rows=len(rows),
            columns=features.names,
            common=common,
        ),
        meta=_stored(
            folder,
            kind="meta",
            manifest={**meta_fit.manifest, "market": market.value},
            trees="",
            skill=meta_fit.skill,
            measured=meta_fit.n,
            rows=meta_fit.rows,
            columns=SCORES,
            common=common,
        ),
    )


def walk_forward(features: FeaturePanel, labels: Labels, *, progress: Progress) -> Unseen:
    """Fit on the past, score the next block, FOLDS times."""
    count = len(features.sessions)
    bounds = np.linspace(int(count * FIRST_TEST), count, FOLDS + 1).astype(int)
    parts: list[Unseen] = []
    for fold, (start, end) in enumerate(zip(bounds[:-1], bounds[1:], strict=True)):
        progress(0.05 + 0.8 * fold / FOLDS, f"fold {fold + 1} of {FOLDS}")
        rows, outcome = _training_rows(features, labels, until=int(start))
        trees = fit_trees(rows, outcome, features.names)
        places, shares = np.nonzero(usable(features, labels)[start:end])
        places = places + start
        parts.append(
            Unseen(
                raw=scores(trees, features.values[places, shares]),
                outcome=labels.outcome[places, shares],
                session=places.astype(np.int64),
                share=shares.astype(np.int64),
                fold=np.full(len(places), fold, np.int64),
                returns=labels.returns[places, shares],
            )
        )
    return Unseen(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Unseen.__slots__)
    )


def usable(features: FeaturePanel, labels: Labels) -> NDArray[np.bool_]:
    """Cases with a decided label and enough history, shape (n_sessions, n_instruments)."""
    return (labels.outcome != UNKNOWN) & ~np.isnan(features.column("ret_60"))


def _training_rows(
    features: FeaturePanel, labels: Labels, *, until: int
) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Every third session's cases whose labels ended before `until` less the embargo."""
    chosen = usable(features, labels) & (labels.ends < until - BARRIERS[2])
    chosen[np.arange(len(chosen)) % THIN != 0] = False
    chosen[:WARM_UP] = False
    if not chosen.any():
        raise NoData("no labelled case lies before the first fold; import more history")
    return features.values[chosen], labels.outcome[chosen]


def _measured(unseen: Unseen) -> tuple[int, Skill]:
    """Skill of P(target first) on folds after the first, each calibrated on those before it."""
    kept: list[tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.int64]]] = []
    for fold in range(1, FOLDS):
        before, now = (
            unseen.only(unseen.fold < fold),
            unseen.only((unseen.fold == fold) & unseen.thinned),
        )
        if not len(now.session):
            continue
        curve = fit_curve(before.raw[:, 2], before.outcome == 1, before.session, seed=SEED)
        base = np.full(len(now.session), float(np.mean(before.outcome == 1)))
        kept.append((curve.apply(now.raw[:, 2]), base, now.outcome == 1, now.session))
    p, base, hits, sessions = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    return len(p), skill_of(p, base, hits, sessions, seed=SEED)


def _meta_cases(
    unseen: Unseen, features: FeaturePanel, panel: Panel
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """What the meta-label learns from: the strongest signals the primary gave out of sample.

    Returns scores (n, 5), whether a long trade paid after costs, session and fold.
    """
    first, later = unseen.only(unseen.fold == 0), unseen.only(unseen.fold > 0)
    curve = fit_curve(first.raw[:, 2], first.outcome == 1, first.session, seed=SEED)
    p = curve.apply(later.raw[:, 2])
    said = p > np.quantile(p, 1 - SIGNAL_SHARE)
    chosen = later.only(said)
    found = score_table(features, panel)[chosen.session, chosen.share]
    return np.column_stack([p[said], found]), chosen.returns > 0, chosen.session, chosen.fold


def _stored(
    folder: Path,
    *,
    kind: str,
    manifest: dict[str, Any],
    trees: str,
    skill: Skill,
    measured: int,
    rows: int,
    columns: tuple[str, ...],
    common: dict[str, Any],
) -> ModelVersion:
    version, digest, place = save(folder, kind=kind, manifest=manifest, trees=trees)
    return ModelVersion(
        version=version,
        kind=kind,
        rows=rows,
        features=columns,
        n_out_of_sample=measured,
        base_rate=skill.base_rate,
        brier=skill.brier,
        brier_base=skill.base,
        skill=skill.skill,
        skill_low=skill.low,
        skill_high=skill.high,
        has_vote=skill.low > 0.0,
        sha256=digest,
        path=str(place),
        **common,
    )
