"""How far the world has moved from what a model learnt: its features, and its probabilities.

The population stability index of a feature compares how often its values fall into ten bins of
the training span, and are missing, with how often they do now. A calendar or a market-wide column
always moves over 60 sessions; so each carries how far it moved in any 60 sessions of its own
training span, and has drifted only when it moved further than that and over the threshold.

Probabilities are held against what came by a test that is asked anew every session. At 95 % it
would call every fourth model drifted in a year that means what it says; at 99 % one in ten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.signal import MIN_CASES
from core.features.compute import FeaturePanel
from core.models.calibrate import Bools, Places
from core.models.measures import Bin, calibration_error, reliability
from core.models.samples import APART
from core.panel import Floats

SESSIONS = 60
BINS = 10
PSI_SOME, PSI_MUCH = 0.1, 0.25  # the usual reading: below the first nothing moved
CASES = 20_000  # of the training span, every session of shares at equal distances
FURTHER = 1.1  # times the furthest window of training, before a feature has drifted
LEAST = 1e-4  # share a bin is given that nothing fell into
DRIFTED_SHARE = 0.1  # of the features; from there a new training is proposed
FEW = 300  # cases, thirty a bin; an index of fewer is chance
MIN_BLOCKS = 3  # before said and came may be compared
BLOCK = 20  # sessions
LEVEL = 0.99  # of the interval of came minus said


@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """One feature: its index now, and the largest in any 60 sessions it was trained on."""

    name: str
    psi: float
    usual: float

    @property
    def level(self) -> str:
        """`steady`, `some` or `much`, by the index alone."""
        return "steady" if self.psi < PSI_SOME else "some" if self.psi < PSI_MUCH else "much"

    @property
    def drifted(self) -> bool:
        """Whether it moved much, and clearly further than it ever did in training."""
        return self.psi >= PSI_MUCH and self.psi > FURTHER * self.usual


@dataclass(frozen=True, slots=True)
class CalibrationDrift:
    """What was said of P(target first) since training against what came.

    All are means over sessions. `gap` is came minus said, from `low` to `high` at `level`, by
    Student's t over blocks of twenty sessions; `n` counts cases whose labels do not overlap.
    Figures are NaN where nothing was measured.
    """

    n: int
    blocks: int
    said: float
    came: float
    gap: float
    low: float
    high: float
    ece: float
    bins: tuple[Bin, ...]
    level: float = 0.95

    @property
    def measured(self) -> bool:
        """Whether there are blocks and cases enough for an interval."""
        return self.blocks >= MIN_BLOCKS and self.n >= MIN_CASES

    @property
    def drifted(self) -> bool:
        """Whether the whole interval of the gap lies on one side of zero."""
        return self.measured and (self.low > 0.0 or self.high < 0.0)


@dataclass(frozen=True, slots=True)
class Drift:
    """The model in use against the last 60 sessions, and its word against what came.

    `sessions_since` counts sessions after its training data; `waiting` predictions whose ten
    sessions are not over yet; `cases` shares and sessions whose features were compared, None in
    what an older Munim measured. There are no features below `FEW` of them.
    """

    version: str
    measured_at: datetime
    as_of: date
    sessions_since: int
    features: tuple[FeatureDrift, ...]
    calibration: CalibrationDrift
    waiting: int
    cases: int | None = None


def spread_of(features: FeaturePanel) -> dict[str, Any]:
    """How each feature spreads over the training span, as plain numbers for the manifest."""
    known = ~np.isnan(features.column("ret_60"))
    step = max(1, -(-int(known.sum()) // CASES))
    known[:, np.arange(known.shape[1]) % step != 0] = False
    session = np.nonzero(known)[0]
    rows = features.values[known]
    columns = {name: _spread(rows[:, place], session) for place, name in enumerate(features.names)}
    return {"sessions": SESSIONS, "every_share": step, "cases": len(rows), "columns": columns}


def feature_drift(
    spread: Mapping[str, Any], features: FeaturePanel
) -> tuple[list[FeatureDrift], int]:
    """The index of every feature over the last 60 sessions, the furthest moved first.

    Args:
        spread: what `spread_of` gave at training.
        features: of at least those sessions; columns the model never saw are left out.

    Returns:
        The features, none with fewer than `FEW` cases, and how many cases there were.
    """
    here = ~np.isnan(features.column("ret_60"))
    here[:-SESSIONS] = False
    rows = features.values[here]
    if len(rows) < FEW:
        return [], len(rows)
    found = []
    for place, name in enumerate(features.names):
        then = spread["columns"].get(name)
        if then is not None:
            now = _shares(
                _bins(rows[:, place], np.asarray(then["edges"], np.float64)), len(then["shares"])
            )
            index = psi(np.asarray(then["shares"]), now)
            found.append(FeatureDrift(name, index, float(then["usual"])))
    return sorted(found, key=lambda one: (-one.psi, one.name)), len(rows)


def psi(then: Floats, now: Floats) -> float:
    """The population stability index of two sets of shares; 0 where they are equal."""
    first, second = np.maximum(then, LEAST), np.maximum(now, LEAST)
    return float(np.sum((second - first) * np.log(second / first)))


def calibration_drift(p: Floats, hits: Bools, session: Places) -> CalibrationDrift:
    """Probabilities said since training against what came.

    Args:
        p: P(target first) as it was said, shape (n,).
        hits: whether the target came first, shape (n,).
        session: session index of each case, shape (n,).
    """
    nan = float("nan")
    if not len(p):
        return CalibrationDrift(0, 0, nan, nan, nan, nan, nan, nan, (), LEVEL)
    days, place = np.unique(session, return_inverse=True)
    count = np.bincount(place)
    said, came = np.bincount(place, p) / count, np.bincount(place, hits) / count
    blocks = len(days) // BLOCK
    reach = _reach(came - said, blocks) if blocks >= MIN_BLOCKS else nan
    gap = float(np.mean(came - said))
    return CalibrationDrift(
        n=int((session % APART == 0).sum()),
        blocks=blocks,
        said=float(np.mean(said)),
        came=float(np.mean(came)),
        gap=gap,
        low=gap - reach,
        high=gap + reach,
        ece=calibration_error(p, hits),
        bins=reliability(p, hits, session),
        level=LEVEL,
    )


def _reach(gaps: Floats, blocks: int) -> float:
    """Half the interval of a mean over sessions; what is left of a block goes to the last one."""
    from scipy.special import stdtrit

    block = np.minimum(np.arange(len(gaps)) // BLOCK, blocks - 1)
    means = np.bincount(block, gaps) / np.bincount(block)
    error = means.std(ddof=1) / np.sqrt(blocks)
    return float(stdtrit(blocks - 1, (1 + LEVEL) / 2) * error)


def _spread(values: NDArray[np.float32], session: Places) -> dict[str, Any]:
    """Deciles, the share of each bin with the missing ones first, and the furthest a window was.

    Sessions before a column's first value are its warm-up and count for nothing.
    """
    known = ~np.isnan(values)
    first = session[known].min() if known.any() else 0
    began = session >= first
    values, since = values[began], session[began] - first
    inner = np.linspace(0, 1, BINS + 1)[1:-1]
    deciles = np.unique(np.quantile(values[known[began]], inner)).tolist() if known.any() else []
    edges = np.array([_short(edge) for edge in deciles], np.float64)
    place, count = _bins(values, edges), len(edges) + 2
    shares = _shares(place, count)
    return {
        "edges": edges.tolist(),
        "shares": [_short(share) for share in shares.tolist()],
        "usual": _short(_furthest(place, shares, since)),
    }


def _furthest(place: Places, shares: Floats, since: Places) -> float:
    """The largest index of any 60 sessions; one less than half as full as others is left out.

    Args:
        place: bin of each case, shape (n,).
        since: sessions from the column's first value to each case, shape (n,).
    """
    if not len(place):
        return 0.0
    rows, count = int(since.max()) + 1, len(shares)
    by_session = np.bincount(since * count + place, minlength=rows * count).reshape(rows, count)
    sums = np.vstack([np.zeros(count, np.int64), np.cumsum(by_session, axis=0)])
    window = min(SESSIONS, rows)
    windows = sums[window:] - sums[:-window]
    cases = windows.sum(axis=1)
    full = windows[cases >= cases.max() / 2]
    return max(psi(shares, one / one.sum()) for one in full)


def _bins(values: NDArray[np.float32], edges: Floats) -> Places:
    """0 for a missing value, else one more than its bin."""
    place = np.searchsorted(edges, values.astype(np.float64), side="right") + 1
    return np.where(np.isnan(values), 0, place).astype(np.int64)


def _shares(place: Places, count: int) -> Floats:
    return np.bincount(place, minlength=count) / max(len(place), 1)


def _short(value: float) -> float:
    return float(f"{value:.6g}")
