"""The meta-label: given that the primary said yes, how often does the trade pay?

A logistic regression on the primary's probability and four scores in [0, 1]; its coefficients
are a few numbers in the manifest. The scores are made by `score_rows` and nowhere else, for
training and for a card alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.domain.signal import Regime
from core.errors import NoData
from core.features.compute import FeaturePanel
from core.features.regime import trend_regimes
from core.models.calibrate import Bools, Places, Skill, fit_curve, skill_of
from core.models.samples import APART, known_by
from core.models.walk import Unseen
from core.panel import Floats, Panel

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

SCORES = ("p_target", "regime", "liquidity", "crowding", "timing")
REGIME_SCORE: dict[Regime, float] = {
    Regime.BULL: 1.0,
    Regime.SIDEWAYS: 0.6,
    Regime.BEAR: 0.3,
    Regime.VOLATILE: 0.2,
}
UNSURE = 0.5  # the score of what is not known
LIQUID_AT, ILLIQUID_AT = 1e9, 1e6  # rupees a session
TURNOVER_SESSIONS = 20


@dataclass(frozen=True, slots=True)
class MetaFit:
    """What one fit gives: a manifest, its skill out of sample, and the rows it learnt from."""

    manifest: dict[str, Any]
    skill: Skill
    rows: int


def score_rows(
    *, regime: Floats, turnover: Floats, volume_ratio: Floats, rsi: Floats, dist_sma_20: Floats
) -> Floats:
    """The four scores of some cases, last axis of 4.

    Liquidity is 0 at ₹10 lakh a session and 1 at ₹100 crore, linear in the logarithm. Crowding
    is 0 at usual volume and 1 at four times it; lower is better. Timing is 1 when neither
    overbought nor stretched over the 20-session average, 0 when both.

    Args:
        turnover: rupees the share trades in a session, the median of the last 20.
    """
    spent = np.log(np.clip(np.nan_to_num(turnover), 1.0, None) / ILLIQUID_AT)
    hot = np.clip((rsi - 60.0) / 25.0, 0.0, 1.0)
    stretched = np.clip(dist_sma_20 / 0.15, 0.0, 1.0)
    found = (
        regime,
        np.clip(spent / np.log(LIQUID_AT / ILLIQUID_AT), 0.0, 1.0),
        np.clip((volume_ratio - 1.0) / 3.0, 0.0, 1.0),
        1.0 - 0.5 * (hot + stretched),
    )
    rows = np.stack(np.broadcast_arrays(*found), axis=-1)
    return np.where(np.isnan(rows), UNSURE, rows)


def score_table(features: FeaturePanel, panel: Panel, *, session: Places, share: Places) -> Floats:
    """The four scores of cases given by session and share index, shape (n_cases, 4)."""
    said = [UNSURE if one is None else REGIME_SCORE[one] for one in trend_regimes(panel)]
    window = session[:, None] - np.arange(TURNOVER_SESSIONS)
    traded = panel.turnover[np.maximum(window, 0), share[:, None]]
    return score_rows(
        regime=np.asarray(said)[session],
        turnover=np.nanmedian(np.where(window < 0, np.nan, traded), axis=1),
        **{
            name: features.column(of)[session, share].astype(np.float64)
            for name, of in (
                ("volume_ratio", "volume_ratio"),
                ("rsi", "rsi_14"),
                ("dist_sma_20", "dist_sma_20"),
            )
        },
    )


def fit_meta(rows: Floats, cases: Unseen, *, weight: Floats, seed: int) -> MetaFit:
    """Walk forward over the folds that have signals, then fit once more on everything.

    Args:
        rows: the five scores of each case, shape (n_cases, 5).
        cases: where and when they were; a case is right when a purchase paid after costs.
        weight: what each case counts for when it is learnt from, above 0, shape (n_cases,).

    Raises:
        NoData: there are no signals in two folds.
    """
    if not measurable(cases):
        raise NoData(
            f"the meta-label needs signals that paid and signals that did not in two folds, and "
            f"was given {len(rows)} signals; import more history or more shares"
        )
    paid = np.asarray(cases.returns > 0)
    p, base = unseen_odds(rows, paid, cases, weight)
    seen = ~np.isnan(p)
    when = cases.session[seen]
    skill = skill_of(p[seen], base[seen], paid[seen], when, apart=APART, seed=seed)
    curve = fit_curve(p[seen], paid[seen], when, apart=APART)
    whole = _fitted(rows, paid, weight)
    manifest = {
        "scores": list(SCORES),
        "weights": [float(weight) for weight in whole.coef_[0]],
        "bias": float(whole.intercept_[0]),
        "base_rate": float(np.mean(paid)),
        "breakeven": _breakeven(cases.returns, paid),
        "curve": curve.to_json(),
    }
    return MetaFit(manifest, skill, len(rows))


def measurable(cases: Unseen) -> bool:
    """Whether some fold has earlier cases that paid and earlier cases that did not."""
    paid = np.asarray(cases.returns > 0)
    return any(len(np.unique(paid[_before(cases, fold)])) == 2 for fold in np.unique(cases.fold))


def _before(cases: Unseen, fold: int) -> Bools:
    """Cases of earlier folds whose labels were known when a fold began."""
    start = int(cases.session[cases.fold == fold].min())
    return np.asarray((cases.fold < fold) & known_by(cases.ends, start))


def unseen_odds(rows: Floats, paid: Bools, cases: Unseen, weight: Floats) -> tuple[Floats, Floats]:
    """P(right) and its base rate from earlier folds alone, shape (n_cases,); NaN without any."""
    p, base = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for fold in np.unique(cases.fold):
        now, past = cases.fold == fold, _before(cases, fold)
        if len(np.unique(paid[past])) == 2:
            learnt = _fitted(rows[past], paid[past], weight[past])
            p[now] = learnt.predict_proba(rows[now])[:, 1]
            base[now] = float(np.mean(paid[past]))
    return p, base


def _breakeven(returns: Floats, paid: Bools) -> float:
    """How often trades must pay to earn nothing, from their mean gain and mean loss."""
    gain, loss = float(np.mean(returns[paid])), float(-np.mean(returns[~paid]))
    return loss / (gain + loss)


def _fitted(rows: Floats, paid: Bools, weight: Floats) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    counted = weight / weight.mean()
    return LogisticRegression(C=0.5, max_iter=500).fit(rows, paid, sample_weight=counted)
