"""Candidates in the order an objective wants them.

- Max profit: expected gain after charges for each rupee at risk. Where the edge is not measured
  the rule's own score stands in for it, and no percentage is said.
- Risk minimized: what the share would add to the book's volatility, least first; where odds are
  measured, its place in that order and its place by how likely the stop comes first count alike.
- Balanced: half the place by the first order, half the place by the second.

Equal shares stand by symbol. A preference for sectors orders what this leaves, see `prefer`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.candidate import Book
from core.domain.mandate import Mandate, Objective
from core.domain.words import decimal, pct
from core.mandates.slate import Slate
from core.panel import Floats

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate in its order; `words` say what put it there, empty far down the order."""

    place: int
    isin: str
    symbol: str
    words: str


def ranked(
    slate: Slate, kept: Places, mandate: Mandate, book: Book, *, worded: int | None = None
) -> tuple[Ranked, ...]:
    """The kept places of a slate in the order of the mandate's objective, best first.

    Args:
        worded: how many of them say what put them there, all when left out.
    """
    if not len(kept):
        return ()
    found = _orders(slate, kept, mandate, book)
    order = found.of(mandate.objective)
    by_symbol = np.argsort(np.array([slate.shares[at].symbol for at in kept]), kind="stable")
    best = by_symbol[np.argsort(order[by_symbol], kind="stable")]
    said = len(best) if worded is None else worded
    return tuple(
        Ranked(
            number,
            slate.isins[kept[at]],
            slate.shares[kept[at]].symbol,
            found.words(mandate.objective, int(at)) if number <= said else "",
        )
        for number, at in enumerate(best, start=1)
    )


def expected_gain(slate: Slate) -> Floats:
    """Rupees expected after charges for each rupee at risk; the rule's score where unmeasured."""
    if not slate.is_measured:
        return slate.score
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(slate.risk > 0, slate.edge / slate.risk, np.nan)


def added_volatility(slate: Slate, mandate: Mandate, book: Book) -> Floats:
    """Volatility a year that one unit of weight adds to the book, with a usual position of it.

    The derivative of the book's volatility by the share's weight, taken where the share has the
    weight of an equal part of a full book. Where it is not known how the share moves with the
    book, its own volatility.
    """
    weight = min(mandate.position_weight_max, 1.0 / mandate.positions_max)
    variance, pulled = slate.pulled(book)
    pull = slate.direction * pulled
    after = variance + 2 * weight * pull + (weight * slate.vol) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        added = (pull + weight * slate.vol**2) / np.sqrt(after)
    return np.where(np.isfinite(added), added, slate.vol)


@dataclass(frozen=True, slots=True)
class _Orders:
    """What the kept shares are ordered by; each array has shape (n,), places begin at 0.

    `stop` are the places by how likely the stop comes first, None where no odds are measured.
    """

    gain: Floats
    added: Floats
    p_stop: Floats
    profit: Floats
    calm: Floats
    stop: Floats | None

    @property
    def risk(self) -> Floats:
        return self.calm if self.stop is None else _places(self.calm + self.stop)

    def of(self, objective: Objective) -> Floats:
        """A number for each share, smallest first."""
        if objective is Objective.MAX_PROFIT:
            return self.profit
        if objective is Objective.RISK_MINIMIZED:
            return self.risk
        return (self.profit + self.risk) / 2

    def words(self, objective: Objective, at: int) -> str:
        """What the order went by, for one share: its figure, or the places that are summed."""
        gain = (
            f"by the rule's score {decimal(self.gain[at])}, edge not measured"
            if self.stop is None
            else f"₹{decimal(self.gain[at])} expected after charges for each ₹1 at risk"
        )
        adds = f"1 % of weight adds {pct(self.added[at] / 100, digits=3)} a year of volatility"
        if objective is Objective.MAX_PROFIT:
            return gain
        if objective is Objective.RISK_MINIMIZED and self.stop is None:
            return adds
        if objective is Objective.BALANCED:
            gains, risks = int(self.profit[at]) + 1, int(self.risk[at]) + 1
            whole = f"place {gains} by gain and {risks} by risk, {gains + risks} together"
            return f"{whole}: {gain}; {adds}{self._stop_words(at)}"
        stops = self.calm if self.stop is None else self.stop
        calm, stop = int(self.calm[at]) + 1, int(stops[at]) + 1
        whole = f"place {calm} by volatility and {stop} by its stop, {calm + stop} together"
        return f"{whole}: {adds}{self._stop_words(at)}"

    def _stop_words(self, at: int) -> str:
        return "" if self.stop is None else f", its stop comes first {pct(self.p_stop[at])}"


def _orders(slate: Slate, kept: Places, mandate: Mandate, book: Book) -> _Orders:
    gain = expected_gain(slate)[kept]
    added = added_volatility(slate, mandate, book)[kept]
    p_stop = slate.p_stop[kept]
    stop = _places(p_stop) if slate.is_measured else None
    return _Orders(gain, added, p_stop, _places(-gain), _places(added), stop)


def _places(values: Floats) -> Floats:
    """The place of each value, smallest 0; equal ones share a place and NaN comes last."""
    known = np.where(np.isnan(values), np.inf, values)
    _, places = np.unique(known, return_inverse=True)
    return places.astype(float)
