"""The seconds of one session: when it opens, when continuous trading and the auction end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from core.domain.calendar import Calendar, Phase
from core.domain.clock import IST
from core.providers.sim.streams import Floats

MINUTES_SCANNED = 8 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """Seconds after `opens_at`; a share with derivatives closes by auction where there is one."""

    opens_at: datetime
    plain_end: int
    auction_from: int
    auction_end: int

    @property
    def end(self) -> int:
        """The last second at which any price changes."""
        return max(self.plain_end, self.auction_end)

    @property
    def closes_at(self) -> datetime:
        """When the last price of the session stands."""
        return self.opens_at + timedelta(seconds=self.end)

    def second_of(self, at: datetime) -> int:
        """Whole seconds since the open, held inside the session."""
        return min(max(int((at - self.opens_at).total_seconds()), 0), self.end)

    def place_of(self, day: date, second: int) -> int:
        """Where a moment, in seconds after midnight of `day`, falls; at least one second in."""
        at = midnight(day) + timedelta(seconds=second)
        return max(1, self.second_of(at))


def midnight(day: date) -> datetime:
    """The first moment of a day in India."""
    return datetime(day.year, day.month, day.day, tzinfo=IST)


def hours_of(calendar: Calendar, day: date) -> Hours:
    """Read one session's hours off the calendar's phases, minute by minute."""
    opens_at = calendar.session(day).opens_at.astimezone(IST)
    plain_end = auction_from = auction_end = 0
    for minute in range(MINUTES_SCANNED):
        at = opens_at + timedelta(minutes=minute)
        if calendar.phase(at, has_derivatives=False) is Phase.CONTINUOUS:
            plain_end = minute + 1
        phase = calendar.phase(at, has_derivatives=True)
        if phase is Phase.CONTINUOUS:
            auction_from = auction_end = minute + 1
        elif phase is Phase.CLOSING_AUCTION:
            auction_end = minute + 1
    return Hours(opens_at, plain_end * 60, auction_from * 60, auction_end * 60)


def pace(hours: Hours, *, has_derivatives: bool) -> Floats:
    """How the session's variance is spread over its seconds, shape (hours.end,), sums to 1.

    Busy at the open, quiet at noon, busy again before the close; still while an auction
    collects orders, with one last move when it matches.
    """
    last = hours.auction_from if has_derivatives else hours.plain_end
    second = np.arange(hours.end, dtype=np.float64)
    weights = 1.0 + 6.0 * np.exp(-second / 350) + 1.0 * np.exp(-second / 3000)
    weights += 0.5 * np.exp(-(last - second) / 1800)
    weights[last:] = 0.0
    matched_at = hours.auction_end if has_derivatives else hours.plain_end
    if matched_at > last:
        weights[matched_at - 1] = 0.012 * weights[:last].sum()
    return np.asarray(weights / weights.sum())


def crowd(hours: Hours) -> Floats:
    """How a quiet session's volume is spread over its seconds, shape (hours.end,), sums to 1.

    Fuller at both ends than in the middle, as HDFCBANK and SBIN traded by the minute in 2023.
    """
    second = np.arange(hours.end, dtype=np.float64)
    weights = 1.0 + 2.2 * np.exp(-second / 1500) + 1.2 * np.exp(-(hours.plain_end - second) / 1500)
    weights[hours.plain_end :] = 0.0
    return np.asarray(weights / weights.sum())
