"""Two sources of one close: whose stands, and both kept when they differ.

The exchange's own file wins over a broker, a broker over a vendor; of two equals the one that
was there first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import SourceWrong
from core.providers.bar_run import ARRAYS, BarRun
from core.providers.catalog import rank_of

TOLERANCE: Final = 0.005  # the two exchanges' closes and rounded adjustments differ by less
OTHER_SHARE: Final = 0.05  # over this on most days it is another share or an unknown action


@dataclass(frozen=True, slots=True)
class Dispute:
    """Two sources gave one close differently, in raw rupees; the kept one stands."""

    isin: str
    session: date
    kept_source: str
    kept: float
    other_source: str
    other: float


@dataclass(frozen=True, slots=True)
class Stored:
    """A close that is in the store, in raw rupees, where it came from, and its ISIN that day."""

    close: float
    source: str
    isin: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What of a run goes to the store, and every close on which two sources differ.

    The run holds new bars and those that differ, so that the store keeps the losing one too.
    """

    run: BarRun
    disputes: tuple[Dispute, ...]


def settle(stored: Mapping[date, Stored], run: BarRun, *, isin: str) -> Settled:
    """Keep from a run what is new and what differs from a stored close.

    Args:
        run: raw daily bars.

    Raises:
        SourceWrong: on most days that both have, the run is far from what is stored.
    """
    _refuse_another_share(stored, run)
    keep: list[int] = []
    disputes: list[Dispute] = []
    for place, session in enumerate(run.sessions):
        there = stored.get(session)
        close = float(run.close[place])
        if there is None:
            keep.append(place)
            continue
        if apart(there.close, close) <= TOLERANCE:
            continue
        keep.append(place)
        wins = there.source == run.source or rank_of(run.source) < rank_of(there.source)
        ours, theirs = (run.source, close), (there.source, there.close)
        (kept_source, kept), (other_source, other) = (ours, theirs) if wins else (theirs, ours)
        disputes.append(Dispute(isin, session, kept_source, kept, other_source, other))
    return Settled(only(run, np.array(keep, dtype=np.intp)), tuple(disputes))


def apart(one: float, other: float) -> float:
    """How far two prices are apart, as a fraction of the first."""
    return abs(other / one - 1)


def only(run: BarRun, places: NDArray[np.intp]) -> BarRun:
    """Some of a run's bars."""
    parts: dict[str, Any] = {name: getattr(run, name)[places] for name in ARRAYS}
    return replace(run, **parts)


def _refuse_another_share(stored: Mapping[date, Stored], run: BarRun) -> None:
    both = [
        (session, stored[session].close, float(close))
        for session, close in zip(run.sessions, run.close, strict=True)
        if session in stored
    ]
    far = [row for row in both if apart(row[1], row[2]) > OTHER_SHARE]
    if len(both) >= 2 and len(far) * 2 > len(both):
        session, kept, given = far[-1]
        raise SourceWrong(
            f"{run.source}: {run.symbol} is far from the stored closes on {len(far)} of "
            f"{len(both)} sessions ({given:.2f} against {kept:.2f} on {session}); it is another "
            "share or a corporate action is not known yet, so nothing of it is stored"
        )
