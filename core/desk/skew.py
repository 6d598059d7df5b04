"""How far this machine's clock is from the broker's, by the Date header of its answers.

The header has whole seconds and an answer takes time, so each sample knows how wrong it can be;
only what is certain counts. Over 2 s is alarmed, over 10 s pauses the desk until a person
resumes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.desk import Desk
from core.desk.kill import effective_level, set_level
from core.domain.clock import ist_day
from core.domain.risk import KillLevel
from core.store import accounts, settings

ALARM_SECONDS: Final = 2.0
PAUSE_SECONDS: Final = 10.0
KEPT: Final = 5  # samples of a login; the most certain of them speaks
WATCHDOG: Final = "risk: clock watchdog"  # automatic, so it cannot resume or flatten


@dataclass(frozen=True, slots=True)
class Skew:
    """Seconds by which this clock is ahead of the broker's, and how wrong that can be."""

    seconds: float
    within: float
    at: datetime

    @property
    def certain(self) -> float:
        """The least the two clocks can be apart."""
        return max(0.0, abs(self.seconds) - self.within)


def measured(header: str, *, asked_at: datetime, answered_at: datetime) -> Skew | None:
    """The skew of one answer; None when its Date header cannot be read."""
    try:
        told = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    told = told.replace(tzinfo=UTC) if told.tzinfo is None else told
    took = max(0.0, (answered_at - asked_at).total_seconds())
    middle = asked_at + timedelta(seconds=took / 2)
    seconds = (middle - told).total_seconds() - 0.5  # the header leaves out up to a second
    return Skew(round(seconds, 3), round(0.5 + took / 2, 3), answered_at)


def hear_date(
    desk: Desk,
    login_id: str,
    header: str,
    *,
    asked_at: datetime,
    answered_at: datetime,
    acts: bool = True,
) -> Skew | None:
    """Keep one answer's skew and act on what the last ones say; returns the one that speaks.

    An unreadable header changes nothing, and the row of `munim doctor --live` grows old. Where
    `acts` is False the skew is kept alone.
    """
    one = measured(header, asked_at=asked_at, answered_at=answered_at)
    if one is None:
        return None
    with desk.store.write() as tx:
        rows = [_plain(one), *settings.get(tx, _key(login_id), [])][:KEPT]
        settings.put(tx, _key(login_id), rows)
        speaks = _best([_skew(row) for row in rows])
        if acts and speaks.certain > ALARM_SECONDS:
            _tell(tx, login_id, speaks)
    if acts and speaks.certain > PAUSE_SECONDS and effective_level(desk) < KillLevel.PAUSE:
        set_level(desk, KillLevel.PAUSE, reason=sentence(speaks), by=WATCHDOG)
    return speaks


def latest(tx: Session, login_id: str) -> Skew | None:
    """The most certain of the last samples of a login, None before the first."""
    rows = settings.get(tx, _key(login_id), [])
    return _best([_skew(row) for row in rows]) if rows else None


def sentence(skew: Skew) -> str:
    """The skew in words, with the limit it is held against."""
    where = "ahead of" if skew.seconds > 0 else "behind"
    limit = PAUSE_SECONDS if skew.certain > PAUSE_SECONDS else ALARM_SECONDS
    return (
        f"this clock is {abs(skew.seconds):.1f} s {where} the broker's (± {skew.within:.1f} s), "
        f"at most {limit:.0f} s is allowed; let the system set its time from the network"
    )


def _tell(tx: Session, login_id: str, skew: Skew) -> None:
    """Once a day and login, and once more when it becomes a reason to pause."""
    worse = "pause" if skew.certain > PAUSE_SECONDS else "alarm"
    label = accounts.login(tx, login_id).label
    raise_alarm(
        tx,
        id=f"clock:{login_id}:{ist_day(skew.at)}:{worse}",
        isin="",
        symbol=label,
        at=skew.at,
        sentence=f"{label}: {sentence(skew)}",
    )


def _best(rows: list[Skew]) -> Skew:
    return min(rows, key=lambda row: row.within)


def _plain(skew: Skew) -> list[object]:
    return [skew.seconds, skew.within, skew.at.isoformat()]


def _skew(row: list[str]) -> Skew:
    return Skew(float(row[0]), float(row[1]), datetime.fromisoformat(row[2]))


def _key(login_id: str) -> str:
    return f"skew:{login_id}"
