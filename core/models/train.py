"""Train on the panel, walking forward, and say honestly what came of it.

Every number reported was measured on sessions that neither trees nor calibration had seen. What
is stored was then fitted once more, on all sessions; its version is a hash of its content.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.domain.account import Market
from core.domain.research import ModelVersion
from core.errors import NoData
from core.features.compute import FeaturePanel
from core.models.against import baselines_of
from core.models.barriers import BARRIERS, ROUND_TRIP, Labels, label, uniqueness
from core.models.calibrate import Curve, fit_curve
from core.models.confidence import evidence_of
from core.models.conformal import fit_ranges, swings
from core.models.drift import spread_of
from core.models.importance import contributions, costs
from core.models.job import Job, one_thread
from core.models.learners import STANDARD, chosen
from core.models.meta import MetaFit, fit_meta, measurable, score_table
from core.models.novelty import fit_novelty, flagged_later
from core.models.pool import Pooled, pool_members
from core.models.port import Fitted, Learner
from core.models.record import record_of
from core.models.samples import APART, sample, usable, with_history
from core.models.shelf import Shelf
from core.models.sweep import Progress, Sweep, fingerprint_of, one_by_one
from core.models.walk import FOLDS, SEED, Judged, Unseen, fold_bounds
from core.panel import Floats, Panel

NEEDED_SESSIONS = 250  # a year; below 203 the first fold has no label to learn from
Fits = dict[str, Fitted]  # by kind of model
OUTCOMES = {"stop": (0, -1), "time": (1, 0), "target": (2, 1)}  # class of the scores, label


@dataclass(frozen=True, slots=True)
class Trained:
    """The two versions that one training made."""

    primary: ModelVersion
    meta: ModelVersion


def train(
    panel: Panel,
    features: FeaturePanel,
    *,
    market: Market,
    trained_at: datetime,
    folder: Path,
    kinds: Sequence[str] = STANDARD,
    sweep: Sweep = one_by_one,
    progress: Progress = lambda _share, _sentence: None,
) -> Trained:
    """Fit, measure, pool and save; raises NoData for too short a panel."""
    kept = Shelf(folder, market, trained_at, started=time.monotonic())
    _enough(panel)
    with one_thread():
        return _train(panel, features, chosen(kinds), kept, sweep, progress)


def _train(
    panel: Panel,
    features: FeaturePanel,
    learners: Sequence[Learner],
    kept: Shelf,
    sweep: Sweep,
    progress: Progress,
) -> Trained:
    progress(0.0, "labelling with triple barriers")
    labels = label(panel)
    pooled = pool_members(
        features,
        labels,
        panel,
        learners=learners,
        sweep=sweep,
        progress=lambda share, words: progress(0.05 + 0.75 * share, words),
    )
    members, before_last = _fitted(
        features,
        labels,
        learners=learners,
        sweep=sweep,
        progress=lambda share, words: progress(0.8 + 0.15 * share, words),
    )
    whole = sample(features, labels, until=len(panel.sessions) + APART)
    progress(0.95, "measuring the baselines, and fitting the meta-label")
    meta = _meta(pooled.judged, features, labels, panel)
    primary = kept.ensemble(
        pooled,
        members,
        {
            **_manifest(pooled, members, features, labels, panel),
            "baselines": baselines_of(features, labels, panel, market=kept.market),
            "costs": _costs(before_last, features, labels, progress),
            "flagged": _flagged(features, labels),
        },
        measures=record_of(
            pooled.by_kind, pooled.judged, panel, pooled.regimes, market=kept.market
        ),
        novelty=fit_novelty(whole.cases.rows(), features.names, seed=SEED),
        rows=len(whole),
        columns=features.names,
    )
    return Trained(primary, meta=kept.meta(meta, beside=primary))


def _enough(panel: Panel) -> None:
    if len(panel.sessions) < NEEDED_SESSIONS:
        raise NoData(
            f"training needs {NEEDED_SESSIONS} sessions and the panel has {len(panel.sessions)}; "
            "import more history"
        )


def _manifest(
    pooled: Pooled,
    members: Mapping[str, Fitted],
    features: FeaturePanel,
    labels: Labels,
    panel: Panel,
) -> dict[str, Any]:
    """What predicting needs beside the members, what they were made from and what they lean on."""
    unseen = pooled.unseen
    target, stop = _curve(unseen, "target"), _curve(unseen, "stop")
    return {
        "target": target.to_json(),
        "stop": stop.to_json(),
        **evidence_of(pooled.by_kind, unseen, pooled.regimes, target),
        **_made_from(features, labels, panel),
        "base_rate": float(np.mean(unseen.outcome == 1)),
        "base_stop": float(np.mean(unseen.outcome == -1)),
        "return_ranges": _ranges(pooled, features, panel),
        "states": None if pooled.states is None else pooled.states.to_json(),
        "importance": contributions(members, features),
    }


def _fitted(
    features: FeaturePanel,
    labels: Labels,
    *,
    learners: Sequence[Learner],
    sweep: Sweep,
    progress: Progress,
) -> tuple[Fits, Fits]:
    """Members fitted on all sessions, and those of the last fold, which the sweep may have kept."""
    start, end = fold_bounds(len(features.sessions))[-2:]
    after = end + APART
    jobs = [
        *(Job(one, FOLDS, after, after, keeps=True) for one in learners),
        *(Job(one, FOLDS - 1, start, end, keeps=True) for one in learners),
    ]
    done = sweep(features, labels, jobs, seed=SEED, progress=progress)
    read = [
        job.learner.read(one.files, features.names) for job, one in zip(jobs, done, strict=True)
    ]
    kinds, count = [one.kind for one in learners], len(learners)
    return dict(zip(kinds, read[:count], strict=True)), dict(zip(kinds, read[count:], strict=True))


def _costs(
    members: Fits, features: FeaturePanel, labels: Labels, progress: Progress
) -> dict[str, Any]:
    """What losing each group of features costs over the last fold, in models fitted before it."""
    start, end = fold_bounds(len(features.sessions))[-2:]
    return costs(
        members,
        features,
        labels,
        start=start,
        end=end,
        seed=SEED,
        progress=lambda share, words: progress(0.95 + 0.04 * share, words),
    )


def _flagged(features: FeaturePanel, labels: Labels) -> float:
    """What share of the last fold's rows is unlike all that lay before it."""
    start, end = fold_bounds(len(features.sessions))[-2:]
    past = sample(features, labels, until=start).cases.rows()
    later = features.values[start:end][with_history(features)[start:end]]
    return flagged_later(past, later, features.names, seed=SEED)


def _ranges(pooled: Pooled, features: FeaturePanel, panel: Panel) -> dict[str, Any]:
    swing = swings(features.column("atr_pct"), features.column("vol_60"))
    return fit_ranges(pooled.judged, panel, swing, regimes=pooled.regimes).to_json()


def _curve(unseen: Unseen, name: str) -> Curve:
    place, said = OUTCOMES[name]
    hits = unseen.outcome == said
    return fit_curve(unseen.raw[:, place], hits, unseen.session, apart=APART)


def _made_from(features: FeaturePanel, labels: Labels, panel: Panel) -> dict[str, Any]:
    return {
        "features": list(features.names),
        "feature_version": features.version,
        "barriers": list(BARRIERS),
        "cost": ROUND_TRIP,
        "moves": _moves(features, labels),
        "folds": FOLDS,
        "data": fingerprint_of(features, labels),
        "spread": spread_of(features),
        "sessions": [str(panel.sessions[0]), str(panel.sessions[-1])],
        "shares": len(panel.isins),
    }


def _moves(features: FeaturePanel, labels: Labels) -> dict[str, float]:
    """Mean return before costs of each outcome in ATR: a gap makes a stop cost more than two."""
    atr = features.column("atr_pct").astype(np.float64)
    moves: dict[str, float] = {}
    for name, (_, said) in OUTCOMES.items():
        here = usable(features, labels) & (labels.outcome == said)
        gross: Floats = labels.returns[here] + ROUND_TRIP
        moves[name] = float(gross.sum() / max(atr[here].sum(), 1e-12))
    return moves


def _meta(judged: Judged, features: FeaturePanel, labels: Labels, panel: Panel) -> MetaFit:
    """The meta-label learns from the strongest signals that the primary gave out of sample.

    With few shares those may all lie in one fold, where nothing can be measured; then it learns
    from every case. A signal counts by what its span shares with no other of them.
    """
    keep = judged.strong
    if not measurable(judged.cases.only(keep)):
        keep = np.ones_like(keep)
    chosen = judged.cases.only(keep)
    found = score_table(features, panel, session=chosen.session, share=chosen.share)
    taken = np.zeros(labels.outcome.shape, bool)
    taken[chosen.session, chosen.share] = True
    weight = uniqueness(labels, among=taken)[chosen.session, chosen.share]
    return fit_meta(np.column_stack([judged.p[keep], found]), chosen, weight=weight, seed=SEED)
