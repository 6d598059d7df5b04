"""Direction and edge: the model's where it has earned a vote, a plain rule's where it has not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.event import TaggedEvent
from core.domain.research import Prediction
from core.domain.signal import FeatureRow, Reason, Signal
from core.features.compute import FeaturePanel

IMPACT_MIN = 0.3  # of a tag, for the event rule
CONFIDENCE_MIN = 0.4
MOMENTUM_TOP = 0.90  # rank of 12-1 momentum, for the momentum rule
RISING = ("mom_12_1", "dist_sma_50", "ret_20")  # all above zero: the momentum rule says yes
MOMENTUM_FOOT = 1.0 - MOMENTUM_TOP  # rank at which a falling share is one to sell short


def form_signal(
    prediction: Prediction,
    *,
    features: FeatureRow,
    tag: TaggedEvent | None,
    strategy: str,
    reasons: tuple[Reason, ...] = (),
    shorts: bool = False,
) -> Signal:
    """The signal of one share; without a vote the edge is not measured and stands at zero.

    With `shorts` a share that falls by the plain rule points down, unless a model with a vote
    expects it to rise. A model's odds are of a purchase, so it has no vote on a short sale.
    """
    down = (
        shorts and falls(features, tag) and not (prediction.has_vote and prediction.direction > 0)
    )
    voted = prediction.has_vote and not down
    direction = prediction.direction if voted else rule_direction(features, tag)
    return Signal(
        isin=prediction.isin,
        symbol=prediction.symbol,
        as_of=prediction.as_of,
        strategy=strategy,
        direction=-1 if down else direction,
        edge=prediction.edge if voted else 0.0,
        horizon_sessions=prediction.horizon_sessions,
        target_first=prediction.target_first,
        stop_first=prediction.stop_first,
        time_exit=prediction.time_exit,
        base_rate=prediction.base_rate,
        has_vote=voted,
        model_version=prediction.model_version,
        reasons=reasons,
    )


def rule_direction(features: FeatureRow, tag: TaggedEvent | None) -> int:
    """What the plain rule says: the tag's stance, or a rising share above its average."""
    if tag is not None:
        strong = tag.impact >= IMPACT_MIN and tag.confidence >= CONFIDENCE_MIN
        return int(tag.stance) if strong else 0
    return int(all(features[name] > 0 for name in RISING))


def falls(features: FeatureRow, tag: TaggedEvent | None) -> bool:
    """Whether the plain rule says down: clear bad news, or a share below where it stood."""
    if tag is not None:
        return rule_direction(features, tag) < 0
    return all(features[name] < 0 for name in RISING)


@dataclass(frozen=True, slots=True)
class Scan:
    """Candidate ISINs, best first, and the shares that each reason turned down.

    `falling` are those to sell short, the worst first, for mandates that allow it.
    """

    candidates: tuple[str, ...]
    refused: Mapping[str, tuple[str, ...]]
    falling: tuple[str, ...] = ()


def scan(predictions: Sequence[Prediction], features: FeaturePanel) -> Scan:
    """Candidates of the last session: by edge with a vote, by 12-1 momentum without one."""
    if any(one.has_vote for one in predictions):
        keys = {one.isin: one.edge for one in predictions if one.direction > 0}
        rest = [one for one in predictions if one.isin not in keys]
        like = [one for one in rest if not one.novelty]
        refused = {
            "unlike anything learnt from": tuple(one.isin for one in rest if one.novelty),
            "no edge after costs": tuple(one.isin for one in like if not one.edge > 0),
            "target no likelier than usual": tuple(one.isin for one in like if one.edge > 0),
        }
    else:
        keys, refused = _momentum([one.isin for one in predictions], features)
    return Scan(
        tuple(sorted(keys, key=lambda isin: (-keys[isin], isin))),
        {reason: isins for reason, isins in refused.items() if isins},
        _falling(predictions, features),
    )


def _momentum(
    isins: Sequence[str], features: FeaturePanel
) -> tuple[dict[str, float], dict[str, tuple[str, ...]]]:
    """Rising shares in the top tenth of 12-1 momentum, with it, and who was turned down."""
    rows = _last_rows(features)
    known = [isin for isin in isins if not np.isnan(rows[isin][0])]
    floor = float(np.quantile([rows[isin][0] for isin in known], MOMENTUM_TOP)) if known else 0.0
    top = [isin for isin in known if rows[isin][0] >= floor]
    keys = {isin: rows[isin][0] for isin in top if all(value > 0 for value in rows[isin])}
    refused = {
        "under 12 months of prices": tuple(i for i in isins if np.isnan(rows[i][0])),
        "momentum not in the top tenth": tuple(i for i in known if rows[i][0] < floor),
        "not rising": tuple(i for i in top if i not in keys),
    }
    return keys, refused


def _falling(predictions: Sequence[Prediction], features: FeaturePanel) -> tuple[str, ...]:
    """Falling shares in the bottom tenth of 12-1 momentum that no voting model expects to rise."""
    rows = _last_rows(features)
    asked = [one.isin for one in predictions if not (one.has_vote and one.direction > 0)]
    known = [isin for isin in asked if not np.isnan(rows[isin][0])]
    foot = float(np.quantile([rows[isin][0] for isin in known], MOMENTUM_FOOT)) if known else 0.0
    found = [
        isin for isin in known if rows[isin][0] <= foot and all(value < 0 for value in rows[isin])
    ]
    return tuple(sorted(found, key=lambda isin: (rows[isin][0], isin)))


def _last_rows(features: FeaturePanel) -> dict[str, list[float]]:
    """The features of the momentum rule at the last session, by ISIN."""
    last = features.values[-1][:, [features.names.index(name) for name in RISING]]
    return dict(zip(features.isins, last.astype(float).tolist(), strict=True))
