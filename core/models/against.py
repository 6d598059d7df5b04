"""What the baselines measured on the very cases that a version was judged by."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.domain.account import Market
from core.features.compute import FeaturePanel
from core.models.barriers import Labels
from core.models.baselines import BASELINES, RANKED_BY
from core.models.measures import measure
from core.models.record import plain
from core.models.walk import Unseen, judge, walk_forward
from core.panel import Floats, Panel


def baselines_of(
    features: FeaturePanel, labels: Labels, panel: Panel, *, market: Market
) -> dict[str, Any]:
    """Every baseline's figures as plain numbers, by its words, walking forward as a model does."""
    walked = walk_forward(
        features, labels, learners=BASELINES, progress=lambda _share, _sentence: None
    )
    found = {}
    for one in BASELINES:
        judged = judge(walked[one.kind])
        ranks = ranks_of(one.kind, features, judged.cases)
        found[one.words] = plain(measure(judged, panel, ranks=ranks), market=market)
    return found


def ranks_of(kind: str, features: FeaturePanel, cases: Unseen) -> Floats | None:
    """What a baseline ranks shares by, shape (n,), where that is not its P(target first).

    The odds of momentum follow whichever way it paid before, and are the same for all where no
    way did; the ranking that everybody knows buys the winners all the same.
    """
    if kind not in RANKED_BY:
        return None
    return features.column(RANKED_BY[kind])[cases.session, cases.share].astype(np.float64)
