"""What luck alone would give: signs tossed, labels shuffled, the best of many looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.features.compute import FeaturePanel
from core.models.barriers import UNKNOWN, Labels, label
from core.models.calibrate import draws
from core.models.learners import STANDARD, chosen
from core.models.measures import Measures, measure
from core.models.pool import pool_members
from core.models.ranks import BLOCK, daily_of
from core.models.sweep import Progress, Sweep
from core.models.walk import SEED, Judged, Unseen
from core.panel import Floats, Panel

TOSSES = 10_000
SHUFFLES = 10


def chance_of(cases: Unseen, ranks: Floats, panel: Panel) -> float:
    """How often a mean rank IC as high comes up when a coin gives each block of sessions its sign.

    Shares of a session move together and labels of neighbouring sessions overlap; whole blocks
    that keep both are what is tossed. Who ranks nobody gets 1.

    Args:
        ranks: what shares are ranked by, shape (n,).
    """
    found = daily_of(cases, ranks, panel)
    known = ~np.isnan(found.ic)
    _, block = np.unique(found.days[known] // BLOCK, return_inverse=True)
    sums = np.bincount(block, found.ic[known])
    signs = np.random.default_rng(SEED).choice([-1.0, 1.0], (TOSSES, len(sums)))
    as_high = np.count_nonzero(signs @ sums >= sums.sum() - 1e-12)
    return (1 + as_high) / (1 + TOSSES)


def luck_of_the_best(judged: Mapping[str, Judged]) -> tuple[str, float]:
    """The model furthest above its harder benchmark, and how often luck takes one as far.

    Blocks of sessions are drawn for all models at once, so that models alike are not taken for as
    many tries. Source: H. White, A reality check for data snooping, Econometrica 68 (2000).
    """
    kinds = list(judged)
    ours, theirs = np.stack([_harder(one) for one in judged.values()], axis=1)
    skill = 1.0 - ours.sum(axis=1) / theirs.sum(axis=1)
    off = _drawn(ours, theirs) - skill
    spread = np.maximum(off.std(axis=0), 1e-12)
    far = skill / spread
    best = int(np.argmax(far))
    as_far = np.count_nonzero((off / spread).max(axis=1) >= far[best])
    return kinds[best], (1 + as_far) / (1 + len(off))


def _harder(one: Judged) -> Floats:
    """Squared errors by block, (2, n_blocks): the model's, the benchmark's it is hardest above."""
    hits = one.cases.outcome == 1
    _, block = np.unique(one.cases.session // BLOCK, return_inverse=True)
    ours = np.bincount(block, (one.p - hits) ** 2)
    found = []
    for benchmark in (one.base, one.alike):
        theirs = np.bincount(block, (benchmark - hits) ** 2)
        spread = float(_drawn(ours[None], theirs[None]).std())
        found.append(((1.0 - ours.sum() / theirs.sum()) / max(spread, 1e-12), theirs))
    return np.stack([ours, min(found, key=lambda pair: pair[0])[1]])


def _drawn(ours: Floats, theirs: Floats) -> Floats:
    """Skill in every resample of the blocks, shape (n_draws, n_models)."""
    times = draws(ours.shape[1], seed=SEED)
    return np.asarray(1.0 - (times @ ours.T) / (times @ theirs.T))


@dataclass(frozen=True, slots=True)
class Nothing:
    """What the pool found in labels that nothing foretells.

    `chance` is that of the rank IC of its scores before calibration, which may well make them the
    same for every share.
    """

    whole: Measures
    chance: float


def nothing_found(
    panel: Panel, features: FeaturePanel, *, sweep: Sweep, progress: Progress
) -> list[Nothing]:
    """The standard members and their pool on labels shuffled anew each time."""
    labels = label(panel)
    found = []
    for seed in range(SHUFFLES):
        judged = pool_members(
            features,
            shuffled(labels, seed=seed),
            panel,
            learners=chosen(STANDARD),
            sweep=sweep,
            progress=progress,
        ).judged
        scores = judged.cases.raw[:, 2]
        found.append(Nothing(measure(judged, panel), chance_of(judged.cases, scores, panel)))
    return found


def shuffled(labels: Labels, *, seed: int) -> Labels:
    """The same labels given to other shares of the same session."""
    rng = np.random.default_rng(seed)
    outcome, ends, returns = labels.outcome.copy(), labels.ends.copy(), labels.returns.copy()
    for row in range(len(outcome)):
        known = np.flatnonzero(outcome[row] != UNKNOWN)
        order = rng.permutation(known)
        outcome[row, known] = labels.outcome[row, order]
        ends[row, known] = labels.ends[row, order]
        returns[row, known] = labels.returns[row, order]
    return replace(labels, outcome=outcome, ends=ends, returns=returns)
