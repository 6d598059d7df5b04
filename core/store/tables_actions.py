"""Tables of corporate actions, the divisors they put on prices, and the ISINs they replaced."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from core.store.columns import Row, UTCDateTime, table


class ActionRow(Row, table=True):
    __tablename__ = "actions"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("ix_actions_isin_ex_date", "isin", "ex_date"),
    )
    id: str = Field(primary_key=True)
    isin: str
    symbol: str
    ex_date: date
    kind: str
    new: int
    old: int
    amount: int | None = Field(sa_type=BigInteger)
    subject: str = Field(sa_type=Text)
    source: str
    known_at: datetime = Field(sa_type=UTCDateTime)
    status: str = Field(index=True)


class ShareChangeRow(Row, table=True):
    """What one action did to the shares of one plan; append-only."""

    __tablename__ = "share_changes"
    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}
    action_id: str = Field(primary_key=True)
    plan_id: str = Field(primary_key=True, index=True)
    account_id: str
    isin: str
    qty: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=UTCDateTime)
    words: str = Field(sa_type=Text)


class FactorRow(Row, table=True):
    __tablename__ = "factors"
    isin: str = Field(primary_key=True)
    ex_date: date = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    divisor: float
    source: str
    known_at: datetime = Field(sa_type=UTCDateTime)
    status: str


class SuccessionRow(Row, table=True):
    """An ISIN that a share no longer carries, the one it got instead, and from when."""

    __tablename__ = "successions"
    isin: str = Field(primary_key=True)
    successor: str
    since: date
    source: str


actions = table(ActionRow)
share_changes = table(ShareChangeRow)
factors = table(FactorRow)
successions = table(SuccessionRow)
