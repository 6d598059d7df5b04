"""Columns that need more than one share's bars: ranks, dates, events, flows, options.

A share that did not trade on a session has none of them there, but for the tilt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.features.beside import Beside
from core.features.definition import Definition
from core.panel import Floats, Panel


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a wide column may look at.

    `raw` and `adjusted` are the sessions looked at, `beside` has as many; the last `rows` of them
    are asked for. `own` gives a column of single shares over those rows, (rows, n_instruments).
    """

    raw: Panel
    adjusted: Panel
    beside: Beside
    rows: int
    own: Callable[[str], Floats]

    @property
    def days(self) -> tuple[date, ...]:
        """The sessions asked for."""
        return self.raw.sessions[-self.rows :]

    @property
    def none(self) -> Floats:
        """Missing throughout."""
        return np.full((self.rows, len(self.raw.isins)), np.nan)

    def of(self, part: str, make: Callable[[Floats], Floats]) -> Floats:
        """What `make` gives for a part that stands beside, over the rows asked for.

        Missing throughout where the part is not there. A market's series gives every share the
        same.
        """
        series: Floats | None = getattr(self.beside, part)
        if series is None:
            return self.none
        found = make(series)[-self.rows :]
        return found if found.ndim == 2 else np.repeat(found[:, None], len(self.raw.isins), axis=1)


Make = Callable[[Look], Floats]


@dataclass(frozen=True, slots=True)
class Wide:
    """A column over all shares; `needs` names the columns of single shares that it reads."""

    definition: Definition
    calc: Make
    needs: tuple[str, ...] = ()


def wide(
    name: str,
    group: str,
    words: str,
    warm_up: int,
    calc: Make,
    *,
    needs: tuple[str, ...] = (),
    percent: bool = False,
    beside: str = "",
    version: int = 1,
) -> Wide:
    """A column over all shares; its warm-up counts sessions."""
    made = Definition(name, group, words, warm_up, percent, version, beside=beside)
    return Wide(made, calc, needs)


def known_mean(series: Floats, sessions: int) -> Floats:
    """Mean of the known values of the last sessions; NaN where fewer than half are known.

    Args:
        series: shape (n_sessions,) or (n_sessions, n), NaN where not known.
    """
    known = ~np.isnan(series)
    count = _over_last(known.astype(np.float64), sessions)
    summed = _over_last(np.where(known, series, 0.0), sessions)
    return np.where(count >= (sessions + 1) // 2, summed / np.maximum(count, 1.0), np.nan)


def known_deviation(series: Floats, sessions: int) -> Floats:
    """Standard deviation of the known values of the last sessions, by the same rule."""
    mean = known_mean(series, sessions)
    return np.sqrt(np.maximum(known_mean(series**2, sessions) - mean**2, 0.0))


def known_place(series: Floats, sessions: int) -> Floats:
    """Place of each value between the lowest and highest of the last sessions, in [0, 1].

    NaN where fewer than half of them are known, or all are the same.
    """
    out = np.full(series.shape, np.nan)
    if not len(series):
        return out
    padded = np.concatenate([np.full((sessions - 1, *series.shape[1:]), np.nan), series])
    seen = sliding_window_view(padded, sessions, axis=0)
    low = np.fmin.reduce(seen, axis=-1)
    high = np.fmax.reduce(seen, axis=-1)
    enough = (~np.isnan(seen)).sum(axis=-1) >= (sessions + 1) // 2
    np.divide(series - low, high - low, out=out, where=enough & (high > low))
    return out


def before(series: Floats, sessions: int) -> Floats:
    """The value so many sessions before."""
    out = np.full(series.shape, np.nan)
    out[sessions:] = series[:-sessions]
    return out


def summed(series: Floats, sessions: int) -> Floats:
    """Sum over the last sessions; NaN unless every one of them is known."""
    known = ~np.isnan(series)
    count = _over_last(known.astype(np.float64), sessions)
    found = _over_last(np.where(known, series, 0.0), sessions)
    return np.where(count == sessions, found, np.nan)


def _over_last(series: Floats, sessions: int) -> Floats:
    upto = np.cumsum(series, axis=0)
    upto[sessions:] = upto[sessions:] - upto[:-sessions]
    return upto
