"""What was predicted for one share, session by session, and what came of it.

Outcomes are the labels' own (`core.models.barriers`): entered at the open after the prediction's
last known session, with its barriers in ATR. Of a session's predictions the first counts, since
later ones know news of hours that the open did not. Outcomes are worked out from the bars when
asked for, in the share terms of today, so that a bar that comes late or is mended counts at once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from core.domain.clock import ist_day
from core.domain.research import Prediction
from core.models.barriers import ATR_SPAN, BARRIERS, label
from core.panel import Panel
from core.store import bars, predictions

LOOK_BACK = timedelta(days=240)
BEFORE = timedelta(days=3 * ATR_SPAN)  # of bars, so that the first prediction has its ATR
OUTCOMES = {1: "target", -1: "stop", 0: "time"}


@dataclass(frozen=True, slots=True)
class Foretold:
    """The first prediction from the bars up to `session`; `outcome` is "" while it is not over.

    `left` is the return after costs as a fraction, None while it is not over. `is_ripe` says that
    all sessions of its horizon are past; before that only the quick outcomes are known.
    """

    said: Prediction
    session: date
    outcome: str
    left_on: date | None
    left: float | None
    is_ripe: bool = True


def foretold(tx: Session, isin: str, *, at: datetime) -> list[Foretold]:
    """Predictions of the last eight months, one a session, newest first."""
    moments = predictions.moments_of_isin(tx, isin, since=at - LOOK_BACK)
    if not moments:
        return []
    first, last = ist_day(moments[0]), ist_day(at)
    if not bars.with_bars(tx, [isin], until=last):
        return []
    panel = bars.read_panel(tx, [isin], start=first - BEFORE, end=last)
    chosen = _first_of_each(panel.sessions, moments)
    said = {one.as_of: one for one in predictions.made_at(tx, isin, list(chosen.values()))}
    ends = _ends(panel)
    ripe = set(panel.sessions[: -BARRIERS[2]])
    return [
        _one(said[chosen[session]], session, ends, is_ripe=session in ripe)
        for session in sorted(chosen, reverse=True)
    ]


def _first_of_each(sessions: Sequence[date], moments: Sequence[datetime]) -> dict[date, datetime]:
    """The first moment that rests on each session, which is the last one before its day."""
    found: dict[date, datetime] = {}
    for moment in moments:
        place = bisect_left(sessions, ist_day(moment))
        if place:
            found.setdefault(sessions[place - 1], moment)
    return found


def _ends(panel: Panel) -> Mapping[date, tuple[str, date, float]]:
    """How an entry after each session ended: outcome, the session that decided, the return."""
    labels = label(panel)
    return {
        session: (
            OUTCOMES[int(labels.outcome[place, 0])],
            panel.sessions[int(labels.ends[place, 0])],
            float(labels.returns[place, 0]),
        )
        for place, session in enumerate(panel.sessions)
        if int(labels.outcome[place, 0]) in OUTCOMES
    }


def _one(
    said: Prediction,
    session: date,
    ends: Mapping[date, tuple[str, date, float]],
    *,
    is_ripe: bool,
) -> Foretold:
    outcome, left_on, left = ends.get(session, ("", None, None))
    return Foretold(said, session, outcome, left_on, left, is_ripe)
