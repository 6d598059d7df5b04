"""The weight that brings an account to its volatility target once every place is filled.

Where it is known how the share moves with the book, the places still free are taken to be filled
by shares of usual volatility that each take the same risk, as tied to the book as this one and to
one another as shares usually are; only so many places as fit under the limit of all positions. The
last place then closes the gap exactly. Where it is not known, a fixed correlation stands in for all
pairs.
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
    vol_target: float,
    vol: float,
    moves: Comovement,
    *,
    places: int,
    side: int,
    most: float = math.inf,
) -> float:
    """The weight of one of `places` free places that brings the full book to its target.

    The other places take the same risk, a share of usual volatility each, as far as one position
    may weigh. The larger root is the answer, 0 where the book stands over its target whatever is
    added.

    Args:
        vol_target, vol: per year.
        places: positions the account may still open, this one included, at least 1.
        side: +1 for a buy, -1 for a short sale.
        most: the most one position may weigh.
    """
    if not math.isfinite(vol) or vol <= 0 or places < 1:
        return 0.0
    pairs = max(PAIRS_FLOOR, moves.pairs if math.isfinite(moves.pairs) else PAIR_CORRELATION)
    tied = side * moves.with_book / vol  # with the book, for each unit of risk
    others, gap = places - 1, vol_target**2 - moves.book
    # book + 2 n t x + n (1 + (n - 1) r) x² is the variance with a risk of x in each of n places
    alike = _root(places * (1 + others * pairs), places * tied, gap)
    full = most * (moves.usual_vol if math.isfinite(moves.usual_vol) else vol)
    if others == 0 or alike <= full:
        return alike / vol
    # with the others at `full`, which is less than they would take, this place takes more
    rest = others * (1 + (others - 1) * pairs) * full**2 + 2 * others * tied * full
    return _root(1.0, tied + others * pairs * full, gap - rest) / vol


def _root(a: float, b: float, gap: float) -> float:
    """The larger root of a x² + 2 b x = gap, at least 0; 0 where there is none."""
    room = b * b + a * gap
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
    places, most = max(1, mandate.positions_max - held), mandate.position_weight_max
    calmer = candidate.vol / moves.usual_vol if moves.usual_vol > 0 else 1.0
    while True:
        weight = weight_to_target(
            mandate.vol_target, candidate.vol, moves, places=places, side=side, most=most
        )
        rest = (places - 1) * min(weight * calmer, most)  # shares of usual volatility, equal risk
        if places == 1 or min(weight, most) + rest <= gross_left:
            return weight
        places -= 1
