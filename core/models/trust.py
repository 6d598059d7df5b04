"""The confidence of every prediction of a session, from what a model's manifest remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.domain.research import Confidence
from core.domain.signal import Regime
from core.features.hmm import states_from
from core.models.blend import Blend
from core.models.calibrate import curve_from
from core.models.cases import Cases
from core.models.confidence import Inputs, confidence_of, like_cases
from core.models.conformal import Coverage, ranges_from
from core.models.files import Model
from core.panel import Floats


@dataclass(frozen=True, slots=True)
class Around:
    """What a moment adds to the features.

    `regime_p` is the filtered probability of the regime, None where a plain rule names it;
    `stale` counts sessions that the bars lag; `standings` are those of shares whose prices are
    not whole, by ISIN from 0 to 1.
    """

    regime: Regime | None = None
    regime_p: float | None = None
    stale: int = 0
    standings: Mapping[str, float] = field(default_factory=dict)


def trust(
    model: Model,
    cases: Cases,
    *,
    members: Sequence[Floats],
    blend: Blend,
    p: Floats,
    odd: Sequence[str],
    around: Around,
) -> list[Confidence | None]:
    """Five grounds for each case; None for all where an older Munim remembered none.

    Args:
        members: raw scores of each member, shape (n, 3), in the order of the blend.
        p: calibrated P(target first), shape (n,).
        odd: what is unlike anything learnt from, "" for nothing.
    """
    kept, curve = model.manifest, curve_from(model.manifest["target"])
    if "history" not in kept or "curves" not in kept:
        return [None] * len(cases)
    own = _own(kept["curves"], members, blend, around.regime)
    horizon = int(kept["barriers"][2])
    lasts, coverage = _lasts(model, around), _coverage(model, horizon)
    missing = np.isnan(cases.rows()).mean(axis=1).tolist()
    isins = [cases.features.isins[share] for share in cases.share.tolist()]
    return [
        confidence_of(
            members=own[place].tolist(),
            inputs=Inputs(
                missing=missing[place],
                stale=around.stale,
                standing=around.standings.get(isins[place], 1.0),
                novelty=odd[place],
            ),
            regime=around.regime,
            regime_p=None if lasts is None else around.regime_p,
            lasts=lasts,
            horizon=horizon,
            like=like_cases(kept["history"], chance, around.regime, curve),
            coverage=coverage,
            skilled=model.version.has_vote,
        )
        for place, chance in enumerate(p.tolist())
    ]


def _own(
    curves: Mapping[str, dict[str, list[float]]],
    members: Sequence[Floats],
    blend: Blend,
    regime: Regime | None,
) -> Floats:
    """Calibrated P(target first) of the members that count, shape (n, n_members)."""
    return np.stack(
        [
            curve_from(curves[kind]).apply(raw[:, 2])
            for kind, raw, power in zip(blend.kinds, members, blend.of(regime), strict=True)
            if power > 0
        ],
        axis=1,
    )


def _lasts(model: Model, around: Around) -> float | None:
    """Sessions the regime lasts on average; None where no hidden states were fitted."""
    states = model.manifest.get("states")
    if states is None or around.regime is None:
        return None
    return states_from(states).durations().get(around.regime)


def _coverage(model: Model, horizon: int) -> Coverage | None:
    """How ranges over the horizon held."""
    if "return_ranges" not in model.manifest:
        return None
    found = ranges_from(model.manifest["return_ranges"]).coverage
    return next((one for one in found if one.sessions == horizon), None)
