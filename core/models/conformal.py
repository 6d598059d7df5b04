"""How far a share may go in 1 to 30 sessions, with the coverage such ranges had out of sample.

Split conformal prediction: moves of all earlier sessions and shares, measured in the share's own
swing, give the range. It takes no model, so every session counts, not only those a model was judged
on: a year of those is eight windows of thirty sessions, in which the market went one way. Coverage
is measured on sessions after those a range was made from. Source: G. Shafer and V. Vovk, A tutorial
on conformal prediction, JMLR 9 (2008).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.signal import Regime
from core.models.barriers import BARRIERS
from core.models.calibrate import Bools, Places
from core.models.cases import Rows
from core.models.effective import effective, wilson
from core.models.walk import Judged
from core.panel import Floats, Panel

HORIZONS = (1, 2, 3, 5, 10, 15, 20, 30)  # sessions; between them ranges are interpolated
LEVEL = 0.8
TAIL = 0.1  # of each side
PARTED = BARRIERS[2]  # sessions over which coverage is told by year and regime
BLOCK = 20  # sessions, the fewest that are taken together


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often moves over some sessions ended inside their range, out of sample.

    `n` is how many independent cases they are worth, `low` and `high` the 95 % binomial interval
    of so many, `width` the mean width of the ranges as a fraction of price.
    """

    sessions: int
    inside: float
    low: float
    high: float
    n: int
    width: float = float("nan")

    @property
    def honest(self) -> bool:
        """Whether what was promised lies in the interval of what was measured."""
        return self.low <= LEVEL <= self.high


@dataclass(frozen=True, slots=True)
class Ranges:
    """Lower end, middle and upper end of moves in swings, each (n_horizons,).

    `parts` is the coverage over `PARTED` sessions in each year and regime.
    """

    lows: Floats
    mids: Floats
    highs: Floats
    coverage: tuple[Coverage, ...]
    parts: Mapping[str, Coverage]

    def of(self, sessions: int, *, swing: float) -> tuple[float, float, float]:
        """Lower end, middle and upper end of the return after some sessions, as fractions.

        Args:
            sessions: 1 to 30.
            swing: the share's, as `swings` gives it.

        Raises:
            ValueError: another count of sessions.
        """
        if not 1 <= sessions <= HORIZONS[-1]:
            raise ValueError(f"ranges reach from 1 to {HORIZONS[-1]} sessions, not {sessions}")
        at = np.sqrt(np.array(HORIZONS, np.float64))
        low, mid, high = (
            float(np.interp(np.sqrt(sessions), at, part)) * swing
            for part in (self.lows, self.mids, self.highs)
        )
        return max(low, -1.0), mid, high

    def to_json(self) -> dict[str, Any]:
        """The ranges as plain lists."""
        return {
            **{name: getattr(self, name).tolist() for name in ARRAYS},
            "coverage": [_plain(one) for one in self.coverage],
            "parts": {name: _plain(one) for name, one in self.parts.items()},
        }


ARRAYS = ("lows", "mids", "highs")


def ranges_from(fields: Mapping[str, Any]) -> Ranges:
    """Ranges back from plain lists."""
    return Ranges(
        **{name: np.asarray(fields[name], np.float64) for name in ARRAYS},
        coverage=tuple(_covered(one) for one in fields["coverage"]),
        parts={name: _covered(one) for name, one in fields["parts"].items()},
    )


def swings(atr: Floats | Rows, vol_60: Floats | Rows) -> Floats:
    """What moves are told in: between the ATR now and the share's usual move of a session.

    A restless spell fades over the sessions ahead, and ATR alone would take it to last.

    Args:
        atr: of 14 sessions over price, a fraction.
        vol_60: volatility a year over 60 sessions, a fraction; of the same shape.

    Returns:
        A fraction of price; NaN where either is missing or zero.
    """
    with np.errstate(invalid="ignore"):
        found = np.sqrt(atr.astype(np.float64) * vol_60.astype(np.float64) / np.sqrt(252.0))
    return np.where(found > 0, found, np.nan)


def fit_ranges(
    judged: Judged, panel: Panel, swing: Floats, *, regimes: Sequence[Regime | None] = ()
) -> Ranges:
    """Ranges from every session there is, and their coverage over the judged folds.

    A share that does not trade at the end of its window is no case.

    Args:
        judged: says which cases are measured and where each fold begins.
        swing: shape (n_sessions, n_instruments).
        regimes: the regime after each session, where coverage is told by regime too.
    """
    found = [_horizon(judged, panel, swing, sessions) for sessions in HORIZONS]
    lows, mids, highs = np.array([ends for ends, _ in found]).T
    coverage = tuple(coverage_of(held) for _, held in found)
    held = found[HORIZONS.index(PARTED)][1]
    return Ranges(lows, mids, highs, coverage, dict(_parts(held, panel, regimes)))


@dataclass(frozen=True, slots=True)
class Held:
    """Judged cases over some sessions: whether the move ended inside, and how wide its range was.

    `session` and `share` are indices, `width` a fraction of price, all of shape (n,).
    """

    sessions: int
    session: Places
    share: Places
    inside: Bools
    width: Floats

    def only(self, keep: Bools) -> Held:
        """Some of the cases."""
        rest = (getattr(self, name)[keep] for name in self.__slots__[1:])
        return Held(self.sessions, *rest)


def coverage_of(held: Held) -> Coverage:
    """How often they ended inside, with the interval that blocks of sessions leave."""
    count = len(held.session)
    if not count:
        return Coverage(held.sessions, float("nan"), 0.0, 1.0, 0)
    place = held.session // span_of(held.sessions)
    true, cases = np.bincount(place, held.inside), np.bincount(place).astype(np.float64)
    apart = int(np.count_nonzero(held.session % held.sessions == 0))
    n = min(effective(np.asarray(true, np.float64), cases), max(apart, 1))
    share = float(np.mean(held.inside))
    low, high = wilson(share, n)
    return Coverage(held.sessions, share, low, high, int(n), float(np.mean(held.width)))


def span_of(sessions: int) -> int:
    """Sessions taken together where windows are so long: two windows, twenty sessions at least."""
    return max(BLOCK, 2 * sessions)


def moves_in(panel: Panel, swing: Floats, sessions: int) -> Floats:
    """Close to the close some sessions later, in the swing of the day it began."""
    close = panel.adjusted().close
    out = np.full(close.shape, np.nan)
    if sessions < len(close):
        with np.errstate(invalid="ignore", divide="ignore"):
            out[:-sessions] = (close[sessions:] / close[:-sessions] - 1.0) / swing[:-sessions]
    return np.where(np.isfinite(out), out, np.nan)


Ends = tuple[float, float, float]


def _horizon(judged: Judged, panel: Panel, swing: Floats, sessions: int) -> tuple[Ends, Held]:
    """Ends of moves over some sessions in swings, and how ranges from earlier ones held."""
    moves = moves_in(panel, swing, sessions)
    cases = judged.cases
    came = moves[cases.session, cases.share]
    inside, width = np.zeros(len(came), bool), np.full(len(came), np.nan)
    for fold in np.unique(cases.fold).tolist():
        now = cases.fold == fold
        start = int(cases.session[now].min())
        low, _, high = ends_of(moves[: max(start - sessions, 0)])
        inside[now] = (came[now] >= low) & (came[now] <= high)
        width[now] = high - low
    known = ~np.isnan(came) & ~np.isnan(width)
    wide = (width * swing[cases.session, cases.share])[known]
    held = Held(sessions, cases.session[known], cases.share[known], inside[known], wide)
    return ends_of(moves), held


def ends_of(moves: Floats) -> Ends:
    """The conformal ends: order statistics that one more move falls between as often as promised.

    Args:
        moves: of any shape, NaN for unknown; all unknown gives NaN.
    """
    ordered = np.sort(moves[~np.isnan(moves)])
    count = len(ordered)
    if not count:
        return float("nan"), float("nan"), float("nan")
    low = int(np.floor((count + 1) * TAIL)) - 1
    high = int(np.ceil((count + 1) * (1.0 - TAIL))) - 1
    ends = ordered[[max(low, 0), min(high, count - 1)]]
    return float(ends[0]), float(np.median(ordered)), float(ends[1])


def _parts(
    held: Held, panel: Panel, regimes: Sequence[Regime | None]
) -> list[tuple[str, Coverage]]:
    """Coverage in every year and every regime that was there."""
    years = np.array([panel.sessions[at].year for at in held.session.tolist()], np.int64)
    found = [
        (str(year), coverage_of(held.only(years == year))) for year in np.unique(years).tolist()
    ]
    said = np.array([str(regimes[at] or "") for at in held.session.tolist()] if regimes else [])
    return found + [
        (one.value, coverage_of(held.only(said == one.value)))
        for one in Regime
        if (said == one.value).any()
    ]


def _plain(one: Coverage) -> list[float | int | None]:
    told = [one.sessions, one.inside, one.low, one.high, one.n, one.width]
    return [None if value != value else value for value in told]


def _covered(told: Sequence[float | None]) -> Coverage:
    sessions, inside, low, high, n, width = (
        float("nan") if value is None else value for value in told
    )
    return Coverage(int(sessions), inside, low, high, int(n), width)
