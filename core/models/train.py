"""Train on the panel, walking forward, and say honestly what came of it.

Every number reported was measured on sessions that neither trees nor calibration had seen. What
is stored was then fitted once more, on all sessions; its version is a hash of its content.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.domain.account import Market
from core.domain.research import Member, ModelVersion
from core.domain.signal import Regime
from core.errors import NoData
from core.features.compute import FeaturePanel
from core.features.hmm import States
from core.features.regime import market_states, regimes
from core.models.against import baselines_of
from core.models.barriers import BARRIERS, ROUND_TRIP, Labels, label, uniqueness
from core.models.blend import ANY, Blend, blends_forward, repooled
from core.models.calibrate import Curve, Skill, fit_curve
from core.models.confidence import evidence_of
from core.models.conformal import fit_ranges
from core.models.drift import spread_of
from core.models.files import save
from core.models.importance import contributions, costs
from core.models.learners import STANDARD, chosen
from core.models.meta import SCORES, MetaFit, fit_meta, measurable, score_table
from core.models.novelty import FILE as NOVELTY
from core.models.novelty import Novelty, fit_novelty
from core.models.port import Fitted, Learner
from core.models.record import record_of
from core.models.samples import APART, sample, usable
from core.models.sweep import Progress, Sweep, fingerprint_of, one_by_one, one_thread
from core.models.vote import VOTE_OVER, earned, weaker_skill
from core.models.walk import FOLDS, SEED, Judged, Unseen, judge, walk_forward
from core.panel import Floats, Panel

NEEDED_SESSIONS = 250  # a year; below 203 the first fold has no label to learn from
OUTCOMES = {"stop": (0, -1), "time": (1, 0), "target": (2, 1)}  # class of the scores, label
ENSEMBLE = "ensemble"


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
    kept = _Shelf(folder, market, trained_at, started=time.monotonic())
    _enough(panel)
    with one_thread():
        return _train(panel, features, chosen(kinds), kept, sweep, progress)


def _train(
    panel: Panel,
    features: FeaturePanel,
    learners: Sequence[Learner],
    kept: _Shelf,
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
    whole = sample(features, labels, until=len(panel.sessions) + APART)
    members: dict[str, Fitted] = {}
    for place, one in enumerate(learners):
        progress(0.8 + 0.15 * place / len(learners), f"fitting {one.words} on all sessions")
        members[one.kind] = one.fit(whole, seed=SEED)
    progress(0.95, "measuring the baselines, and fitting the meta-label")
    return Trained(
        primary=kept.ensemble(
            pooled,
            members,
            {
                **_manifest(pooled, members, features, labels, panel),
                "costs": _costs(pooled.unseen, learners, features, labels, progress),
            },
            measures=record_of(pooled.by_kind, pooled.judged, panel, pooled.regimes),
            novelty=fit_novelty(whole.cases.rows(), features.names, seed=SEED),
            rows=len(whole),
            columns=features.names,
        ),
        meta=kept.meta(_meta(pooled.judged, features, labels, panel), beside=pooled.judged),
    )


@dataclass(frozen=True, slots=True)
class Pooled:
    """Members and their blend, each case judged by what was known before it.

    `unseen` holds what `blend` makes of all out-of-fold cases: the scores its curves belong to.
    """

    by_kind: Mapping[str, Judged]
    unseen: Unseen
    judged: Judged
    blend: Blend
    regimes: tuple[Regime | None, ...]
    states: States | None


def pool_members(
    features: FeaturePanel,
    labels: Labels,
    panel: Panel,
    *,
    learners: Sequence[Learner],
    progress: Progress,
    sweep: Sweep = one_by_one,
    bounds: Sequence[int] = (),
) -> Pooled:
    """Walk forward with every learner and with what they say together."""
    unseen = walk_forward(
        features, labels, learners=learners, progress=progress, sweep=sweep, bounds=bounds
    )
    by_kind = {kind: judge(found) for kind, found in unseen.items()}
    known = regimes(panel)
    blends = blends_forward(unseen, by_kind, known)
    together = replace(next(iter(unseen.values())), raw=repooled(unseen, blends[-1], known))
    judged = judge(together, scored=lambda fold: repooled(unseen, blends[fold], known))
    return Pooled(by_kind, together, judged, blends[-1], known, market_states(panel).states)


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
    atr = features.column("atr_pct").astype(np.float64)
    return {
        "target": target.to_json(),
        "stop": stop.to_json(),
        **evidence_of(pooled.by_kind, unseen, pooled.regimes, target),
        **_made_from(features, labels, panel),
        "base_rate": float(np.mean(unseen.outcome == 1)),
        "base_stop": float(np.mean(unseen.outcome == -1)),
        "baselines": baselines_of(features, labels, panel),
        "ranges": fit_ranges(pooled.judged, panel, atr).to_json(),
        "states": None if pooled.states is None else pooled.states.to_json(),
        "importance": contributions(members, features),
    }


def _costs(
    unseen: Unseen,
    learners: Sequence[Learner],
    features: FeaturePanel,
    labels: Labels,
    progress: Progress,
) -> dict[str, Any]:
    """What losing each group of features costs over the last fold."""
    return costs(
        learners,
        features,
        labels,
        start=int(unseen.session[unseen.fold == unseen.fold.max()].min()),
        end=len(features.sessions),
        seed=SEED,
        progress=lambda share, words: progress(0.95 + 0.04 * share, words),
    )


def _curve(unseen: Unseen, name: str) -> Curve:
    place, said = OUTCOMES[name]
    hits = unseen.outcome == said
    return fit_curve(unseen.raw[:, place], hits, unseen.session, apart=APART, seed=SEED)


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


def _members(pooled: Pooled) -> tuple[Member, ...]:
    shares = dict(zip(pooled.blend.kinds, pooled.blend.exponents[ANY], strict=True))
    found = [(kind, weaker_skill(one), earned(one)) for kind, one in pooled.by_kind.items()]
    return tuple(
        Member(
            kind=kind,
            n_out_of_sample=skill.n,
            brier=skill.brier,
            brier_base=skill.base,
            skill=skill.skill,
            skill_low=skill.low,
            skill_high=skill.high,
            has_vote=votes,
            share=shares[kind],
        )
        for kind, skill, votes in found
    )


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Where models are put, and what all that one training makes have in common."""

    folder: Path
    market: Market
    trained_at: datetime
    started: float

    def ensemble(
        self,
        pooled: Pooled,
        members: Mapping[str, Fitted],
        manifest: Mapping[str, Any],
        *,
        measures: Mapping[str, Any],
        novelty: Novelty,
        rows: int,
        columns: tuple[str, ...],
    ) -> ModelVersion:
        """Write all members with how they are pooled."""
        files = {kind: one.files() for kind, one in members.items()}
        return self.stored(
            ENSEMBLE,
            manifest={
                **manifest,
                "members": {kind: sorted(found) for kind, found in files.items()},
                "blend": pooled.blend.to_json(),
                "measures": measures,
            },
            files={
                NOVELTY: novelty.to_bytes(),
                **{name: content for found in files.values() for name, content in found.items()},
            },
            skill=weaker_skill(pooled.judged),
            has_vote=earned(pooled.judged),
            rows=rows,
            columns=columns,
            members=_members(pooled),
        )

    def meta(self, fit: MetaFit, *, beside: Judged) -> ModelVersion:
        """Write the meta-label, a manifest alone; it votes only beside a primary that does."""
        return self.stored(
            "meta",
            manifest=fit.manifest,
            files={},
            skill=fit.skill,
            has_vote=fit.skill.low > VOTE_OVER and earned(beside),
            rows=fit.rows,
            columns=SCORES,
        )

    def stored(
        self,
        kind: str,
        *,
        manifest: dict[str, Any],
        files: Mapping[str, bytes],
        skill: Skill,
        has_vote: bool,
        rows: int,
        columns: tuple[str, ...],
        members: tuple[Member, ...] = (),
    ) -> ModelVersion:
        """Write the files and say what they are."""
        version, digest, place = save(
            self.folder,
            kind=kind,
            manifest={**manifest, "market": self.market.value},
            files=files,
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
            has_vote=has_vote,
            sha256=digest,
            path=str(place),
            members=members,
        )
