"""P(the signal is right), from the primary's probability and four scores."""

from __future__ import annotations

import math

from core.domain.signal import FeatureRow, MetaLabel, Probability, Regime, Signal
from core.models.calibrate import curve_from
from core.models.files import Model
from core.models.meta import REGIME_SCORE, crowding_score, liquidity_score, timing_score


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
        turnover: rupees the share trades a session.
    """
    liquidity = liquidity_score(turnover)
    crowding = crowding_score(features["volume_ratio"])
    timing = timing_score(features["rsi_14"], features["dist_sma_20"])
    manifest = model.manifest
    row = (signal.target_first.p, REGIME_SCORE[regime], liquidity, crowding, timing)
    odds = manifest["bias"] + sum(
        weight * value for weight, value in zip(manifest["weights"], row, strict=True)
    )
    p = 1.0 / (1.0 + math.exp(-odds))
    measured: Probability = curve_from(manifest["curve"]).probability(p)
    return MetaLabel(
        right=measured,
        has_vote=model.version.has_vote and signal.has_vote,
        regime=regime,
        regime_score=regime_score,
        liquidity_score=liquidity,
        crowding_score=crowding,
        timing_score=timing,
    )
