"""How far a share may go in 1 to 30 sessions, with the coverage such ranges had out of sample.

Split conformal prediction: moves of earlier cases, measured in the share's own ATR, give the
range; shares of about the same P(target first) share one. Coverage is measured on cases that came
after those the range was made from. Source: G. Shafer and V. Vovk, A tutorial on conformal
prediction, JMLR 9 (2008).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from core.models.calibrate import Bools, Places
from core.models.walk import Judged
from core.panel import Floats, Panel

HORIZONS = (1, 2, 3, 5, 10, 15, 20, 30)  # sessions; between them ranges are interpolated
LEVEL = 0.8
TAIL = 0.1  # of each side
PARTS = 3  # groups of cases by P(target first), of equal count
FEW = 300  # cases a group needs before it has a range of its own


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often moves over some sessions ended inside their range, out of sample.

    `low` and `high` are a 95 % binomial interval over the `n` cases that do not overlap.
    """

    sessions: int
    inside: float
    low: float
    high: float
    n: int

    @property
    def honest(self) -> bool:
        """Whether what was promised lies in the interval of what was measured."""
        return self.low <= LEVEL <= self.high


@dataclass(frozen=True, slots=True)
class Ranges:
    """Lower end, middle and upper end of moves in ATR, each (n_horizons, n_groups).

    `edges` are the probabilities that part the groups.
    """

    edges: Floats
    lows: Floats
    mids: Floats
    highs: Floats
    coverage: tuple[Coverage, ...]

    def of(self, sessions: int, *, atr: float, p: float) -> tuple[float, float, float]:
        """Lower end, middle and upper end of the return after some sessions, as fractions.

        Args:
            sessions: 1 to 30.
            atr: the share's ATR over its price.
            p: P(target first) of the share.

        Raises:
            ValueError: another count of sessions.
        """
        if not 1 <= sessions <= HORIZONS[-1]:
            raise ValueError(f"ranges reach from 1 to {HORIZONS[-1]} sessions, not {sessions}")
        group = int(np.searchsorted(self.edges, p, side="right"))
        at = np.sqrt(np.array(HORIZONS, np.float64))
        low, mid, high = (
            float(np.interp(np.sqrt(sessions), at, part[:, group])) * atr
            for part in (self.lows, self.mids, self.highs)
        )
        return max(low, -1.0), mid, high

    def to_json(self) -> dict[str, Any]:
        """The ranges as plain lists."""
        arrays = {name: getattr(self, name).tolist() for name in ("edges", "lows", "mids", "highs")}
        each = [[one.sessions, one.inside, one.low, one.high, one.n] for one in self.coverage]
        return {**arrays, "coverage": each}


def ranges_from(fields: Mapping[str, Any]) -> Ranges:
    """Ranges back from plain lists."""
    arrays = {
        name: np.asarray(fields[name], np.float64) for name in ("edges", "lows", "mids", "highs")
    }
    return Ranges(coverage=tuple(Coverage(*one) for one in fields["coverage"]), **arrays)


def fit_ranges(judged: Judged, panel: Panel, atr: Floats) -> Ranges:
    """Ranges from every judged case, and their coverage fold after fold.

    Args:
        atr: ATR over price, shape (n_sessions, n_instruments).
    """
    found = [_horizon(judged, panel, atr, sessions) for sessions in HORIZONS]
    edges = _edges(judged.p)
    parts = [_quantiles(moves, judged.p, edges) for moves, _ in found]
    lows, mids, highs = (np.array([part[place] for part in parts]) for place in range(3))
    return Ranges(edges, lows, mids, highs, tuple(covered for _, covered in found))


def _horizon(judged: Judged, panel: Panel, atr: Floats, sessions: int) -> tuple[Floats, Coverage]:
    """Moves over some sessions in ATR, (n_cases,), and how ranges from earlier ones held."""
    moves = moves_in_atr(panel, atr, sessions)[judged.cases.session, judged.cases.share]
    session, fold = judged.cases.session, judged.cases.fold
    inside = np.full(len(moves), np.nan)
    for earlier, now in pairwise(np.unique(fold).tolist()):
        start = int(session[fold == now].min())
        past = (fold <= earlier) & (session + sessions < start) & ~np.isnan(moves)
        if not past.any():
            continue
        edges = _edges(judged.p[past])
        low, _, high = _quantiles(np.where(past, moves, np.nan), judged.p, edges)
        here = np.flatnonzero((fold == now) & ~np.isnan(moves))
        group = np.searchsorted(edges, judged.p[here], side="right")
        inside[here] = (moves[here] >= low[group]) & (moves[here] <= high[group])
    return moves, _covered(inside, session, sessions)


def moves_in_atr(panel: Panel, atr: Floats, sessions: int) -> Floats:
    """Close to the close some sessions later, in the ATR of the day it began."""
    close = panel.adjusted().close
    out = np.full(close.shape, np.nan)
    if sessions < len(close):
        with np.errstate(invalid="ignore", divide="ignore"):
            out[:-sessions] = (close[sessions:] / close[:-sessions] - 1.0) / atr[:-sessions]
    return np.where(np.isfinite(out), out, np.nan)


def _edges(p: Floats) -> Floats:
    parts = np.quantile(p, np.linspace(0, 1, PARTS + 1)[1:-1])
    return np.asarray(np.unique(parts), np.float64)


def _quantiles(moves: Floats, p: Floats, edges: Floats) -> tuple[Floats, Floats, Floats]:
    """Lower end, middle and upper end of each group; a small group has those of all."""
    known = ~np.isnan(moves)
    group = np.searchsorted(edges, p, side="right")
    out = np.empty((3, len(edges) + 1))
    for place in range(len(edges) + 1):
        here: Bools = known & (group == place)
        chosen = moves[here if here.sum() >= FEW else known]
        out[:, place] = _ends(chosen) if len(chosen) else np.nan
    return out[0], out[1], out[2]


def _ends(moves: Floats) -> tuple[float, float, float]:
    """The conformal ends: order statistics that one more case falls between as often as asked."""
    ordered, count = np.sort(moves), len(moves)
    low = int(np.floor((count + 1) * TAIL)) - 1
    high = int(np.ceil((count + 1) * (1.0 - TAIL))) - 1
    ends = ordered[[max(low, 0), min(high, count - 1)]]
    return float(ends[0]), float(np.median(ordered)), float(ends[1])


def _covered(inside: Floats, session: Places, sessions: int) -> Coverage:
    from scipy.stats import binomtest

    known = ~np.isnan(inside)
    apart = known & (session % sessions == 0)
    n = int(apart.sum())
    if not n:
        return Coverage(sessions, float("nan"), 0.0, 1.0, 0)
    share = float(np.mean(inside[known]))
    span = binomtest(round(share * n), n).proportion_ci(method="wilson")
    return Coverage(sessions, share, float(span.low), float(span.high), n)
