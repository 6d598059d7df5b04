"""P(the signal is right), from the primary's probability and four scores."""

from __future__ import annotations

import math

import numpy as np

from core.domain.signal import FeatureRow, MetaLabel, Regime, Signal
from core.models.calibrate import curve_from
from core.models.files import Model
from core.models.meta import REGIME_SCORE, score_rows


def label(
    model: Model,
    signal: Signal,
    features: FeatureRow,
    *,
    regime: Regime,
    regime_score: float,
    turnover: float,
) -> MetaLabel:
    """The meta-label of one signal.

    Args:
        regime_score: how clear the regime is, in [0, 1]; shown, not weighed.
        turnover: rupees the share trades a session, the median of the last 20.
    """
    scores = score_rows(
        regime=np.asarray(REGIME_SCORE[regime]),
        turnover=np.asarray(turnover),
        volume_ratio=np.asarray(features["volume_ratio"]),
        rsi=np.asarray(features["rsi_14"]),
        dist_sma_20=np.asarray(features["dist_sma_20"]),
    )
    manifest = model.manifest
    row = (signal.target_first.p, *scores.tolist())
    odds = manifest["bias"] + sum(
        weight * value for weight, value in zip(manifest["weights"], row, strict=True)
    )
    p = 1.0 / (1.0 + math.exp(-odds))
    curve = curve_from(manifest["curve"])
    return MetaLabel(
        right=curve.probability(float(curve.apply(np.asarray([p]))[0])),
        has_vote=model.version.has_vote and signal.has_vote,
        regime=regime,
        regime_score=regime_score,
        liquidity_score=float(scores[1]),
        crowding_score=float(scores[2]),
        timing_score=float(scores[3]),
        breakeven=float(manifest["breakeven"]),
    )
