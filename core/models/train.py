"""Train on the panel, walking forward, and say honestly what came of it.

Every number reported was measured on sessions that neither trees nor calibration had seen. What
is stored was then fitted once more, on all sessions; its version is a hash of its content.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.domain.account import Market
from core.domain.research import ModelVersion
from core.errors import NoData
from core.features.compute import FeaturePanel
from core.models.barriers import BARRIERS, ROUND_TRIP, Labels, label
from core.models.calibrate import Skill, fit_curve, skill_of
from core.models.files import save
from core.models.fit import fit_trees
from core.models.meta import SCORES, MetaFit, fit_meta, measurable, score_table
from core.models.walk import (
    APART,
    FOLDS,
    SEED,
    Judged,
    Progress,
    Unseen,
    judge,
    training_cases,
    usable,
    walk_forward,
)
from core.panel import Floats, Panel

NEEDED_SESSIONS = 250  # a year; below 203 the first fold has no label to learn from
VOTE_OVER = 0.0005  # of skill; a model that says the base rate to everybody rounds to nothing
OUTCOMES = {"stop": (0, -1), "time": (1, 0), "target": (2, 1)}  # class of the trees, label


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
    progress: Progress = lambda _share, _sentence: None,
) -> Trained:
    """Fit, measure and save both models; raises NoData for too short a panel."""
    kept = _Shelf(folder, market, trained_at, started=time.monotonic())
    _enough(panel)
    progress(0.0, "labelling with triple barriers")
    labels = label(panel)
    unseen = walk_forward(
        features, labels, progress=lambda share, words: progress(0.05 + 0.8 * share, words)
    )
    judged = judge(unseen)
    progress(0.85, "fitting on all sessions")
    past = training_cases(features, labels, until=len(panel.sessions) + APART)
    trees = fit_trees(features.values[past], labels.outcome[past], features.names)
    progress(0.95, "fitting the meta-label")
    return Trained(
        primary=kept.stored(
            "lgbm",
            manifest={**_manifest(unseen, features, labels), **_range(panel)},
            trees=trees.model_to_string(),
            skill=_weaker_skill(judged),
            rows=int(past.sum()),
            columns=features.names,
        ),
        meta=kept.meta(_meta(judged, features, panel)),
    )


def _enough(panel: Panel) -> None:
    if len(panel.sessions) < NEEDED_SESSIONS:
        raise NoData(
            f"training needs {NEEDED_SESSIONS} sessions and the panel has {len(panel.sessions)}; "
            "import more history"
        )


def _weaker_skill(judged: Judged) -> Skill:
    """Skill over the benchmark that is harder to beat; a vote needs both beaten."""
    found = [
        skill_of(
            judged.p,
            benchmark,
            judged.cases.outcome == 1,
            judged.cases.session,
            apart=APART,
            seed=SEED,
        )
        for benchmark in (judged.base, judged.alike)
    ]
    return min(found, key=lambda skill: skill.low)


def _manifest(unseen: Unseen, features: FeaturePanel, labels: Labels) -> dict[str, Any]:
    """What predicting needs beside the trees, and what the trees were made from."""
    curves = {
        name: fit_curve(
            unseen.raw[:, OUTCOMES[name][0]],
            unseen.outcome == OUTCOMES[name][1],
            unseen.session,
            apart=APART,
            seed=SEED,
        ).to_json()
        for name in ("stop", "target")
    }
    return {
        **curves,
        "features": list(features.names),
        "feature_version": features.version,
        "barriers": list(BARRIERS),
        "cost": ROUND_TRIP,
        "moves": _moves(features, labels),
        "base_rate": float(np.mean(unseen.outcome == 1)),
        "base_stop": float(np.mean(unseen.outcome == -1)),
        "folds": FOLDS,
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


def _range(panel: Panel) -> dict[str, Any]:
    return {
        "sessions": [str(panel.sessions[0]), str(panel.sessions[-1])],
        "shares": len(panel.isins),
    }


def _meta(judged: Judged, features: FeaturePanel, panel: Panel) -> MetaFit:
    """The meta-label learns from the strongest signals that the primary gave out of sample.

    With few shares those may all lie in one fold, where nothing can be measured; then it learns
    from every case.
    """
    keep = judged.strong
    if not measurable(judged.cases.only(keep)):
        keep = np.ones_like(keep)
    chosen = judged.cases.only(keep)
    found = score_table(features, panel, session=chosen.session, share=chosen.share)
    return fit_meta(np.column_stack([judged.p[keep], found]), chosen, seed=SEED)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Where models are put, and what all that one training makes have in common."""

    folder: Path
    market: Market
    trained_at: datetime
    started: float

    def meta(self, fit: MetaFit) -> ModelVersion:
        """Write the meta-label, which is a manifest without trees."""
        return self.stored(
            "meta",
            manifest=fit.manifest,
            trees="",
            skill=fit.skill,
            rows=fit.rows,
            columns=SCORES,
        )

    def stored(
        self,
        kind: str,
        *,
        manifest: dict[str, Any],
        trees: str,
        skill: Skill,
        rows: int,
        columns: tuple[str, ...],
    ) -> ModelVersion:
        """Write the files and say what they are; a vote needs the whole interval above zero."""
        version, digest, place = save(
            self.folder,
            kind=kind,
            manifest={**manifest, "market": self.market.value},
            trees=trees,
        )
        return ModelVersion(
            version=version,
            kind=kind,
            market=self.market,
            trained_at=self.trained_at,
            rows=rows,
            features=columns,
            barriers=BARRIERS,
            folds=FOLDS,
            n_out_of_sample=skill.n,
            base_rate=skill.base_rate,
            brier=skill.brier,
            brier_base=skill.base,
            skill=skill.skill,
            skill_low=skill.low,
            skill_high=skill.high,
            seconds=time.monotonic() - self.started,
            has_vote=skill.low > VOTE_OVER,
            sha256=digest,
            path=str(place),
        )
