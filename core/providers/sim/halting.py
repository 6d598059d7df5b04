"""Market-wide halts of a simulated session: when the index has moved too far, nobody trades.

The index is the turnover-weighted move of all shares. Prices stand while a halt lasts; at its end
they meet where they would have been, as the reopening auction finds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from core.domain.halts import HaltTable, market_halt
from core.errors import OutsideCalendar
from core.providers.sim.hours import Hours
from core.providers.sim.streams import Floats, Ints

LEAST_MOVE = 0.10  # the first step of the rules; below nobody looks


@dataclass(frozen=True, slots=True)
class Stop:
    """One halt, in seconds of its session: `starts` included, `ends` not."""

    starts: int
    ends: int
    move_pct: int


def stops(
    prices: NDArray[np.int32],
    prev_close: Ints,
    weights: Floats,
    *,
    hours: Hours,
    tables: tuple[HaltTable, ...],
) -> tuple[Stop, ...]:
    """The session's halts, each step of the rules at most once; none before rules are loaded."""
    part = weights / weights.sum() / prev_close
    moves = prices[::60] @ part - 1.0  # a look a minute is soon enough to tell whether any is
    if np.abs(moves).max() < LEAST_MOVE * 0.9:
        return ()
    moves = np.round(np.asarray(prices @ part) - 1.0, 6)  # ten percent is ten percent
    found: list[Stop] = []
    second, reached = 0, 0
    while second < hours.plain_end:
        later = np.flatnonzero(np.abs(moves[second : hours.plain_end]) >= (reached + 5) / 100)
        far = later[np.abs(moves[second + later]) >= LEAST_MOVE] if later.size else later
        if not far.size:
            break
        second += int(far[0])
        at = hours.opens_at + timedelta(seconds=second)
        try:
            halt = market_halt(tables, move=float(moves[second]), at=at)
        except OutsideCalendar:
            break
        if halt is None:
            break
        rest = hours.plain_end
        ends = rest if halt.ends_at is None else second + int((halt.ends_at - at).total_seconds())
        found.append(Stop(second, min(ends, rest), halt.move_pct))
        reached, second = halt.move_pct, min(ends, rest)
    return tuple(found)


def held(prices: NDArray[np.int32], found: tuple[Stop, ...]) -> None:
    """Let prices stand through the halts, in place."""
    for one in found:
        prices[one.starts : one.ends] = prices[one.starts]
