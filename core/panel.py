"""Prices as arrays: sessions down, instruments across. The type research speaks.

Missing is NaN, never zero. Prices are raw rupees as float64; `factor` divides a price (and
multiplies a volume) into the share terms of the day the panel was read as of, which is its last
session unless another was named; it is 1.0 where nothing happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.domain.action import ActionStatus, Factor
from core.domain.clock import ist_day
from core.errors import NoData, NotFound

FIELDS = ("open", "high", "low", "close", "volume")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Panel:
    """Daily bars; each array has shape (n_sessions, n_instruments), oldest session first."""

    sessions: tuple[date, ...]
    isins: tuple[str, ...]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    factor: Floats

    def __post_init__(self) -> None:
        shape = (len(self.sessions), len(self.isins))
        for name in (*FIELDS, "factor"):
            found = getattr(self, name).shape
            if found != shape:
                raise ValueError(f"panel {name} has shape {found}, sessions and isins say {shape}")

    @property
    def turnover(self) -> Floats:
        """Rupees traded a session, close times volume."""
        return self.close * self.volume

    def column(self, isin: str) -> int:
        """Where an instrument stands; raises NotFound."""
        try:
            return self.isins.index(isin)
        except ValueError:
            raise NotFound(f"{isin} is not among the panel's {len(self.isins)} ISINs") from None

    def only(self, isins: Sequence[str]) -> Panel:
        """The same sessions for some instruments, in the order asked."""
        columns = [self.column(isin) for isin in isins]
        return self._take(isins=tuple(isins), columns=np.asarray(columns, dtype=np.intp))

    def until(self, last: date) -> Panel:
        """Sessions up to and including `last`."""
        stop = sum(1 for session in self.sessions if session <= last)
        return self._rows(slice(0, stop))

    def since(self, first: date) -> Panel:
        """Sessions from `first` on."""
        start = sum(1 for session in self.sessions if session < first)
        return self._rows(slice(start, None))

    def adjusted(self) -> Panel:
        """Prices divided and volumes multiplied into the last session's share terms."""
        return replace(
            self,
            open=self.open / self.factor,
            high=self.high / self.factor,
            low=self.low / self.factor,
            close=self.close / self.factor,
            volume=self.volume * self.factor,
            factor=np.ones_like(self.factor),
        )

    def _take(self, *, isins: tuple[str, ...], columns: NDArray[np.intp]) -> Panel:
        parts = {name: getattr(self, name)[:, columns] for name in (*FIELDS, "factor")}
        return Panel(sessions=self.sessions, isins=isins, **parts)

    def _rows(self, rows: slice) -> Panel:
        parts = {name: getattr(self, name)[rows] for name in (*FIELDS, "factor")}
        return Panel(sessions=self.sessions[rows], isins=self.isins, **parts)


@dataclass(frozen=True, slots=True)
class IntradayBars:
    """Bars of one share or index inside the day, oldest first; all arrays have shape (n_bars,).

    `key` is an ISIN or an index's name, `start` the second a bar begins since 1970 in UTC, and
    `close` the bar's last trade, which on the last bar of a day is not the official close.
    """

    key: str
    minutes: int
    start: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.start)

    def __post_init__(self) -> None:
        if self.minutes <= 0:
            raise ValueError(f"{self.key}: bars of {self.minutes} minutes; give 1 or more")
        for name in FIELDS:
            if getattr(self, name).shape != self.start.shape:
                raise ValueError(f"{self.key}: {name} and start are of different length")
        if len(self.start) > 1 and not (np.diff(self.start) > 0).all():
            raise ValueError(f"{self.key}: bars must be given once each, oldest first")

    def where(self, kept: NDArray[np.bool_] | slice) -> IntradayBars:
        """Some of the bars."""
        parts = {name: getattr(self, name)[kept] for name in ("start", *FIELDS)}
        return IntradayBars(self.key, self.minutes, **parts)


def factor_grid(
    sessions: Sequence[date],
    columns: Mapping[str, int],
    factors: Iterable[Factor],
    *,
    as_of: date,
) -> Floats:
    """What divides each cell into the share terms of `as_of`, shape (n_sessions, n columns).

    A factor counts when it is confirmed, its ex-date is not after `as_of`, and it was known by
    the end of that day: nothing that came later changes a view. Factors of ISINs that are not
    among `columns` are left aside.
    """
    grid = np.ones((len(sessions), max(columns.values(), default=-1) + 1))
    days = np.array(sessions, dtype="datetime64[D]")
    for one in factors:
        column = columns.get(one.isin)
        if column is not None and counts(one, as_of):
            grid[: int(np.searchsorted(days, np.datetime64(one.ex_date))), column] *= one.divisor
    return grid


def counts(factor: Factor, as_of: date, status: ActionStatus = ActionStatus.CONFIRMED) -> bool:
    """Whether a factor of a status had happened and was known by the end of `as_of`."""
    happened = factor.ex_date <= as_of and ist_day(factor.known_at) <= as_of
    return factor.status is status and happened


class PanelSource(Protocol):
    """Gives daily bars."""

    def bars(self, isins: Sequence[str], start: date, end: date) -> Panel:
        """Bars of the sessions from `start` to `end`, both included."""


def append(panel: Panel, later: Panel) -> Panel:
    """Two panels of the same instruments, one after the other; sessions must not overlap."""
    if panel.isins != later.isins:
        later = later.only(panel.isins)
    if panel.sessions and later.sessions and later.sessions[0] <= panel.sessions[-1]:
        raise NoData(
            f"bars from {later.sessions[0]} cannot follow bars up to {panel.sessions[-1]}; "
            "give only later sessions"
        )
    parts = {
        name: np.vstack([getattr(panel, name), getattr(later, name)])
        for name in (*FIELDS, "factor")
    }
    return Panel(sessions=panel.sessions + later.sessions, isins=panel.isins, **parts)
