"""One share's forecast: its newest prediction and the range of its return, out of what is stored.

No model is loaded: the scan kept the probabilities, and the ranges stand in the model's manifest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.models import sheet
from core.domain.clock import ist_day
from core.domain.research import ModelVersion, Prediction
from core.domain.words import day
from core.errors import BadInput, NotFound
from core.models.conformal import HORIZONS, Coverage, Ranges, ranges_from
from core.store import bars, instruments, models, predictions

SESSIONS_MAX = HORIZONS[-1]
NEEDS = 60  # sessions before the last one, as `core.models.predict` asks for


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
    """Stored predictions by ISIN, when the newest scan made its own, and what they could rest on.

    `session` is the last one with bars and `version` the model in use, "" while there is none.
    """

    by_isin: dict[str, Prediction]
    scanned_at: datetime | None
    session: date | None
    version: str

    def is_fresh(self, one: Prediction) -> bool:
        """Whether the model in use made it, and no session has closed since."""
        closed = self.session is not None and self.session >= ist_day(one.as_of)
        return not closed and one.model_version == self.version


def newest(tx: Session, *, at: datetime) -> Newest:
    """What scans kept, and how new it could be."""
    done = [one for one in bars.sessions(tx) if one < ist_day(at)]
    found = {one.isin: one for one in predictions.latest(tx)}
    scanned_at = max((one.as_of for one in found.values()), default=None)
    model = models.current(tx, "primary")
    return Newest(found, scanned_at, done[-1] if done else None, model.version if model else "")


def why_absent(tx: Session, symbol: str, *, at: datetime) -> str:
    """Why a share has no prediction of now, one clause; raises NotFound where nobody lists it."""
    share = instruments.by_symbol(tx, symbol)
    if not share.is_traded:
        return f"{share.symbol} is not among the shares the desk trades"
    last = bars.last_session(tx)
    try:
        told = bars.provenance(tx, share.isin)
    except NotFound:
        return f"no prices of {share.symbol} are stored"
    if told.rows <= NEEDS:
        return f"{share.symbol} has {told.rows} sessions of prices and {NEEDS + 1} are needed"
    if last is not None and told.last < min(last, ist_day(at) - timedelta(days=1)):
        return f"{share.symbol} last traded on {day(told.last)}, and prices reach to {day(last)}"
    if predictions.newest_at(tx) is None:
        return "no scan was made yet; the next one makes them"
    return f"{share.symbol} lacks prices in its last {NEEDS} sessions, or came after the last scan"


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
