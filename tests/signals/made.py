"""A feature row, a prediction and a tag that are in order; tests change one thing at a time."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from core.domain.event import EventType, Stance, TaggedEvent
from core.domain.research import Prediction
from core.domain.signal import FeatureRow, Probability, fingerprint
from core.features.compute import FeaturePanel
from core.features.table import NAMES, VERSION
from tests.models.made import days

AT = datetime(2026, 4, 6, 10, 0, tzinfo=UTC)
ISIN = "INE062A01020"


def features(**values: float) -> FeatureRow:
    """Every feature zero unless given."""
    row = tuple(values.get(name, 0.0) for name in NAMES)
    return FeatureRow(ISIN, AT, NAMES, row, VERSION, fingerprint(NAMES, row, VERSION))


def feature_panel(rows: dict[str, dict[str, float]]) -> FeaturePanel:
    """One session of some shares, every feature zero unless given."""
    values = [[row.get(name, 0.0) for name in NAMES] for row in rows.values()]
    return FeaturePanel(days(1), tuple(rows), NAMES, np.array([values], np.float32))


def prediction(
    isin: str = ISIN, *, edge: float = 0.01, direction: int = 1, has_vote: bool = True
) -> Prediction:
    """P(target first) 30 %, P(stop first) 25 %, P(time) 45 %."""
    target, stop, rest = (Probability(p, p - 0.05, p + 0.05, 400) for p in (0.30, 0.25, 0.45))
    return Prediction(
        isin=isin,
        symbol="SBIN",
        as_of=AT,
        model_version="lgbm-1",
        direction=direction,
        edge=edge,
        horizon_sessions=10,
        target_first=target,
        stop_first=stop,
        time_exit=rest,
        base_rate=0.22,
        has_vote=has_vote,
        words=(),
    )


def tag(
    *,
    stance: int = 1,
    impact: float = 0.5,
    confidence: float = 0.6,
    event_type: EventType = EventType.ORDER_WIN,
) -> TaggedEvent:
    """A strong order win."""
    return TaggedEvent(
        event_id="ev1",
        isin=ISIN,
        symbol="SBIN",
        event_type=event_type,
        stance=Stance(stance),
        impact=impact,
        confidence=confidence,
        matched=("order",),
        known_at=AT,
    )
