"""How shares that were ranked went on, session by session: what a ranking is worth.

Figures of sessions are averaged, and their errors come from blocks of sessions two labels long,
because labels of neighbouring sessions overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.models.calibrate import Bools, Places
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
    days, cell, there = _rows(cases.session)
    said, came = _laid(ranks, cell, there), _laid(cases.returns, cell, there)
    ahead = _laid(next_returns(panel)[cases.session, cases.share], cell, there)
    top = _top(said, there)
    return Daily(
        days,
        ic=rank_correlations(said, came),
        ic_next=rank_correlations(said, ahead),
        accuracy=_agreeing(said, ahead),
        top_return=np.where(there, came * top, 0.0).sum(axis=1) / top.sum(axis=1),
        top=top[cell],
    )


def next_returns(panel: Panel) -> Floats:
    """Close to the next session's close, a fraction; NaN where either is missing."""
    close = panel.adjusted().close
    out = np.full(close.shape, np.nan)
    out[:-1] = close[1:] / close[:-1] - 1.0
    return out


def rank_correlations(said: Floats, came: Floats) -> Floats:
    """Spearman's of each row, ties at their mean rank; 0 where everything said is the same.

    Args:
        said: shape (n_sessions, n_cases), NaN for none; `came` likewise.

    Returns:
        Shape (n_sessions,); NaN for fewer than five, and where everything that came is the same.
    """
    known = ~np.isnan(said) & ~np.isnan(came)
    first, second = _ranked(said, known), _ranked(came, known)
    ours, theirs = (first**2).sum(axis=1), (second**2).sum(axis=1)
    out = np.full(len(said), np.nan)
    told = (known.sum(axis=1) >= FEW) & (theirs > 0)
    out[told] = 0.0
    told &= ours > 0
    both = (first * second).sum(axis=1)[told] / np.sqrt(ours[told]) / np.sqrt(theirs[told])
    out[told] = np.clip(both, -1.0, 1.0)
    return out


def _ranked(values: Floats, known: Bools) -> Floats:
    """The rank of each known value in its row less the mean rank; 0 elsewhere."""
    from scipy.stats import rankdata

    ranks = rankdata(np.where(known, values, np.inf), axis=1)
    middle = (known.sum(axis=1, keepdims=True) + 1) / 2
    return np.where(known, ranks - middle, 0.0)


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


def _rows(session: Places) -> tuple[Places, tuple[Places, Places], Bools]:
    """The sessions there are, the row and column of each case, and which cells have one."""
    days, row, counts = np.unique(session, return_inverse=True, return_counts=True)
    column = np.empty(len(session), np.int64)
    column[np.argsort(session, kind="stable")] = np.concatenate([np.arange(n) for n in counts])
    return days, (row, column), np.arange(counts.max()) < counts[:, None]


def _laid(values: Floats, cell: tuple[Places, Places], there: Bools) -> Floats:
    """Values of cases laid out by session, NaN in cells without a case."""
    out = np.full(there.shape, np.nan)
    out[cell] = values
    return out


def _top(said: Floats, there: Bools) -> Floats:
    """How much of each case is in its session's top fifth, at least one case; ties share a place.

    A case without a rank comes after all that have one.
    """
    here = np.where(np.isnan(said), -np.inf, said)
    count = np.maximum(1, (TOP * there.sum(axis=1)).astype(np.int64))[:, None]
    edge = np.take_along_axis(np.sort(here, axis=1), here.shape[1] - count, axis=1)
    above, level = here > edge, (here == edge) & there
    shared = (count - above.sum(axis=1, keepdims=True)) / level.sum(axis=1, keepdims=True)
    return np.where(above, 1.0, level * shared)


def _agreeing(said: Floats, came: Floats) -> Floats:
    """How often a case above or below its row's median said is above or below the median come."""
    known = ~np.isnan(said) & ~np.isnan(came)
    over, beat = _off_median(said, known), _off_median(came, known)
    counted = (over != 0) & (beat != 0)
    many, right = counted.sum(axis=1), (counted & ((over > 0) == (beat > 0))).sum(axis=1)
    out = np.where(many > 0, right / np.maximum(many, 1), np.nan)
    out[~over.any(axis=1)] = 0.5
    out[known.sum(axis=1) < FEW] = np.nan
    return out


def _off_median(values: Floats, known: Bools) -> Floats:
    """Each known value less the median of those in its row; 0 elsewhere."""
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    rising = np.sort(np.where(known, values, np.inf), axis=1)
    low, high = (np.take_along_axis(rising, at // 2, axis=1) for at in (count - 1, count))
    return np.where(known, values - (low + high) / 2, 0.0)
