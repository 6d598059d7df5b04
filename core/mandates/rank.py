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
    gain = expected_gain(slate)[kept]
    added = added_volatility(slate, mandate, book)[kept]
    order = _order(slate, kept, mandate.objective, gain, added)
    by_symbol = np.argsort(np.array([slate.shares[at].symbol for at in kept]), kind="stable")
    best = by_symbol[np.argsort(order[by_symbol], kind="stable")]
    said = len(best) if worded is None else worded
    return tuple(
        Ranked(
            number,
            slate.isins[kept[at]],
            slate.shares[kept[at]].symbol,
            _words(slate, mandate.objective, float(gain[at]), float(added[at]))
            if number <= said
            else "",
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


def _order(slate: Slate, kept: Places, objective: Objective, gain: Floats, added: Floats) -> Floats:
    """A number for each kept share, smallest first."""
    profit = _places(-gain)
    if objective is Objective.MAX_PROFIT:
        return profit
    risk = _places(added)
    if slate.is_measured:
        risk = _places(risk + _places(slate.p_stop[kept]))
    if objective is Objective.RISK_MINIMIZED:
        return risk
    return (profit + risk) / 2


def _places(values: Floats) -> Floats:
    """The place of each value, smallest 0; equal ones share a place and NaN comes last."""
    known = np.where(np.isnan(values), np.inf, values)
    _, places = np.unique(known, return_inverse=True)
    return places.astype(float)


def _words(slate: Slate, objective: Objective, gain: float, added: float) -> str:
    """What the order went by, for one share."""
    profit = (
        f"₹{decimal(gain)} expected after charges for each ₹1 at risk"
        if slate.is_measured
        else "by the rule's score, edge not measured"
    )
    risk = f"1 % of weight adds {pct(added / 100)} a year of volatility"
    risk += ", and how likely its stop comes first" if slate.is_measured else ""
    if objective is Objective.MAX_PROFIT:
        return profit
    return risk if objective is Objective.RISK_MINIMIZED else f"{profit}; {risk}"
