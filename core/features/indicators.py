"""All indicators by name: TA-Lib's and those it has not."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

import numpy as np

from core.errors import BadInput
from core.features.indicator import Indicator
from core.features.indicators_own import OWN_INDICATORS
from core.features.indicators_talib import from_talib
from core.features.own_bars import OwnBars
from core.panel import Floats

ALL = "ALL"


@cache
def indicators() -> MappingProxyType[str, Indicator]:
    """Every indicator by its name; TA-Lib is loaded to say what it has."""
    return MappingProxyType({one.name: one for one in (*from_talib(), *OWN_INDICATORS)})


def chosen(names: Sequence[str] = ()) -> tuple[Indicator, ...]:
    """The indicators of some names or groups, all where none is named.

    Raises:
        BadInput: no indicator and no group is called so.
    """
    known = indicators()
    groups = {one.group.upper() for one in known.values()}
    wanted: dict[str, Indicator] = {}
    for name in names or (ALL,):
        if name == ALL or name in groups:
            wanted |= {n: one for n, one in known.items() if name in (ALL, one.group.upper())}
        elif name in known:
            wanted[name] = known[name]
        else:
            near = ", ".join(get_close_matches(name, known, n=3)) or "RSI, MACD, ATR"
            raise BadInput(
                f"{name} is no indicator; near it are {near}, and the groups are "
                f"{', '.join(sorted(groups)).lower()}"
            )
    return tuple(wanted.values())


def series(bars: OwnBars, wanted: Sequence[Indicator]) -> dict[str, Floats]:
    """Every series of some indicators over one share's bars, NaN where nothing is known."""
    found: dict[str, Floats] = {}
    with np.errstate(all="ignore"):
        for one in wanted:
            found.update(zip(one.columns, one.calc(bars), strict=True))
    return found
