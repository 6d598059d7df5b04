"""One share's forecast: its newest prediction and the range of its return, out of what is stored.

No model is loaded: the scan kept the probabilities, and the ranges stand in the model's manifest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.models import sheet
from core.domain.clock import ist_day
from core.domain.research import ModelVersion, Prediction
from core.errors import BadInput, NotFound
from core.models.conformal import HORIZONS, Coverage, Ranges, ranges_from
from core.store import bars, models, predictions

SESSIONS_MAX = HORIZONS[-1]


@dataclass(frozen=True, slots=True)
class Span:
    """The range of a return after some sessions, as fractions, with the coverage measured of it.

    `covered` is that of the nearest horizon that was measured, None where none was.
    """

    sessions: int
    low: float
    mid: float
    high: float
    covered: Coverage | None


@dataclass(frozen=True, slots=True)
class Newest:
    """Stored predictions by ISIN and the last session with bars that they could rest on."""

    by_isin: dict[str, Prediction]
    session: date | None

    def is_fresh(self, one: Prediction) -> bool:
        """Whether no session has closed since that it does not know."""
        return self.session is None or self.session < ist_day(one.as_of)


def newest(tx: Session, *, at: datetime) -> Newest:
    """What scans kept, and how new it could be."""
    done = [day for day in bars.sessions(tx) if day < ist_day(at)]
    found = {one.isin: one for one in predictions.latest(tx)}
    return Newest(found, done[-1] if done else None)


def ranges_of(desk: Desk, version: str) -> Ranges | None:
    """The return ranges of a model; None where it has none or is not to be used."""
    with desk.store.read() as tx:
        try:
            model: ModelVersion = models.by_version(tx, version)
        except NotFound:
            return None
    kept = sheet(desk, model).manifest.get("return_ranges")
    return None if kept is None else ranges_from(kept)


def spans(
    one: Prediction, ranges: Ranges | None, sessions: Sequence[int] = range(1, SESSIONS_MAX + 1)
) -> tuple[Span, ...]:
    """The ranges of one share after some sessions; empty where nothing was kept for them."""
    if ranges is None or one.swing is None:
        return ()
    return tuple(
        Span(count, *ranges.of(count, swing=one.swing), nearest(ranges, count))
        for count in sessions
    )


def nearest(ranges: Ranges, sessions: int) -> Coverage | None:
    """The coverage measured nearest to a horizon."""
    measured = [one for one in ranges.coverage if one.n]
    return min(measured, key=lambda one: abs(one.sessions - sessions), default=None)


def asked_sessions(days: int) -> int:
    """Sessions ahead that a person asked for; raises BadInput outside 1 to 30."""
    if not 1 <= days <= SESSIONS_MAX:
        raise BadInput(f"--days {days} is outside 1 to {SESSIONS_MAX} sessions; give one inside")
    return days
