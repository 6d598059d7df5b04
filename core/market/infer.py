"""Price breaks between raw bars that look like a corporate action and not like the market.

A share that splits 1 into 5 opens at a fifth, and its turnover in rupees stays what it was. A
share that crashes opens on a crowd: turnover many times the usual, or none at all because it is
locked at its band. So a break is an action when, the market's own move removed, it is near a
simple ratio, the day's turnover is ordinary, the close and the next session stay there, and no
hole in the bars hides what happened. A large break near no simple ratio is taken for a demerger.

What is found is a suggestion with status INFERRED, for a person to accept or refuse. A dividend
can look like a small bonus; give the days on which one is known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.domain.action import ActionKind
from core.panel import Floats, Panel

# log distance from a simple ratio: a share's own overnight move, the market's already removed;
# ratios from 8 on stand so far apart that a wider one cannot mistake them
HUGE, LARGE, MIDDLE, FIFTH, SMALL = 8.0, 1.9, 1.3, 1.15, 1.09
NEAR = {HUGE: 0.12, LARGE: 0.055, MIDDLE: 0.04, SMALL: 0.02}
# the day's turnover over the median of the 20 before; a crash trades a multiple of it
TURNOVER_MIN = 0.2
# of it; the smallest ratios are also what a rich dividend or results make on a busy day
TURNOVER_MAX = {HUGE: 20.0, LARGE: 20.0, MIDDLE: 6.0, FIFTH: 2.5, SMALL: 1.6}
RECENT, RECENT_NEEDED = 20, 5  # sessions that say what is usual
UNUSUAL = 2.0  # a small gap says something at this multiple of the share's largest one
CALM = 0.02  # on a day when the market opened farther away, a small gap says nothing
HOLE_DAYS = 7  # calendar days without a bar, longer than any run of holidays
NEXT_MAX = 0.25  # a bad tick is gone the next session, and its end is no action either
LOCKED = 0.005  # a day's range this narrow after a fall is a share locked at its band
MARKET_SHARES = 5  # a median of fewer says little about the market

# one ratio stands once: up to 3 it is mostly a bonus, beyond mostly a split
SPLITS = ((4, 1), (5, 1), (10, 1), (20, 1), (50, 1), (100, 1))
CONSOLIDATIONS = (2, 5, 10, 20, 50, 100)
BONUSES = ((1, 10), (1, 8), (1, 6), (1, 5), (1, 4), (1, 3), (1, 2), (1, 1), (3, 2), (2, 1), (5, 1))
SHAPES = (
    *((ActionKind.BONUS, new, old, 1.0 + new / old) for new, old in BONUSES),
    *((ActionKind.SPLIT, new, old, new / old) for new, old in SPLITS),
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A break between two sessions and what it looks like.

    `seen` is the divisor the prices show with the market's move removed, `divisor` the simple
    ratio nearest to it (the same as `seen` for a demerger). `confirmed_on` is the session whose
    close made it known. `turnover` is in multiples of the usual.
    """

    isin: str
    ex_date: date
    confirmed_on: date
    kind: ActionKind
    new: int
    old: int
    divisor: float
    seen: float
    turnover: float


def infer(
    panel: Panel,
    *,
    market: Floats | None = None,
    dividends: Collection[tuple[str, date]] = (),
) -> list[Guess]:
    """Every break that looks like an action, oldest first.

    Args:
        panel: raw bars; factors in it count as explained already.
        market: log moves from close to open, shape (n_sessions,); None takes the median of the
            panel's shares, and no move where it has fewer than MARKET_SHARES.
        dividends: ISINs and ex-dates of known dividends, which explain a small fall.
    """
    moves = _Moves.of(panel)
    whole = market_moves(moves.gap) if market is None else market
    gaps = moves.gap - whole[:, None]
    found = []
    beyond = np.abs(gaps) > np.log(SMALL)
    calm = np.abs(whole)[:, None] <= CALM
    beyond &= calm | (np.abs(gaps) > np.log(MIDDLE))
    for row, column in np.argwhere(np.isfinite(gaps) & beyond):
        guess = _guess(panel, moves, gaps, int(row), int(column))
        if guess is None:
            continue
        paid = (guess.isin, guess.ex_date) in dividends
        if not (paid and guess.divisor < MIDDLE):
            found.append(guess)
    return sorted(found, key=lambda one: (one.ex_date, one.isin))


def market_moves(gaps: Floats) -> Floats:
    """The median log move of a session's shares; 0 where fewer than MARKET_SHARES have one."""
    known = np.isfinite(gaps).sum(axis=1)
    moves = np.zeros(len(gaps))
    enough = known >= MARKET_SHARES
    if enough.any():
        moves[enough] = np.nanmedian(gaps[enough], axis=1)
    return moves


@dataclass(frozen=True, slots=True)
class _Moves:
    """Per cell: log open over last close, the row of that close, and rupee turnover."""

    gap: Floats
    before: NDArray[np.intp]
    turnover: Floats
    days: NDArray[np.datetime64]
    close: Floats

    @classmethod
    def of(cls, panel: Panel) -> _Moves:
        close, opens = panel.close / panel.factor, panel.open / panel.factor
        here = np.isfinite(close)
        rows = np.where(here, np.arange(len(close))[:, None], -1)
        last = np.maximum.accumulate(rows, axis=0)
        before = np.vstack([np.full((1, close.shape[1]), -1), last[:-1]]).astype(np.intp)
        cum = np.take_along_axis(close, np.maximum(before, 0), axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            gap = np.where(before >= 0, np.log(opens / cum), np.nan)
        days = np.array(panel.sessions, dtype="datetime64[D]")
        return cls(gap, before, panel.turnover, days, close)


def _guess(panel: Panel, moves: _Moves, gaps: Floats, row: int, column: int) -> Guess | None:
    seen = float(np.exp(-gaps[row, column]))
    size = max(seen, 1.0 / seen)
    after = _next_row(moves.close, row, column)
    before = int(moves.before[row, column])
    hole = moves.days[row] - moves.days[before] > np.timedelta64(HOLE_DAYS, "D")
    turnover = _turnover(moves.turnover[:, column], row)
    if after is None or hole or not _ordinary(turnover, size):
        return None
    if not _unusual(gaps[:, column], row, size):
        return None
    if not _stays(moves, gaps, row, column, after) or _locked(panel, row, column, size):
        return None
    shape = _shape(seen)
    if shape is None:
        return None
    kind, new, old, divisor = shape
    return Guess(
        isin=panel.isins[column],
        ex_date=panel.sessions[row],
        confirmed_on=panel.sessions[after],
        kind=kind,
        new=new,
        old=old,
        divisor=divisor,
        seen=seen,
        turnover=turnover,
    )


def _shape(seen: float) -> tuple[ActionKind, int, int, float] | None:
    """Kind, ratio and divisor that a break looks like, or None for a market move."""
    if seen < 1.0:
        into = min(CONSOLIDATIONS, key=lambda ratio: abs(np.log(seen * ratio)))
        near = seen <= 1.0 / LARGE and abs(np.log(seen * into)) <= _by_size(1.0 / seen, NEAR)
        return (ActionKind.CONSOLIDATION, 1, into, 1.0 / into) if near else None
    best = min(SHAPES, key=lambda one: abs(float(np.log(seen / one[3]))))
    if abs(np.log(seen / best[3])) <= _by_size(seen, NEAR):
        return best
    return (ActionKind.DEMERGER, 0, 0, seen) if seen >= MIDDLE else None


def _by_size(size: float, table: Mapping[float, float]) -> float:
    """The number that goes with the largest step not above a size."""
    return next((value for step, value in table.items() if size >= step), table[SMALL])


def _unusual(gaps: Floats, row: int, size: float) -> bool:
    """Whether a small gap is far beyond what the share did overnight before."""
    past = np.abs(gaps[max(0, row - RECENT) : row])
    past = past[np.isfinite(past)]
    if size >= MIDDLE:
        return True
    return past.size >= RECENT_NEEDED and bool(np.log(size) >= UNUSUAL * past.max())


def _turnover(turnover: Floats, row: int) -> float:
    """A session's turnover over the median of those before; NaN with too few of them."""
    past = turnover[max(0, row - RECENT) : row]
    past = past[np.isfinite(past)]
    if past.size < RECENT_NEEDED or not np.median(past) > 0:
        return float("nan")
    return float(turnover[row] / np.median(past))


def _ordinary(turnover: float, size: float) -> bool:
    return TURNOVER_MIN <= turnover <= _by_size(size, TURNOVER_MAX)


def _stays(moves: _Moves, gaps: Floats, row: int, column: int, after: int) -> bool:
    """Whether the close keeps most of the gap, and the sessions on both sides lead up to it."""
    close = moves.close[:, column]
    kept = float(np.log(close[row] / close[moves.before[row, column]]))
    gap = float(gaps[row, column])
    same = abs(kept) >= 0.6 * abs(gap) and kept * gap > 0
    before = moves.before[row, column]
    earlier = moves.before[before, column]
    led_up = earlier < 0 or abs(close[before] / close[earlier] - 1.0) <= NEXT_MAX
    return same and bool(led_up and abs(close[after] / close[row] - 1.0) <= NEXT_MAX)


def _locked(panel: Panel, row: int, column: int, size: float) -> bool:
    high, low = panel.high[row, column], panel.low[row, column]
    return size < LARGE and bool(high / low - 1.0 < LOCKED)


def _next_row(close: Floats, row: int, column: int) -> int | None:
    later = np.flatnonzero(np.isfinite(close[row + 1 :, column]))
    return row + 1 + int(later[0]) if later.size else None
