"""Features of the last session alone, without going through all that came before.

A column of finite memory is computed once over the last bars of all shares laid end to end, each
as many as the column's reach, and only each share's last value is kept. Before that every share is
put to one scale by its own last close, usual volume and index level, so that what little fades over
from the neighbour is as small as the share's own numbers. A share that has not enough bars for
this is computed by itself. The values are those of `compute` to float32's precision, not to its
last bit: sums that run on do not begin at the same bar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import NoData
from core.features.beside import Beside
from core.features.compute import (
    NOTHING,
    FeaturePanel,
    Sessions,
    fill_wide,
    in_first_terms,
    look_at,
    own_bars,
    own_values,
    traded_in,
)
from core.features.definition import Own
from core.features.own_bars import OwnBars
from core.features.plan import plan
from core.panel import FIELDS, Floats, Panel

REACHES = (20, 72, 144, 264, 400)
TAIL = REACHES[-1]
SPARE = 25  # sessions without trade among the last ones that a share may have
PRICES = FIELDS[:4]


def newest(
    panel: Panel,
    *,
    tilt: Floats | None = None,
    beside: Beside | None = None,
    names: Sequence[str] | None = None,
) -> FeaturePanel:
    """What `compute` says of the last session; takes what it takes.

    Args:
        tilt: shape (n_sessions, n_instruments) or (1, n_instruments).

    Raises:
        BadInput: no column has such a name.
        NoData: the panel has no session.
    """
    if not panel.sessions:
        raise NoData("features of the newest session need one session, the panel has 0")
    known = beside or NOTHING
    known.fits(panel)
    chosen = plan(names)
    rows = slice(-(TAIL + SPARE), None)
    raw = panel.since(panel.sessions[rows][0])
    first = panel.factor[:1]
    adjusted, near = in_first_terms(raw, first), known.rows(rows)
    traded = traded_in(adjusted)
    values = np.full((1, len(panel.isins), len(chosen.made)), np.nan, np.float32)
    together = traded[-1] & (traded.sum(axis=0) >= TAIL)
    if together.any():
        columns = np.flatnonzero(together)
        values[0, columns, : len(chosen.own)] = _together(
            chosen.own, adjusted, columns, traded, Sessions.of(adjusted, near)
        ).T
    alone = np.flatnonzero(traded[-1] & ~together)
    if alone.size:
        few = panel.only([panel.isins[column] for column in alone])
        values[0, alone, : len(chosen.own)] = _alone(chosen.own, few, known).T
    look = look_at(raw, adjusted, near, chosen, values)
    lean = None if tilt is None else tilt[-1:]
    fill_wide(values, chosen, look, traded[-1:], lean)
    return FeaturePanel(
        panel.sessions[-1:], panel.isins, chosen.names, chosen.asked(values), chosen.version
    )


def _alone(columns: Sequence[Own], panel: Panel, beside: Beside) -> NDArray[np.float32]:
    """The last values of shares with short histories, from all their bars."""
    adjusted = in_first_terms(panel, panel.factor[:1])
    traded, sessions = traded_in(adjusted), Sessions.of(adjusted, beside)
    found = np.full((len(columns), len(panel.isins)), np.nan, np.float32)
    for place in range(len(panel.isins)):
        bars = own_bars(adjusted, place, traded[:, place], sessions)
        found[:, place] = own_values(columns, bars)[:, -1]
    return found


def _together(
    columns: Sequence[Own],
    adjusted: Panel,
    shares: NDArray[np.intp],
    traded: NDArray[np.bool_],
    sessions: Sessions,
) -> NDArray[np.float32]:
    """The last values of shares whose last bars are all there, (n_columns, n_shares)."""
    places = np.stack([np.flatnonzero(traded[:, share])[-TAIL:] for share in shares])
    cells = {name: getattr(adjusted, name)[places, shares[:, None]] for name in FIELDS}
    cells["index"] = sessions.index[places]
    size = _power(cells["close"][:, -1:])
    for name in PRICES:
        cells[name] = cells[name] / size
    for name in ("volume", "index"):
        cells[name] = cells[name] / _power(cells[name].mean(axis=1, keepdims=True))
    periods = {"week": sessions.week[places], "month": sessions.month[places]}
    return _last_values(columns, {**cells, **periods})


def _last_values(columns: Sequence[Own], cells: Mapping[str, Any]) -> NDArray[np.float32]:
    """The last values over bars of shape (n_shares, TAIL), all shares end to end.

    Where the index is not known all along, its columns go share by share: a gap between two
    shares would spoil all that follow.
    """
    shares = len(cells["close"])
    found = np.empty((len(columns), shares), np.float32)
    unknown = np.isnan(cells["index"])
    holed = bool(unknown.any() and not unknown.all())
    for reach, of in _by_reach(columns):
        ends = np.arange(1, shares + 1) * reach - 1
        bars = OwnBars(**{name: part[:, -reach:].ravel() for name, part in cells.items()})
        found[of] = own_values([columns[place] for place in of], bars, at=ends)
    of = [at for at, one in enumerate(columns) if holed and one.definition.beside == "index"]
    for share in range(shares if of else 0):
        bars = OwnBars(**{name: part[share] for name, part in cells.items()})
        found[of, share] = own_values([columns[place] for place in of], bars)[:, -1]
    return found


def _power(sizes: Floats) -> Floats:
    """The power of two below each size, by which dividing changes no bit but the scale.

    Two moves that are equal to the tick stay equal, on which the direction indices turn.
    """
    return np.exp2(np.floor(np.log2(np.where(sizes > 0, sizes, 1.0))))


def _by_reach(columns: Sequence[Own]) -> Iterator[tuple[int, list[int]]]:
    """The places of the columns that a stretch of bars is long enough for, shortest first."""
    for below, reach in pairwise((0, *REACHES)):
        of = [place for place, one in enumerate(columns) if below < one.reach <= reach]
        if of:
            yield reach, of
