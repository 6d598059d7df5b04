"""Which cases may be learnt from, and which may be scored, so that no future is seen.

Between what is learnt from and what is scored lie a purge (labels that end later are dropped)
and an embargo of one label length.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import NoData
from core.features.compute import FeaturePanel
from core.models.barriers import BARRIERS, UNKNOWN, Labels, uniqueness
from core.models.calibrate import Bools, Places
from core.models.cases import Sample, cases_where

APART = BARRIERS[2]  # sessions after which two labels no longer overlap; also the embargo
THIN = 3  # every third session trains; labels of ten sessions overlap anyway
WARM_UP = 60
LEAST = 20  # cases; on fewer a forest's bags can stay empty and its chances are no numbers


def known_by(ends: NDArray[np.int32] | Places, start: int) -> Bools:
    """Which labels ended early enough to be learnt from for a block that starts at `start`."""
    return np.asarray(ends < start - APART)


def with_history(features: FeaturePanel) -> Bools:
    """Shares with sixty sessions of prices, shape (n_sessions, n_instruments)."""
    return np.asarray(~np.isnan(features.column("ret_60")))


def usable(features: FeaturePanel, labels: Labels) -> Bools:
    """Cases with a decided label and enough history, shape (n_sessions, n_instruments)."""
    return np.asarray((labels.outcome != UNKNOWN) & with_history(features))


def training_cases(features: FeaturePanel, labels: Labels, *, until: int) -> Bools:
    """Every third session's cases whose labels ended an embargo before `until`.

    Raises:
        NoData: there are none, or fewer than any learner can use.
    """
    chosen = usable(features, labels) & known_by(labels.ends, until)
    chosen[np.arange(len(chosen)) % THIN != 0] = False
    chosen[:WARM_UP] = False
    if not chosen.any():
        raise NoData(f"no labelled case lies before session {until}; import more history")
    if (count := int(chosen.sum())) < LEAST:
        raise NoData(
            f"{count} labelled cases lie before session {until} and {LEAST} are needed; import "
            "more history or more shares"
        )
    return chosen


def sample(features: FeaturePanel, labels: Labels, *, until: int) -> Sample:
    """What may be learnt from before session `until`, weighted by uniqueness in that sample."""
    chosen = training_cases(features, labels, until=until)
    weight = uniqueness(labels, among=chosen)[chosen]
    return Sample(cases_where(features, chosen), labels.outcome[chosen], weight / weight.mean())


def between(features: FeaturePanel, labels: Labels, start: int, end: int) -> Bools:
    """Usable cases from session `start` up to, not with, `end`."""
    here = usable(features, labels)
    here[:start] = here[end:] = False
    return here
