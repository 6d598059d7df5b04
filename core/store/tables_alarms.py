"""The table of alarms on their way to a person outside the desk."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from core.store.columns import Row, UTCDateTime, table


class AlarmSendRow(Row, table=True):
    """One alarm on one channel; `delivered_at` is set once the other side took it."""

    __tablename__ = "alarm_sends"
    __table_args__ = (Index("ix_alarm_sends_channel_delivered_at", "channel", "delivered_at"),)
    alert_id: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    tries: int
    next_at: datetime = Field(sa_type=UTCDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    said: str = Field(sa_type=Text)


alarm_sends = table(AlarmSendRow)
