"""Every feature with its meaning and how many bars it needs before it says anything.

Missing is NaN, never zero. All are ratios, ranks, oscillators or counts, so a split changes none.
A family stands in a file of its own and is added here; the order of names is the order of columns.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.features import (
    bands,
    candles,
    cross,
    dates,
    happened,
    longer,
    momentum,
    statistical,
    trend,
    volatility,
    volume,
)
from core.features.definition import Definition, Own
from core.features.wide import Wide, wide

TILT = "tilt"

# The first columns, in the order in which stored models name them.
_FIRST: tuple[Own, ...] = (
    *momentum.FIRST_RETURNS,
    trend.FIRST[0],
    *momentum.FIRST_FLOW,
    *volatility.FIRST_ATR,
    *bands.FIRST_BAND,
    *trend.FIRST[1:],
    *bands.FIRST_YEAR,
    *volume.FIRST,
    *volatility.FIRST_SHAPE,
    *bands.FIRST_PLACE,
)
OWN: tuple[Own, ...] = (
    *_FIRST,
    *trend.MORE,
    *momentum.MORE,
    *volatility.MORE,
    *volume.MORE,
    *bands.MORE,
    *statistical.MORE,
    *statistical.INDEX,
    *longer.MORE,
    *candles.MORE,
)
LEAN = wide(TILT, "events", "lean of recent filings and news", 1, lambda look: look.none)
WIDE: tuple[Wide, ...] = (*cross.FIRST, LEAN, *cross.MORE, *dates.MORE, *happened.MORE)

FEATURES: tuple[Definition, ...] = (
    *(one.definition for one in OWN),
    *(one.definition for one in WIDE),
)


def version_of(features: Sequence[Definition]) -> str:
    """The version of some columns: it moves when one's does, and stays when others are added.

    A model whose columns have moved since is refused, whatever became of the others.
    """
    return f"f{1 + sum(one.version - 1 for one in features)}"


NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
WORDS: dict[str, Definition] = {feature.name: feature for feature in FEATURES}
"""What a column means, by its name."""
MODEL_NAMES: tuple[str, ...] = (
    *(one.definition.name for one in _FIRST),
    *(one.definition.name for one in cross.FIRST),
    TILT,
)
"""The columns that models are fitted on unless others are named."""
VERSION = version_of([WORDS[name] for name in MODEL_NAMES])
"""The version of those columns."""
