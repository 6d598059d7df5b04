"""What a feature is: its name, its meaning, and how its numbers come from one share's own bars.

`warm_up` counts the share's own bars: the first value stands on that bar. Where `per` is week or
month it counts calendar weeks or months with a bar, the running one included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.features.own_bars import OwnBars, Still
from core.panel import Floats

Per = Literal["session", "week", "month"]
FADES = 264  # bars after which a usual average that never ends has forgotten its start
Calculation = Callable[[OwnBars], Floats]


@dataclass(frozen=True, slots=True)
class Definition:
    """One column: `words` reads after a number, `percent` says the number is a fraction.

    `beside` names what the column takes beside prices; without that it is missing throughout.
    `version` moves when the meaning does.
    """

    name: str
    group: str
    words: str
    warm_up: int
    percent: bool = False
    version: int = 1
    per: Per = "session"
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Own:
    """A column of a share's own bars.

    `reach` is how many bars back the last value still depends on: the warm-up where memory is
    finite, and where it fades, the bars after which nothing shows in float32.
    """

    definition: Definition
    calc: Calculation
    reach: int


def own(
    name: str,
    group: str,
    words: str,
    warm_up: int,
    calc: Calculation,
    *,
    reach: int = 0,
    percent: bool = False,
    per: Per = "session",
    beside: str = "",
    still: Still | None = None,
    version: int = 1,
) -> Own:
    """A column of a share's own bars; `reach` is the warm-up unless told.

    Where `still` is said the column has nothing to go by, and is missing, once its whole reach has
    seen one close alone, or bars of one price alone.
    """
    made = Definition(name, group, words, warm_up, percent, version, per, beside)
    memory = reach or warm_up
    return Own(made, _moving(calc, still, memory) if still else calc, memory)


def _moving(calc: Calculation, still: Still, memory: int) -> Calculation:
    def found(bars: OwnBars) -> Floats:
        series, stood = calc(bars), bars.stood(still, memory)
        if not len(stood):
            return series
        known = series.copy()  # it may be kept for other columns
        known[stood] = np.nan
        return known

    return found
