"""The meta-label: given that the primary said yes, how often does the trade pay?

A logistic regression on the primary's probability and four scores in [0, 1]; its coefficients
are a few numbers in the manifest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.signal import Regime
from core.errors import NoData
from core.features.compute import FeaturePanel
from core.features.regime import market_returns, regime_at
from core.models.calibrate import Skill, fit_curve, skill_of
from core.panel import Floats, Panel

SCORES = ("p_target", "regime", "liquidity", "crowding", "timing")
REGIME_SCORE: dict[Regime, float] = {
    Regime.BULL: 1.0,
    Regime.SIDEWAYS: 0.6,
    Regime.BEAR: 0.3,
    Regime.VOLATILE: 0.2,
}
LIQUID_AT, ILLIQUID_AT = 1e9, 1e6  # rupees a session


@dataclass(frozen=True, slots=True)
class MetaFit:
    """What one fit gives: a manifest, its skill out of sample and on how many cases."""

    manifest: dict[str, Any]
    skill: Skill
    n: int
    rows: int


def liquidity_score(turnover: float) -> float:
    """0 at ₹10 lakh a session, 1 at ₹100 crore, linear in the logarithm."""
    if not turnover > 0:
        return 0.0
    place = np.log(turnover / ILLIQUID_AT) / np.log(LIQUID_AT / ILLIQUID_AT)
    return float(np.clip(place, 0.0, 1.0))


def crowding_score(volume_ratio: float) -> float:
    """How crowded the last session was: 0 at usual volume, 1 at four times it; lower is better."""
    return (
        float(np.clip((volume_ratio - 1.0) / 3.0, 0.0, 1.0))
        if volume_ratio == volume_ratio
        else 0.5
    )


def timing_score(rsi: float, dist_sma_20: float) -> float:
    """1 when neither overbought nor stretched over the 20-session average, 0 when both."""
    if rsi != rsi or dist_sma_20 != dist_sma_20:
        return 0.5
    hot = np.clip((rsi - 60.0) / 25.0, 0.0, 1.0)
    stretched = np.clip(dist_sma_20 / 0.15, 0.0, 1.0)
    return float(1.0 - 0.5 * (hot + stretched))


def score_table(features: FeaturePanel, panel: Panel) -> Floats:
    """Regime, liquidity, crowding and timing of every case, shape (S, N, 4)."""
    shape = (len(features.sessions), len(features.isins))
    out = np.full((*shape, 4), 0.5)
    out[:, :, 0] = _regime_scores(panel)[:, None]
    turnover = panel.turnover
    with np.errstate(divide="ignore", invalid="ignore"):
        place = np.log(turnover / ILLIQUID_AT) / np.log(LIQUID_AT / ILLIQUID_AT)
    out[:, :, 1] = np.clip(np.nan_to_num(place, nan=0.0, neginf=0.0, posinf=1.0), 0.0, 1.0)
    ratio = features.column("volume_ratio").astype(np.float64)
    out[:, :, 2] = np.where(np.isnan(ratio), 0.5, np.clip((ratio - 1.0) / 3.0, 0.0, 1.0))
    rsi = features.column("rsi_14").astype(np.float64)
    far = features.column("dist_sma_20").astype(np.float64)
    timing = 1.0 - 0.5 * (np.clip((rsi - 60.0) / 25.0, 0, 1) + np.clip(far / 0.15, 0, 1))
    out[:, :, 3] = np.where(np.isnan(timing), 0.5, timing)
    return out


def _regime_scores(panel: Panel) -> Floats:
    returns = market_returns(panel)
    out = np.full(len(panel.sessions), 0.5)
    for place in range(len(returns)):
        try:
            out[place + 1] = REGIME_SCORE[regime_at(returns[: place + 1])[0]]
        except NoData:
            continue
    return out


def fit_meta(
    rows: Floats,
    paid: NDArray[np.bool_],
    session: NDArray[np.int64],
    fold: NDArray[np.int64],
    *,
    names: tuple[str, ...],
    seed: int,
) -> MetaFit:
    """Fit on all but the last fold and measure on it; then fit on everything."""
    from sklearn.linear_model import LogisticRegression

    last = fold == fold.max()
    if not last.any() or last.all() or len(np.unique(paid[~last])) < 2:
        raise NoData(f"the meta-label needs signals in two folds, found {len(rows)} in one")

    def fitted(keep: NDArray[np.bool_]) -> LogisticRegression:
        return LogisticRegression(C=0.5, max_iter=500).fit(rows[keep], paid[keep])

    early = fitted(~last)
    base = np.full(int(last.sum()), float(np.mean(paid[~last])))
    p = early.predict_proba(rows[last])[:, 1]
    skill = skill_of(p, base, paid[last], session[last], seed=seed)
    whole = fitted(np.ones(len(rows), np.bool_))
    curve = fit_curve(p, paid[last], session[last], seed=seed)
    manifest = {
        "scores": list(names),
        "weights": [float(weight) for weight in whole.coef_[0]],
        "bias": float(whole.intercept_[0]),
        "base_rate": float(np.mean(paid)),
        "curve": curve.to_json(),
    }
    return MetaFit(manifest, skill, int(last.sum()), len(rows))
