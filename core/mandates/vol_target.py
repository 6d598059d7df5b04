"""The weight that brings an account to its volatility target once every place is filled.

Where it is known how the share moves with the book, the places still free are taken to be filled
by shares of this volatility, as tied to the book as this one and to one another as shares usually
are; only so many places as fit under the limit of all positions. The last place then closes the
gap exactly. Where it is not known, a fixed correlation stands in for all pairs.
"""

from __future__ import annotations

import math

from core.domain.candidate import Candidate, Comovement
from core.domain.mandate import Mandate

PAIR_CORRELATION = 0.3
PAIRS_FLOOR = 0.05  # shares of one market are never taken to be less tied than this
OVER_TARGET = 1.10  # the book may stand this many times its target


def vol_target_weight(vol_target: float, vol: float, positions: int) -> float:
    """The weight at which `positions` alike ones reach the volatility target; 0 if `vol` is not."""
    if not math.isfinite(vol) or vol <= 0:
        return 0.0
    spread = math.sqrt(positions * (1 + (positions - 1) * PAIR_CORRELATION))
    return vol_target / (vol * spread)


def weight_to_target(
    vol_target: float, vol: float, moves: Comovement, *, places: int, side: int
) -> float:
    """The weight of one of `places` free places that brings the full book to its target.

    The variance of the book with all of them is `book + 2 n w c + n (1 + (n - 1) r) v w²`; the
    larger root is the answer, 0 where the book stands over its target whatever is added.

    Args:
        vol_target, vol: per year.
        places: positions the account may still open, this one included, at least 1.
        side: +1 for a buy, -1 for a short sale.
    """
    if not math.isfinite(vol) or vol <= 0 or places < 1:
        return 0.0
    pairs = max(PAIRS_FLOOR, moves.pairs if math.isfinite(moves.pairs) else PAIR_CORRELATION)
    a = places * (1 + (places - 1) * pairs) * vol**2
    b = places * side * moves.with_book
    room = b * b - a * (moves.book - vol_target**2)
    return max(0.0, (math.sqrt(room) - b) / a) if room >= 0 else 0.0


def vol_after(candidate: Candidate, weight: float) -> float | None:
    """Volatility per year of the book with `weight` more of the share, signed; None if unknown.

    NaN where a number it is made of is not known.
    """
    moves = candidate.moves
    if moves is None or not math.isfinite(candidate.vol):
        return None
    variance = moves.book + 2 * weight * moves.with_book + (weight * candidate.vol) ** 2
    return math.sqrt(max(0.0, variance)) if math.isfinite(variance) else math.nan


def target_weight(
    candidate: Candidate, mandate: Mandate, *, held: int, gross_left: float = math.inf
) -> float:
    """The weight the volatility target allows one candidate beside `held` open positions.

    Fewer places are counted where so many positions would not fit under the limit of all
    positions together: fewer and larger ones are less spread and need less in all.

    Args:
        gross_left: weight that all further positions together may still have.
    """
    moves = candidate.moves
    if moves is None:
        return vol_target_weight(mandate.vol_target, candidate.vol, mandate.positions_max)
    side = 1 if candidate.signal.direction >= 0 else -1
    places = max(1, mandate.positions_max - held)
    while True:
        weight = weight_to_target(
            mandate.vol_target, candidate.vol, moves, places=places, side=side
        )
        if places == 1 or places * min(weight, mandate.position_weight_max) <= gross_left:
            return weight
        places -= 1
