"""Whether a share's stored prices are good enough for a card, read from what was checked.

Light enough for the worker's safe loop and for a click; the check itself is in `quality`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from core.domain.calendar import Calendar
from core.domain.quality import FLOOR, STANDING_SESSIONS, WHOLE
from core.store import quality as rows


@dataclass(frozen=True, slots=True)
class Standing:
    """A share's worst score over the sessions a card's numbers are made of.

    NaN while nothing was ever checked; `sentence` is the flaw behind it, or empty.
    """

    score: float
    sentence: str

    @property
    def blocks(self) -> bool:
        """Whether no new card may be written or approved."""
        return not self.score >= FLOOR

    @property
    def words(self) -> str:
        """The score against the floor, and why it is not whole."""
        if math.isnan(self.score):
            return self.sentence
        score = f"prices score {self.score:.0f} of {WHOLE}, the floor is {FLOOR}"
        return f"{score}; {self.sentence}" if self.sentence else score


WHOLE_STANDING = Standing(float(WHOLE), "")
NOT_CHECKED = Standing(
    float("nan"), "its bars were never checked; munim data quality --all does it"
)


def standings(tx: Session, calendar: Calendar, *, today: date) -> Mapping[str, Standing]:
    """By ISIN every share that is not whole; raises nothing for a store never checked."""
    found = rows.worst(tx, since=_since(calendar, today))
    return {isin: Standing(float(score), words) for isin, (score, words) in found.items()}


def standing(tx: Session, calendar: Calendar, isin: str, *, today: date) -> Standing:
    """One share's standing; NOT_CHECKED in a store whose bars were never looked at."""
    if not rows.checked(tx):
        return NOT_CHECKED
    found = rows.worst(tx, since=_since(calendar, today), isin=isin)
    if isin not in found:
        return WHOLE_STANDING
    score, words = found[isin]
    return Standing(float(score), words)


def _since(calendar: Calendar, today: date) -> date:
    last = today if calendar.is_session(today) else calendar.previous_session(today)
    return calendar.add_sessions(last, -STANDING_SESSIONS)
