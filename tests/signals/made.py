"""A feature row, a prediction and a tag that are in order; tests change one thing at a time."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from core.domain.event import Stance, TaggedEvent
from core.domain.research import Prediction
from core.domain.signal import FeatureRow, fingerprint
from core.features.compute import FeaturePanel
from core.features.table import NAMES, VERSION
from tests.made import a_prediction, a_tag
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


def prediction(isin: str = ISIN, **changes: object) -> Prediction:
    """P(target first) 30 %, P(stop first) 25 %, P(time) 45 %."""
    said = {"isin": isin, "symbol": "SBIN", "as_of": AT, "model_version": "lgbm-1"}
    return a_prediction(**(said | changes))


def tag(*, stance: int = 1, **changes: object) -> TaggedEvent:
    """A strong order win."""
    read = {"isin": ISIN, "symbol": "SBIN", "confidence": 0.6, "known_at": AT}
    return a_tag(stance=Stance(stance), **(read | changes))
