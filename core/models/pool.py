"""Members and what they say together, walking forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.signal import Regime
from core.features.compute import FeaturePanel
from core.features.hmm import States
from core.features.regime import market_states, regimes
from core.models.barriers import Labels
from core.models.blend import Blend, blends_forward, repooled
from core.models.port import Learner
from core.models.sweep import Progress, Sweep, one_by_one
from core.models.walk import Judged, Unseen, judge, walk_forward
from core.panel import Panel


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
