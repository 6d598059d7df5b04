"""What the members lean on: features by their contributions, and groups by what losing them costs.

Contributions are those of the newest sessions. A group's cost is measured out of sample: a model
fitted before the last fold scores that fold with the group's columns taken from another share and
another session, and the log loss it adds says what the group was worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.features.compute import FeaturePanel
from core.features.table import WORDS
from core.models.barriers import Labels
from core.models.cases import Cases, Sample, cases_where
from core.models.port import Fitted
from core.models.samples import between, with_history
from core.models.sweep import Progress
from core.panel import Floats

SESSIONS = 5  # the newest ones
CASES = 2000  # of the last fold
LEAST = 1e-9
Ranked = list[list[Any]]  # pairs of a name and a figure, the largest first


def contributions(members: Mapping[str, Fitted], features: FeaturePanel) -> dict[str, Ranked]:
    """Mean absolute contribution of each feature in log-odds, by kind of member."""
    known = with_history(features)
    known[:-SESSIONS] = False
    cases = cases_where(features, known)
    return {
        kind: _ranked(features.names, np.abs(one.leaning(cases)).mean(axis=0))
        for kind, one in members.items()
        if len(cases)
    }


def costs(
    models: Mapping[str, Fitted],
    features: FeaturePanel,
    labels: Labels,
    *,
    start: int,
    end: int,
    seed: int,
    progress: Progress,
) -> dict[str, Ranked]:
    """Log loss a case that each group of features saves from session `start` up to `end`.

    Args:
        models: by what to call them, fitted on what ended an embargo before `start`.
    """
    held = _held(features, labels, start, end)
    others = _elsewhere(features, start, end, seed=seed)
    found: dict[str, Ranked] = {}
    for name, model in models.items():
        progress(len(found) / len(models), f"measuring what {name} leans on")
        found[name] = _costs(model, held, others)
    return found


def _costs(model: Fitted, held: Sample, others: FeaturePanel) -> Ranked:
    features = held.cases.features
    whole = _loss(model, held.cases, held)
    groups = [WORDS[name].group for name in features.names]
    found = []
    for group in dict.fromkeys(groups):
        taken = np.array([one == group for one in groups])
        values = np.where(taken, others.values, features.values)
        cases = replace(held.cases, features=replace(features, values=values))
        found.append(_loss(model, cases, held) - whole)
    return _ranked(tuple(dict.fromkeys(groups)), np.array(found))


def _held(features: FeaturePanel, labels: Labels, start: int, end: int) -> Sample:
    """Cases of the fold at equal distances, each counting the same."""
    here = between(features, labels, start, end)
    cases = cases_where(features, here)
    kept = np.linspace(0, len(cases) - 1, min(CASES, len(cases))).astype(np.int64)
    return Sample(cases.only(kept), labels.outcome[here][kept], np.ones(len(kept)))


def _elsewhere(features: FeaturePanel, start: int, end: int, *, seed: int) -> FeaturePanel:
    """The same with each share in another's place, half a fold later."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(features.isins))
    session = np.arange(len(features.sessions))
    span = end - start
    session[start:end] = start + (session[start:end] - start + span // 2) % span
    return replace(features, values=features.values[session][:, order])


def _loss(model: Fitted, cases: Cases, truth: Sample) -> float:
    said = model.scores(cases)[np.arange(len(truth)), truth.outcome.astype(np.int64) + 1]
    return float(-np.log(np.maximum(said, LEAST)).mean())


def _ranked(names: Sequence[str], values: Floats) -> Ranked:
    order = np.argsort(-values, kind="stable").tolist()
    return [[names[place], float(values[place])] for place in order]
