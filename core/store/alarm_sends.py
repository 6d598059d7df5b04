"""Alarms on their way outside: one row an alarm and channel, with tries and the proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from core.store.sql import flat, upsert
from core.store.tables_alarms import alarm_sends

S = alarm_sends.c


@dataclass(frozen=True, slots=True)
class AlarmSend:
    """How far one alarm is on one channel; `said` is the other side's last answer."""

    alert_id: str
    channel: str
    tries: int
    next_at: datetime
    delivered_at: datetime | None
    said: str


def put(tx: Session, row: AlarmSend) -> None:
    """Add or replace a row."""
    upsert(tx, alarm_sends, [flat(row)])


def of_channel(tx: Session, channel: str) -> dict[str, AlarmSend]:
    """Every row of a channel by the alarm's id."""
    found = tx.execute(select(alarm_sends).where(S.channel == channel)).mappings()
    return {row["alert_id"]: AlarmSend(**row) for row in found}


def delivered_since(tx: Session, channel: str, at: datetime) -> int:
    """How many alarms a channel took at or after a moment."""
    found = select(func.count()).where(S.channel == channel, S.delivered_at >= at)
    return int(tx.execute(found).scalar_one())


def newest(tx: Session) -> list[AlarmSend]:
    """The last delivery of each channel, newest first."""
    found = select(alarm_sends).where(S.delivered_at.is_not(None)).order_by(S.delivered_at.desc())
    rows: dict[str, AlarmSend] = {}
    for row in tx.execute(found.limit(500)).mappings():
        rows.setdefault(row["channel"], AlarmSend(**row))
    return list(rows.values())
