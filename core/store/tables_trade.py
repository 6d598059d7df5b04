"""Tables of one trade's life: decision, card, approval, plan, order, fill, protection.

`body` is the whole value as canonical JSON; the columns beside it are what queries ask for.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from core.store.columns import Row, UTCDateTime, table


class DecisionRow(Row, table=True):
    __tablename__ = "decisions"
    id: str = Field(primary_key=True)
    as_of: datetime = Field(sa_type=UTCDateTime, index=True)
    isin: str = Field(index=True)
    symbol: str
    account_id: str
    event_id: str | None = Field(default=None, index=True)
    card_id: str | None = Field(default=None, index=True)
    refused_by: str
    reason: str = Field(sa_type=Text)
    reason_start: str
    body: str = Field(sa_type=Text)


class CardRow(Row, table=True):
    __tablename__ = "cards"
    __table_args__ = (Index("ix_cards_account_id_isin", "account_id", "isin"),)
    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    newest: bool = Field(index=True)
    account_id: str
    isin: str
    symbol: str
    status: str = Field(index=True)
    trigger: str
    written_at: datetime = Field(sa_type=UTCDateTime, index=True)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    bound_hash: str
    body: str = Field(sa_type=Text)


class ApprovalRow(Row, table=True):
    __tablename__ = "approvals"
    __table_args__ = (
        ForeignKeyConstraint(["card_id", "card_version"], ["cards.id", "cards.version"]),
    )
    id: str = Field(primary_key=True)
    card_id: str = Field(unique=True)
    card_version: int
    bound_hash: str
    nonce: str = Field(unique=True)
    approver: str
    clicked_at: datetime = Field(sa_type=UTCDateTime)
    clicked: float
    signed_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    signature: str = Field(default="", sa_column_kwargs={"server_default": ""})


class PlanRow(Row, table=True):
    __tablename__ = "plans"
    id: str = Field(primary_key=True)
    card_id: str = Field(index=True)
    account_id: str = Field(index=True)
    isin: str
    symbol: str
    status: str = Field(index=True)
    opened_at: datetime = Field(sa_type=UTCDateTime, index=True)
    time_exit_on: date
    version: int
    body: str = Field(sa_type=Text)


class OrderRow(Row, table=True):
    __tablename__ = "orders"
    __table_args__ = (Index("ix_orders_login_id_sent_at", "login_id", "sent_at"),)
    id: str = Field(primary_key=True)
    tag: str = Field(unique=True)
    plan_id: str = Field(index=True)
    account_id: str
    login_id: str
    isin: str
    symbol: str
    purpose: str
    side: str
    qty: int = Field(sa_type=BigInteger)
    status: str = Field(index=True)
    prepared_at: datetime = Field(sa_type=UTCDateTime, index=True)
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    broker_order_id: str = Field(index=True)
    version: int
    body: str = Field(sa_type=Text)


class FillRow(Row, table=True):
    __tablename__ = "fills"
    __table_args__ = (UniqueConstraint("order_id", "trade_id", "exchange"),)
    id: int | None = Field(default=None, primary_key=True)
    order_id: str
    trade_id: str
    exchange: str
    account_id: str
    isin: str
    symbol: str
    qty: int = Field(sa_type=BigInteger)
    price: int = Field(sa_type=BigInteger)
    product: str
    traded_at: datetime = Field(sa_type=UTCDateTime, index=True)


class ProtectionRow(Row, table=True):
    __tablename__ = "protections"
    plan_id: str = Field(primary_key=True)
    account_id: str
    isin: str
    symbol: str
    status: str = Field(index=True)
    owner: str
    qty: int = Field(sa_type=BigInteger)
    stop: int = Field(sa_type=BigInteger)
    target: int = Field(sa_type=BigInteger)
    gtt_id: str
    armed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    verified_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    reason: str = Field(sa_type=Text)
    version: int


decisions = table(DecisionRow)
cards = table(CardRow)
approvals = table(ApprovalRow)
plans = table(PlanRow)
orders = table(OrderRow)
fills = table(FillRow)
protections = table(ProtectionRow)
