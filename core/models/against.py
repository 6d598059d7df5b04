"""What the baselines measured on the very cases that a version was judged by."""

from __future__ import annotations

from typing import Any

from core.features.compute import FeaturePanel
from core.models.barriers import Labels
from core.models.baselines import BASELINES
from core.models.measures import measure
from core.models.record import plain
from core.models.walk import judge, walk_forward
from core.panel import Panel


def baselines_of(features: FeaturePanel, labels: Labels, panel: Panel) -> dict[str, Any]:
    """Every baseline's figures as plain numbers, by its words, walking forward as a model does."""
    walked = walk_forward(
        features, labels, learners=BASELINES, progress=lambda _share, _sentence: None
    )
    return {one.words: plain(measure(judge(walked[one.kind]), panel)) for one in BASELINES}
