"""Tables of companies' figures, and of shares that are known and not traded."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field

from core.store.columns import Row, UTCDateTime, table


class FundamentalRow(Row, table=True):
    """One figure of a snapshot; `period` is a quarter's last day, or `now`."""

    __tablename__ = "fundamentals"
    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}
    isin: str = Field(primary_key=True)
    fetched_at: datetime = Field(primary_key=True, sa_type=UTCDateTime)
    source: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    value: float
    unit: str


class OutsideRow(Row, table=True):
    """A share whose prices are kept and that belongs to no traded universe."""

    __tablename__ = "outside_shares"
    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}
    isin: str = Field(primary_key=True)


fundamentals = table(FundamentalRow)
outside_shares = table(OutsideRow)
