"""How shares that were ranked went on, session by session: what a ranking is worth.

Figures of sessions are averaged, and their errors come from blocks of sessions two labels long,
because labels of neighbouring sessions overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.models.calibrate import Places
from core.models.samples import APART
from core.models.walk import Unseen
from core.panel import Floats, Panel

BLOCK = 2 * APART  # sessions
TOP = 0.2  # share of a session's cases that counts as what the model would buy
FEW = 5  # shares a session needs before ranks mean something


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its standard error over blocks of sessions, and how many blocks."""

    value: float
    se: float
    blocks: int


@dataclass(frozen=True, slots=True)
class Daily:
    """Figures of one session each, shape (n_sessions,), and how far each case is in its top."""

    days: Places
    ic: Floats
    ic_next: Floats
    accuracy: Floats
    top_return: Floats
    top: Floats


def daily_of(cases: Unseen, ranks: Floats, panel: Panel) -> Daily:
    """Figures of a ranking, shape (n,), by session; NaN ranks nobody."""
    ahead = next_returns(panel)[cases.session, cases.share]
    top = _top(ranks, cases.session)
    days, cuts = _sessions(cases.session)
    return Daily(
        days,
        ic=np.array([rank_correlation(ranks[at], cases.returns[at]) for at in cuts]),
        ic_next=np.array([rank_correlation(ranks[at], ahead[at]) for at in cuts]),
        accuracy=np.array([_agreeing(ranks[at], ahead[at]) for at in cuts]),
        top_return=np.array([np.average(cases.returns[at], weights=top[at]) for at in cuts]),
        top=top,
    )


def next_returns(panel: Panel) -> Floats:
    """Close to the next session's close, a fraction; NaN where either is missing."""
    close = panel.adjusted().close
    out = np.full(close.shape, np.nan)
    out[:-1] = close[1:] / close[:-1] - 1.0
    return out


def rank_correlation(said: Floats, came: Floats) -> float:
    """Spearman's, ties at their mean rank; 0 where everything said is the same.

    NaN for fewer than five, and where everything that came is the same.
    """
    from scipy.stats import rankdata

    known = ~np.isnan(came) & ~np.isnan(said)
    if known.sum() < FEW:
        return float("nan")
    first, second = rankdata(said[known]), rankdata(came[known])
    if second.std() == 0:
        return float("nan")
    if first.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def mean_of(days: Places, values: Floats) -> Figure:
    """The mean of figures of sessions, its standard error from blocks of sessions.

    Args:
        days: index of each session, shape (n_sessions,).
        values: its figure, NaN for none; such sessions are left out.
    """
    known = ~np.isnan(values)
    if not known.any():
        return Figure(float("nan"), float("nan"), 0)
    _, block = np.unique(days[known] // BLOCK, return_inverse=True)
    means = np.bincount(block, values[known]) / np.bincount(block)
    se = float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else float("nan")
    return Figure(float(values[known].mean()), se, len(means))


def _sessions(session: Places) -> tuple[Places, list[Places]]:
    """The sessions there are, and the places of each one's cases."""
    days, counts = np.unique(session, return_counts=True)
    return days, np.split(np.argsort(session, kind="stable"), np.cumsum(counts)[:-1])


def _top(ranks: Floats, session: Places) -> Floats:
    """How much of each case is in its session's top fifth, at least one case; ties share a place.

    A case without a rank comes after all that have one.
    """
    top = np.zeros(len(ranks))
    for at in _sessions(session)[1]:
        here = np.nan_to_num(ranks[at], nan=-np.inf)
        count = max(1, int(TOP * len(at)))
        edge = np.partition(here, -count)[-count]
        above, level = here > edge, here == edge
        top[at] = np.where(above, 1.0, level * (count - above.sum()) / level.sum())
    return top


def _agreeing(said: Floats, came: Floats) -> float:
    """How often a case above or below the median said is above or below the median come."""
    known = ~np.isnan(came) & ~np.isnan(said)
    if known.sum() < FEW:
        return float("nan")
    over, beat = said[known] - np.median(said[known]), came[known] - np.median(came[known])
    if not over.any():
        return 0.5
    counted = (over != 0) & (beat != 0)
    if not counted.any():
        return float("nan")
    return float(np.mean((over[counted] > 0) == (beat[counted] > 0)))
