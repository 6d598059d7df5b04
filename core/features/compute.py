"""Features of a whole panel, one share's own bars at a time, and of its last session alone.

A share that did not trade on a session has no features there; its next ones carry on from the
session it last traded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.signal import FeatureRow, fingerprint
from core.errors import NoData
from core.features.beside import Beside, carried
from core.features.definition import Own
from core.features.own_bars import Ints, OwnBars
from core.features.plan import Plan, plan
from core.features.table import TILT, VERSION, WORDS
from core.features.wide import Look
from core.panel import FIELDS, Floats, Panel

ENOUGH = "ret_60"  # the column without which a row is not used
NEEDED = WORDS[ENOUGH].warm_up  # sessions a share must have traded for it
NOTHING = Beside()
WHOLE = slice(None)


@dataclass(frozen=True, slots=True)
class FeaturePanel:
    """`values` has shape (n_sessions, n_instruments, n_features), float32, NaN for missing."""

    sessions: tuple[date, ...]
    isins: tuple[str, ...]
    names: tuple[str, ...]
    values: NDArray[np.float32]
    version: str = VERSION

    def column(self, name: str) -> NDArray[np.float32]:
        """One feature over sessions and instruments."""
        return self.values[:, :, self.names.index(name)]

    def last(self, count: int = 1) -> FeaturePanel:
        """The last sessions alone, values of their own."""
        return replace(self, sessions=self.sessions[-count:], values=self.values[-count:].copy())

    def with_tilt(self, tilt: Floats) -> FeaturePanel:
        """The same with another lean of filings and news, shape (n_sessions, n_instruments)."""
        values = self.values.copy()
        values[:, :, self.names.index(TILT)] = tilt
        return replace(self, values=values)


def compute(
    panel: Panel,
    *,
    tilt: Floats | None = None,
    beside: Beside | None = None,
    names: Sequence[str] | None = None,
    members: NDArray[np.bool_] | None = None,
) -> FeaturePanel:
    """Features of all sessions; row s uses nothing after session s's close.

    Args:
        tilt: lean of filings and news known by each close, shape (n_sessions, n_instruments).
        beside: what else was known by each close; columns of a part that is missing are NaN.
        names: the columns wanted, `MODEL_NAMES` unless told; `NAMES` has all.
        members: which shares take part on each session, all unless told; the others have no
            features there but for the tilt, and no rank, mean or spread counts them.

    Raises:
        BadInput: no column has such a name.
    """
    known = beside or NOTHING
    known.fits(panel)
    chosen, adjusted = plan(names), in_first_terms(panel, panel.factor[:1])
    values = np.empty((*panel.close.shape, len(chosen.made)), np.float32)
    traded, each = traded_in(adjusted), Sessions.of(adjusted, known)
    for column in range(len(panel.isins)):
        here = traded[:, column]
        if not here.any():
            values[:, column] = np.nan
            continue
        own = own_values(chosen.own, own_bars(adjusted, column, here, each))
        values[~here, column] = np.nan
        values[here, column, : len(chosen.own)] = own.T
    if members is not None:
        traded &= members
        values[~members] = np.nan
    look = look_at(panel, adjusted, known, chosen, values)
    fill_wide(values, chosen, look, traded, tilt)
    return FeaturePanel(
        panel.sessions, panel.isins, chosen.names, chosen.asked(values), chosen.version
    )


@dataclass(frozen=True, slots=True)
class Sessions:
    """Week, month and index level of each session, the last known level carried on."""

    week: Ints
    month: Ints
    index: Floats

    @classmethod
    def of(cls, adjusted: Panel, beside: Beside) -> Sessions:
        """Those of a panel; the index is NaN where none stands beside."""
        nothing = np.full(len(adjusted.sessions), np.nan)
        index = nothing if beside.index is None else carried(beside.index)
        return cls(*period_numbers(adjusted.sessions), index)


def in_first_terms(panel: Panel, first: Floats) -> Panel:
    """Prices and volumes in the share terms of the session whose factors `first` are.

    A split that comes later then changes no number of what came before, not in its last bit, on
    which an indicator may turn where two moves are equal to the tick.
    """
    return replace(panel, factor=panel.factor / first).adjusted()


def own_bars(adjusted: Panel, column: int, here: NDArray[np.bool_], each: Sessions) -> OwnBars:
    """One share's bars on the sessions on which it traded."""
    parts: dict[str, Any] = {
        name: np.ascontiguousarray(getattr(adjusted, name)[here, column]) for name in FIELDS
    }
    return OwnBars(**parts, week=each.week[here], month=each.month[here], index=each.index[here])


def own_values(
    columns: Iterable[Own], bars: OwnBars, *, at: slice | NDArray[np.intp] = WHOLE
) -> NDArray[np.float32]:
    """Columns of single shares over some bars, shape (n_columns, n_bars); NaN for no number.

    Args:
        at: keep the values of these bars alone.
    """
    wanted = tuple(columns)
    found = np.empty((len(wanted), len(bars.close[at])), np.float32)
    with np.errstate(all="ignore"):
        for place, one in enumerate(wanted):
            found[place] = one.calc(bars)[at]
    found[~np.isfinite(found)] = np.nan
    return found


def period_numbers(sessions: Sequence[date]) -> tuple[Ints, Ints]:
    """A number for the calendar week and the calendar month of each session."""
    days = np.array(sessions, dtype="datetime64[D]").astype(np.int64)
    months = np.array(sessions, dtype="datetime64[M]").astype(np.int64)
    return (days + 3) // 7, months  # day 0 was a Thursday; weeks begin on Mondays


def traded_in(adjusted: Panel) -> NDArray[np.bool_]:
    """Where a share has every part of a bar."""
    missing = np.zeros(adjusted.close.shape, dtype=np.bool_)
    for name in FIELDS:
        missing |= np.isnan(getattr(adjusted, name))
    return ~missing


def look_at(
    raw: Panel, adjusted: Panel, beside: Beside, chosen: Plan, values: NDArray[np.float32]
) -> Look:
    """What columns over all shares read, the rows of `values` being asked for."""
    places = {name: place for place, name in enumerate(chosen.made)}
    return Look(
        raw=raw,
        adjusted=adjusted,
        beside=beside,
        rows=len(values),
        own=lambda name: values[:, :, places[name]].astype(np.float64),
    )


def fill_wide(
    values: NDArray[np.float32],
    chosen: Plan,
    look: Look,
    traded: NDArray[np.bool_],
    tilt: Floats | None,
) -> None:
    """Columns over all shares, where a share traded; the tilt stands everywhere, 0 unless told."""
    with np.errstate(all="ignore"):
        for place, one in enumerate(chosen.wide, start=len(chosen.own)):
            if one.definition.name == TILT:
                values[:, :, place] = 0.0 if tilt is None else tilt
                continue
            found = one.calc(look).astype(np.float32)
            values[:, :, place] = np.where(traded & np.isfinite(found), found, np.nan)


def row(features: FeaturePanel, *, isin: str, session: date, as_of: datetime) -> FeatureRow:
    """One share's features of one session; raises NoData when there are none.

    The columns must hold `ENOUGH`, as those of every model do.
    """
    if session not in features.sessions or isin not in features.isins:
        raise NoData(
            f"{isin} has no features on {session}; there are {len(features.isins)} shares and "
            f"{len(features.sessions)} sessions, ask for one of those"
        )
    found = features.values[features.sessions.index(session), features.isins.index(isin)]
    if np.isnan(found[features.names.index(ENOUGH)]):
        raise NoData(
            f"{isin} did not trade on {session} or has under {NEEDED} sessions of prices by then; "
            "import more history"
        )
    values = tuple(float(value) for value in found)
    return FeatureRow(
        isin=isin,
        as_of=as_of,
        names=features.names,
        values=values,
        version=features.version,
        fingerprint=fingerprint(features.names, values, features.version),
    )
