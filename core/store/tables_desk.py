"""Tables of the desk itself: its stamp and pulse, limits, lists, jobs and the record."""

from datetime import date, datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from core.store.columns import Row, UTCDateTime, table


class StampRow(Row, table=True):
    __tablename__ = "stamp"
    id: int = Field(primary_key=True)
    market: str
    seed: int
    created_at: datetime = Field(sa_type=UTCDateTime)


class HeartbeatRow(Row, table=True):
    __tablename__ = "heartbeat"
    id: int = Field(primary_key=True)
    worker: str
    fence: int
    market_at: datetime = Field(sa_type=UTCDateTime)
    monotonic: float
    speed: float
    feed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    sentence: str = Field(sa_type=Text)


class LeaseRow(Row, table=True):
    """One lease; `holder` is empty once released, `fence` only ever grows."""

    __tablename__ = "leases"
    name: str = Field(primary_key=True)
    holder: str
    fence: int
    renewed: float
    seconds: float


class RiskRow(Row, table=True):
    __tablename__ = "risk_latest"
    scope: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UTCDateTime)
    level: int
    body: str = Field(sa_type=Text)


class RiskHistoryRow(Row, table=True):
    __tablename__ = "risk_history"
    scope: str = Field(primary_key=True)
    minute: datetime = Field(primary_key=True, sa_type=UTCDateTime)
    level: int
    body: str = Field(sa_type=Text)


class KillRow(Row, table=True):
    __tablename__ = "kills"
    __table_args__ = (Index("ix_kills_scope_id", "scope", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    scope: str
    level: int
    reason: str = Field(sa_type=Text)
    set_by: str
    set_at: datetime = Field(sa_type=UTCDateTime)


class WatchlistRow(Row, table=True):
    __tablename__ = "watchlists"
    name: str = Field(primary_key=True)
    isins: str = Field(sa_type=Text)


class AlertRow(Row, table=True):
    __tablename__ = "alerts"
    id: str = Field(primary_key=True)
    kind: str
    isin: str = Field(index=True)
    fired_at: datetime | None = Field(default=None, sa_type=UTCDateTime, index=True)
    created_at: datetime = Field(sa_type=UTCDateTime, index=True)
    body: str = Field(sa_type=Text)


class SettingRow(Row, table=True):
    __tablename__ = "settings"
    key: str = Field(primary_key=True)
    value: str = Field(sa_type=Text)


class DraftRow(Row, table=True):
    __tablename__ = "drafts"
    key: str = Field(primary_key=True)
    body: str = Field(sa_type=Text)


class JobRow(Row, table=True):
    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_status_kind", "status", "kind"),)
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    kind: str
    arguments: str = Field(sa_type=Text)
    asked_by: str
    asked_at: datetime = Field(sa_type=UTCDateTime)
    status: str
    progress: float
    sentence: str = Field(sa_type=Text)
    result: str = Field(sa_type=Text)
    started_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class JobRunRow(Row, table=True):
    __tablename__ = "job_runs"
    __table_args__ = (Index("ix_job_runs_job_id", "job", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    job: str
    started_at: datetime = Field(sa_type=UTCDateTime)
    seconds: float
    ok: bool
    sentence: str = Field(sa_type=Text)


class AuditRow(Row, table=True):
    __tablename__ = "audit"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UTCDateTime)
    actor: str
    verb: str
    subject: str = Field(index=True)
    body: str = Field(sa_type=Text)
    prev_hash: str
    hash: str = Field(unique=True)


class ReportRow(Row, table=True):
    __tablename__ = "reports"
    __table_args__ = (Index("ix_reports_kind_day", "kind", "day"),)
    kind: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    market_at: datetime = Field(sa_type=UTCDateTime)
    markdown: str = Field(sa_type=Text)


stamps = table(StampRow)
heartbeats = table(HeartbeatRow)
leases = table(LeaseRow)
risk_latest = table(RiskRow)
risk_history = table(RiskHistoryRow)
kills = table(KillRow)
watchlists = table(WatchlistRow)
alerts = table(AlertRow)
settings = table(SettingRow)
drafts = table(DraftRow)
jobs = table(JobRow)
job_runs = table(JobRunRow)
audit = table(AuditRow)
reports = table(ReportRow)
