"""How wide a move is: what each share's past says its price of now must be compared with.

The past is finished sessions only; the price of now comes from outside and may be of any second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import NoData
from core.panel import Floats, Panel

SHORT, LONG, YEAR, USUAL = 50, 200, 252, 20  # sessions


@dataclass(frozen=True, slots=True)
class Past:
    """Numbers of each share over its newest finished sessions, shape (n_instruments,).

    Prices are in the panel's last share terms; NaN where a share has fewer sessions than asked.
    `usual_volume` is the median of a whole session, in shares.
    """

    isins: tuple[str, ...]
    mean_short: Floats
    mean_long: Floats
    high: Floats
    low: Floats
    usual_volume: Floats


@dataclass(frozen=True, slots=True)
class Breadth:
    """Counts of shares; each `of_` says among how many it was counted."""

    advances: int
    declines: int
    unchanged: int
    above_short: int
    of_short: int
    above_long: int
    of_long: int
    new_highs: int
    new_lows: int
    of_year: int


def past(panel: Panel) -> Past:
    """What the last year says, from raw bars with their factors; raises NoData without any."""
    if not panel.sessions:
        raise NoData("breadth needs 1 session at least, was given 0; import or fetch bars first")
    whole = panel.adjusted()
    return Past(
        isins=panel.isins,
        mean_short=_last(np.mean, whole.close, SHORT),
        mean_long=_last(np.mean, whole.close, LONG),
        high=_last(np.max, whole.high, YEAR),
        low=_last(np.min, whole.low, YEAR),
        usual_volume=_last(np.median, whole.volume, USUAL),
    )


def breadth(
    known: Past, *, price: Floats, prev_close: Floats, high: Floats, low: Floats
) -> Breadth:
    """Count shares by their price of now, in the order of `known.isins`; NaN is not counted."""
    moved = np.sign(price - prev_close)
    short, long_ = _both(price, known.mean_short), _both(price, known.mean_long)
    year = _both(price, known.high)
    return Breadth(
        advances=int((moved > 0).sum()),
        declines=int((moved < 0).sum()),
        unchanged=int((moved == 0).sum()),
        above_short=int((price > known.mean_short)[short].sum()),
        of_short=int(short.sum()),
        above_long=int((price > known.mean_long)[long_].sum()),
        of_long=int(long_.sum()),
        new_highs=int((high > known.high)[year].sum()),
        new_lows=int((low < known.low)[year].sum()),
        of_year=int(year.sum()),
    )


def _both(one: Floats, other: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.isfinite(one) & np.isfinite(other)


def _last(of: Callable[[Floats], Any], values: Floats, count: int) -> Floats:
    """A number over each share's last `count` known values; NaN where it has fewer."""
    found = np.full(values.shape[1], np.nan)
    for column in range(values.shape[1]):
        known = values[:, column]
        known = known[np.isfinite(known)][-count:]
        if len(known) == count:
            found[column] = of(known)
    return found
