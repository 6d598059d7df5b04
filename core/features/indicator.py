"""What an indicator is: a raw series of one share as a trader knows it, in rupees where they fit.

A feature is made free of scale for models; an indicator is what stands on a chart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.features.definition import Per
from core.features.own_bars import OwnBars
from core.panel import Floats

FADES = "fades"  # an average that never ends, or a side taken at the start and kept until it turns
ADDS_UP = "counts from the first bar"
ANEW = "counts from the first bar of the month or quarter"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator with its usual parameters.

    `outputs` names its series, one unnamed where there is a single one; `source` says where the
    formula stands; `version` moves when the numbers do. From bar `warm_up` on, counted from one,
    all series speak; where `per` is week it counts calendar weeks with a bar. `start` says what
    else a value owes to where the bars begin, "" where nothing before the warm-up shows. `takes`
    names the parts of a bar that a function of TA-Lib is called with, in order.
    """

    name: str
    group: str
    words: str
    unit: str
    source: str
    warm_up: int
    calc: Callable[[OwnBars], tuple[Floats, ...]]
    outputs: tuple[str, ...] = ("",)
    version: int = 1
    per: Per = "session"
    start: str = ""
    takes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its series."""
        return tuple(f"{self.name}_{one}" if one else self.name for one in self.outputs)
