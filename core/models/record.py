"""What a training measured, as plain numbers that stay with the version."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from core.domain.account import Market
from core.domain.signal import Regime
from core.models.measures import Measures, measure_parts
from core.models.vote import no_vote
from core.models.walk import Judged
from core.panel import Panel

WHOLE = "ensemble"


def record_of(
    by_kind: Mapping[str, Judged],
    together: Judged,
    panel: Panel,
    regimes: Sequence[Regime | None],
    *,
    market: Market,
) -> dict[str, Any]:
    """Every member's figures and the pool's, as a whole, by year and by regime.

    Args:
        market: on the simulated one there is signal by construction, so no figure is too good to
            be true.

    Returns:
        By kind, then by the fields of `Measures`; numbers that do not exist are None.
    """
    found: dict[str, Any] = {}
    for kind, one in {**by_kind, WHOLE: together}.items():
        whole, years, states = measure_parts(one, panel, regimes)
        found[kind] = {
            **plain(whole, market=market),
            "years": {str(year): plain(part, market=market) for year, part in years.items()},
            "regimes": {name.value: plain(part, market=market) for name, part in states.items()},
        }
    return found


def plain(found: Measures, *, market: Market) -> dict[str, Any]:
    """A record's figures by name; numbers that do not exist are None."""
    suspect = "" if market is Market.SIM else found.suspect
    said: dict[str, Any] = {
        **asdict(found),
        **asdict(found.verdict),
        "calibrated": found.calibrated,
        "flaw": found.verdict.flaw,
        "suspect": suspect,
        "no_vote": no_vote(found.weaker, found.verdict, suspect=suspect),
    }
    del said["verdict"]
    return dict(_known(said))


def _known(value: Any) -> Any:
    """The same with None for NaN, all the way down."""
    if isinstance(value, dict):
        return {name: _known(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_known(part) for part in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return value
