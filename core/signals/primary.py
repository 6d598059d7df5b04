"""Direction and edge: the model's where it has earned a vote, a plain rule's where it has not."""

from __future__ import annotations

from collections import Counter
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
BEYOND = "not among the best few"
RISING = ("mom_12_1", "dist_sma_50", "ret_20")  # all above zero: the momentum rule says yes


def form_signal(
    prediction: Prediction,
    *,
    features: FeatureRow,
    tag: TaggedEvent | None,
    strategy: str,
    reasons: tuple[Reason, ...] = (),
) -> Signal:
    """The signal of one share; without a vote the edge is not measured and stands at zero."""
    voted = prediction.has_vote
    direction = prediction.direction if voted else rule_direction(features, tag)
    return Signal(
        isin=prediction.isin,
        symbol=prediction.symbol,
        as_of=prediction.as_of,
        strategy=strategy,
        direction=direction,
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


@dataclass(frozen=True, slots=True)
class Scan:
    """Candidate ISINs, best first, and how many shares each reason turned down."""

    candidates: tuple[str, ...]
    refused: Mapping[str, int]


def scan(predictions: Sequence[Prediction], features: FeaturePanel, *, limit: int) -> Scan:
    """Candidates of the last session: by edge with a vote, by 12-1 momentum without one."""
    if any(one.has_vote for one in predictions):
        keys = {one.isin: one.edge for one in predictions if one.direction > 0}
        paying = sum(one.edge > 0 for one in predictions)
        refused = Counter(
            {
                "no edge after costs": len(predictions) - paying,
                "target no likelier than usual": paying - len(keys),
            }
        )
    else:
        keys, refused = _momentum([one.isin for one in predictions], features)
    best = sorted(keys, key=lambda isin: (-keys[isin], isin))
    refused[BEYOND] = max(0, len(best) - limit)
    return Scan(tuple(best[:limit]), {reason: n for reason, n in refused.items() if n})


def _momentum(
    isins: Sequence[str], features: FeaturePanel
) -> tuple[dict[str, float], Counter[str]]:
    """Rising shares in the top tenth of 12-1 momentum, with it, and who was turned down."""
    last = features.values[-1][:, [features.names.index(name) for name in RISING]]
    rows = dict(zip(features.isins, last.astype(float).tolist(), strict=True))
    known = [isin for isin in isins if not np.isnan(rows[isin][0])]
    floor = float(np.quantile([rows[isin][0] for isin in known], MOMENTUM_TOP)) if known else 0.0
    top = [isin for isin in known if rows[isin][0] >= floor]
    keys = {isin: rows[isin][0] for isin in top if all(value > 0 for value in rows[isin])}
    refused = {
        "under 12 months of prices": len(isins) - len(known),
        "momentum not in the top tenth": len(known) - len(top),
        "not rising": len(top) - len(keys),
    }
    return keys, Counter(refused)
