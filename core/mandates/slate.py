"""Candidates side by side as arrays, so that many accounts can look at many shares at once.

A slate says what was measured once for everybody; what differs from account to account is in
`filters` and `rank`. What is then sized goes one by one through `size`, which is plain to read.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.domain.candidate import Book
from core.domain.instrument import CapClass, Instrument, Surveillance
from core.mandates.guardrails import BLOCKED_LISTS, BLOCKED_SERIES
from core.panel import Floats
from core.risk.covariance import risk_contributions

Marks = NDArray[np.bool_]
CAP_CLASSES = tuple(CapClass)


@dataclass(frozen=True, slots=True)
class Covariances:
    """Covariance per year of the shares in `isins`, shape (n, n)."""

    isins: tuple[str, ...]
    matrix: Floats

    def columns(self, isins: Sequence[str]) -> NDArray[np.intp]:
        """Where shares stand, -1 for one that is not among them."""
        places = {isin: place for place, isin in enumerate(self.isins)}
        return np.array([places.get(isin, -1) for isin in isins], dtype=np.intp)


@dataclass(frozen=True)
class Slate:
    """One strategy's candidates; each array has shape (n,) in the order of `shares`.

    `edge` is the expected return after costs and `p_stop` how likely the stop comes first, NaN
    where it is not measured; `score` is the rule's own order, larger first. `risk` is the distance
    to the stop as a fraction of price, `turnover` rupees of a median day. Sessions to
    results and to an ex-date are infinite where none is known. `direction` is -1 for a slate to
    sell short.
    """

    shares: tuple[Instrument, ...]
    strategy: str
    horizon_sessions: int
    edge: Floats
    p_stop: Floats
    score: Floats
    risk: Floats
    vol: Floats
    turnover: Floats
    quality: Floats
    to_results: Floats
    to_ex_date: Floats
    together: Covariances
    direction: int = 1

    def __len__(self) -> int:
        return len(self.shares)

    @cached_property
    def isins(self) -> tuple[str, ...]:
        return tuple(share.isin for share in self.shares)

    @cached_property
    def sectors(self) -> tuple[tuple[str, ...], NDArray[np.intp]]:
        """The sectors there are, and each share's place among them."""
        names = tuple(sorted({share.sector for share in self.shares}))
        places = {name: place for place, name in enumerate(names)}
        return names, np.array([places[share.sector] for share in self.shares], dtype=np.intp)

    @cached_property
    def sizes(self) -> NDArray[np.intp]:
        """Each share's size class as its place in `CAP_CLASSES`."""
        return np.array([CAP_CLASSES.index(s.cap_class) for s in self.shares], dtype=np.intp)

    @cached_property
    def is_traded(self) -> Marks:
        return np.array([share.is_traded for share in self.shares], dtype=bool)

    @cached_property
    def in_series(self) -> Marks:
        return np.array([share.series not in BLOCKED_SERIES for share in self.shares], dtype=bool)

    @cached_property
    def unwatched(self) -> Marks:
        """On no list that keeps the desk out."""
        return np.array([s.surveillance not in BLOCKED_LISTS for s in self.shares], dtype=bool)

    @cached_property
    def on_asm(self) -> Marks:
        return np.array([s.surveillance is Surveillance.ASM for s in self.shares], dtype=bool)

    @cached_property
    def columns(self) -> NDArray[np.intp]:
        """Each share's column in `together`, -1 where it has none."""
        return self.together.columns(self.isins)

    @property
    def is_measured(self) -> bool:
        """Whether a model with a vote gave the edges."""
        return bool(np.isfinite(self.edge).any())

    def marks(self, isins: Set[str]) -> Marks:
        """Which of the shares are among `isins`."""
        if not isins:
            return np.zeros(len(self.shares), dtype=bool)
        return np.array([isin in isins for isin in self.isins], dtype=bool)

    def risks(self, book: Book) -> dict[str, tuple[float, float]]:
        """Weight and added volatility of each position by ISIN; empty where one is not known."""
        weights = _weights(book)
        at = self.together.columns(list(weights))
        if (at < 0).any():
            return {}
        values = np.array(list(weights.values()))
        added = risk_contributions(values, self.together.matrix[np.ix_(at, at)])
        return {isin: (weights[isin], float(one)) for isin, one in zip(weights, added, strict=True)}

    def pulled(self, book: Book) -> tuple[float, Floats]:
        """Variance of the book, and each share's covariance with it; NaN where not known."""
        unknown = np.full(len(self.shares), np.nan)
        weights = _weights(book)
        at = self.together.columns(list(weights))
        if (at < 0).any():
            return float("nan"), unknown
        matrix, here = self.together.matrix, self.columns >= 0
        if not weights:
            return 0.0, np.where(here, 0.0, np.nan)
        values = np.array(list(weights.values()))
        unknown[here] = matrix[np.ix_(self.columns[here], at)] @ values
        return float(values @ matrix[np.ix_(at, at)] @ values), unknown


def _weights(book: Book) -> dict[str, float]:
    """Signed fractions of equity by ISIN."""
    weights: dict[str, float] = {}
    for one in book.positions:
        weights[one.isin] = weights.get(one.isin, 0.0) + one.worth.share_of(book.equity)
    return weights
