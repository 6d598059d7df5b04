"""How a share moves with what an account holds, from the returns of sessions both traded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.desk.facts import NEEDED, WINDOW, ShareFacts
from core.domain.candidate import Book, Comovement
from core.errors import NoData
from core.mandates.slate import Covariances
from core.panel import Panel
from core.risk.covariance import mean_correlation, shrunk_covariance
from core.risk.volatility import SESSIONS_A_YEAR

SHARED_MIN = 15  # sessions two shares must have in common before they are said to move alike


@dataclass(frozen=True, slots=True)
class Usual:
    """The mean correlation between two shares and the median volatility of one, per year."""

    pairs: float = math.nan
    vol: float = math.nan


NOT_ASKED = Usual()


def comovement(
    facts: ShareFacts, held: Mapping[str, ShareFacts], book: Book, *, usual: Usual = NOT_ASKED
) -> Comovement | None:
    """Variance of the book and the share's covariance with it, per year.

    None where fewer than 30 sessions were traded by the share and all that is held, or where a
    share did not move in any of them; sizing then falls back on a usual correlation.

    Args:
        held: facts of every share of the book.
        usual: what shares of the market usually are like, unknown where nobody asked.
    """
    if not book.positions:
        return Comovement(0.0, 0.0, usual.pairs, usual.vol)
    weights: dict[str, float] = {facts.isin: 0.0}
    for one in book.positions:
        weights[one.isin] = weights.get(one.isin, 0.0) + one.worth.share_of(book.equity)
    known = {**held, facts.isin: facts}
    if weights.keys() - known.keys():
        return None
    shared = min(len(known[isin].by_session) for isin in weights)
    returns = np.column_stack([known[isin].by_session[-shared:] for isin in weights])
    returns = returns[np.isfinite(returns).all(axis=1)]
    if len(returns) < NEEDED - 1:
        return None
    try:
        covariance = shrunk_covariance(returns)
    except NoData:
        return None
    pulled = covariance @ np.array(list(weights.values()))
    variance = float(np.array(list(weights.values())) @ pulled)
    return Comovement(max(0.0, variance), float(pulled[0]), usual.pairs, usual.vol)


def correlation(
    facts: ShareFacts, held: Mapping[str, ShareFacts], book: Book, *, direction: int = 1
) -> float:
    """The highest correlation with a position of the book, of what both earn from day to day.

    A short position earns where its share falls, so against it a purchase counts with the other
    sign. 0 where nothing else is held, NaN where a pair has too few sessions in common or a share
    never moved: what is not known passes no limit.
    """
    found = [0.0]
    for one in book.positions:
        if one.isin == facts.isin or not one.qty:
            continue
        mine, its = facts.by_session, held[one.isin].by_session
        shared = min(len(mine), len(its))
        pair = np.column_stack([mine[-shared:], its[-shared:]]) if shared else np.zeros((0, 2))
        pair = pair[np.isfinite(pair).all(axis=1)]
        pair = pair - pair.mean(axis=0) if len(pair) >= SHARED_MIN else pair[:0]
        size = math.sqrt(float((pair[:, 0] ** 2).sum() * (pair[:, 1] ** 2).sum()))
        if size <= 0:
            return math.nan
        found.append(direction * (1 if one.qty > 0 else -1) * float(pair[:, 0] @ pair[:, 1]) / size)
    return max(found)


def covariances(panel: Panel) -> Covariances:
    """Covariances of every share that traded in each of the last 60 sessions."""
    close = panel.close[-WINDOW:] / panel.factor[-WINDOW:]
    returns = close[1:] / close[:-1] - 1.0
    whole = np.isfinite(returns).all(axis=0) & (np.abs(returns) > 0).any(axis=0)
    isins = tuple(panel.isins[at] for at in np.flatnonzero(whole))
    try:
        return Covariances(isins, shrunk_covariance(returns[:, whole]))
    except NoData:  # too few sessions yet; shares are then ranked by their own volatility
        return Covariances((), np.zeros((0, 0)))


def usual_of(panel: Panel) -> Usual:
    """What shares were like over the last sessions; NaN for fewer than two that moved."""
    close = panel.close[-WINDOW:] / panel.factor[-WINDOW:]
    returns = close[1:] / close[:-1] - 1.0
    whole = returns[:, np.isfinite(returns).all(axis=0)]
    vols = np.sqrt(np.mean(whole**2, axis=0) * SESSIONS_A_YEAR) if len(whole) else np.zeros(0)
    moving = vols[vols > 0]
    return Usual(mean_correlation(returns), float(np.median(moving)) if len(moving) else math.nan)
