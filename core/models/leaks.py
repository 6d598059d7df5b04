"""What a leak test looks at, what it finds, and how columns are held against each other.

A leak is anything that knows at a session's close what was known only later. Each test is a
function from a `Subject` to a `Finding`; the pieces in which a leak can hide are `Parts`, ours
unless others are named, so that a planted leak meets the same tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.domain.calendar import Calendar
from core.domain.leak_record import Verdict
from core.features.beside import Beside
from core.features.compute import FeaturePanel
from core.features.table import MODEL_NAMES
from core.models.barriers import Labels
from core.models.leaks_parts import FEW, Parts
from core.models.walk import Judged, Unseen, fold_bounds
from core.panel import Floats, Panel

Columns = Mapping[str, Floats | NDArray[np.float32]]
Make = Callable[[Panel], Columns]
ENOUGH = "ret_60"  # the column that says a share has history
SAME = 1e-6  # of a column's spread; what differs by less is rounding
NAMED = 3  # columns that a sentence names


@dataclass(frozen=True, slots=True)
class Finding:
    """What one test says: a sentence, and the figure it rests on, None where there is none."""

    name: str
    verdict: Verdict
    sentence: str
    figure: float | None = None


@dataclass(eq=False)
class Subject:
    """Columns over a panel, and what is learnt from them; what is heavy is made once.

    `make` gives the columns of any panel, `longer` those of weeks and months alone. `own` says
    that they are the desk's own features, `signals` that a column is a position to take.
    """

    name: str
    panel: Panel
    make: Make
    calendar: Calendar
    own: bool = False
    signals: bool = False
    longer: Make | None = None
    beside: Beside = field(default_factory=Beside)
    parts: Parts = field(default_factory=Parts)

    @cached_property
    def whole(self) -> Columns:
        """The columns of the whole panel."""
        return self.make(self.panel)

    @property
    def cut(self) -> int:
        """The session index from which on the future is changed."""
        return int(0.7 * len(self.panel.sessions))

    @cached_property
    def features(self) -> FeaturePanel:
        """What models are given: the columns they take here, else the history and all of a file."""
        names = MODEL_NAMES if self.own else tuple(self.whole)
        return feature_panel(self.panel, {name: self.whole[name] for name in names})

    @cached_property
    def labels(self) -> Labels:
        """The panel's labels."""
        return self.parts.label(self.panel)

    @cached_property
    def bounds(self) -> list[int]:
        """Where each fold starts, and where the last one ends."""
        return fold_bounds(len(self.panel.sessions))

    @cached_property
    def unseen(self) -> dict[str, Unseen]:
        """Two members' scores out of fold."""
        return self.parts.walk(self.features, self.labels, FEW)

    @cached_property
    def judged(self) -> Judged:
        """The first member's probabilities."""
        return self.parts.judge(next(iter(self.unseen.values())))


def feature_panel(panel: Panel, columns: Columns) -> FeaturePanel:
    """Columns as models take them, with a column of enough history where there is none."""
    chosen = dict(columns)
    if ENOUGH not in chosen:
        known = np.cumsum(~np.isnan(panel.close), axis=0) > 60
        chosen[ENOUGH] = np.where(known & ~np.isnan(panel.close), 0.0, np.nan)
    values = np.stack([chosen[name] for name in chosen], axis=-1).astype(np.float32)
    return FeaturePanel(panel.sessions, panel.isins, tuple(chosen), values)


def passed(name: str, sentence: str, figure: float | None = None) -> Finding:
    """Nothing was found."""
    return Finding(name, Verdict.PASS, sentence, figure)


def leak(name: str, sentence: str, figure: float | None = None) -> Finding:
    """Something knows too much."""
    return Finding(name, Verdict.LEAK, sentence, figure)


def not_asked(name: str, why: str) -> Finding:
    """There is nothing to look at."""
    return Finding(name, Verdict.NOT_ASKED, why)


def apart(found: Columns, wanted: Columns, rows: slice) -> dict[str, float]:
    """Columns that differ on some sessions, by how much of their spread, the worst first.

    Infinity where one has a number and the other none.
    """
    names = [*wanted, *(name for name in found if name not in wanted)]
    gaps = {name: _gap(found.get(name), wanted.get(name), rows) for name in names}
    worst = sorted(gaps, key=lambda name: -gaps[name])
    return {name: gaps[name] for name in worst if gaps[name] > SAME}


def _gap(
    found: NDArray[np.floating] | None, wanted: NDArray[np.floating] | None, rows: slice
) -> float:
    if found is None or wanted is None:
        return float("inf")
    one, other = found[rows].astype(np.float64), wanted[rows].astype(np.float64)
    if one.shape != other.shape or (np.isnan(one) != np.isnan(other)).any():
        return float("inf")
    known = ~np.isnan(one)
    gap = np.abs(one[known] - other[known])
    return float(gap.max() / (spread(wanted) or 1.0)) if gap.size else 0.0


def spread(values: NDArray[np.floating]) -> float:
    """Standard deviation of what is known, at least a billionth of its size."""
    known = values[~np.isnan(values)].astype(np.float64)
    if not known.size:
        return 0.0
    return max(float(known.std()), 1e-9 * float(np.abs(known).max()))


def named(gaps: Mapping[str, float]) -> str:
    """The worst columns with how far they are apart."""
    said = [
        f"{name} (now with a number, now without)" if np.isinf(gap) else f"{name} ({gap:.2g})"
        for name, gap in list(gaps.items())[:NAMED]
    ]
    more = len(gaps) - len(said)
    return ", ".join(said) + (f" and {more} more" if more > 0 else "")


def same_past(
    name: str, subject: Subject, gaps: Mapping[str, float], *, when: str, over: str
) -> Finding:
    """The finding of columns that should not have changed when something later did."""
    count = len(subject.whole)
    if gaps:
        return leak(
            name,
            f"{len(gaps)} of {count} columns change their past when {when}, by shares of their "
            f"spread: {named(gaps)}",
            len(gaps),
        )
    return passed(name, f"{count} columns keep their past when {when} ({over})", 0)


def merged(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The widest gap of each column over some comparisons, the worst first."""
    out: dict[str, float] = {}
    for part in parts:
        for name, gap in part.items():
            out[name] = max(gap, out.get(name, 0.0))
    return dict(sorted(out.items(), key=lambda item: -item[1]))
