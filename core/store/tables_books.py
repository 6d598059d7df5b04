"""Tables of the books: logins, accounts, their rules and money, and the double entry."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from core.store.columns import Row, UTCDateTime, table


class LoginRow(Row, table=True):
    __tablename__ = "logins"
    id: str = Field(primary_key=True)
    broker: str
    mode: str
    label: str
    user_id: str = ""
    address: str = ""
    control: str = ""


class AccountRow(Row, table=True):
    __tablename__ = "accounts"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    login_id: str = Field(foreign_key="logins.id")
    opened_at: datetime = Field(sa_type=UTCDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class MandateRow(Row, table=True):
    __tablename__ = "mandates"
    account_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    objective: str
    signed_at: datetime = Field(sa_type=UTCDateTime)
    body: str = Field(sa_type=Text)


class FundingRow(Row, table=True):
    __tablename__ = "funding_plans"
    account_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    kind: str
    lump_sum: int = Field(sa_type=BigInteger)
    instalment: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)


class FiringRow(Row, table=True):
    """A tranche that was let go; the key lets it happen once."""

    __tablename__ = "tranche_firings"
    account_id: str = Field(primary_key=True)
    tranche_id: str = Field(primary_key=True)
    plan_version: int
    amount: int = Field(sa_type=BigInteger)
    fired_at: datetime = Field(sa_type=UTCDateTime)
    day: date
    by: str
    words: str = Field(sa_type=Text)


class CapitalRow(Row, table=True):
    __tablename__ = "capital"
    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    at: datetime = Field(sa_type=UTCDateTime)
    amount: int = Field(sa_type=BigInteger)
    words: str = Field(sa_type=Text)


class TransactionRow(Row, table=True):
    __tablename__ = "transactions"
    __table_args__ = (
        Index("ix_transactions_account_id_at", "account_id", "at"),
        Index("ix_transactions_at", "at"),
    )
    id: str = Field(primary_key=True)
    account_id: str
    kind: str
    at: datetime = Field(sa_type=UTCDateTime)
    reference: str
    words: str = Field(sa_type=Text)


class PostingRow(Row, table=True):
    """`isin` repeats what the name of a position ledger says, so that folds can group by it.

    Both indexes hold all their fold reads, so a fold never visits the table.
    """

    __tablename__ = "postings"
    __table_args__ = (
        Index("ix_postings_balance", "account_id", "ledger", "amount", "qty"),
        Index("ix_postings_position", "account_id", "isin", "qty", "amount"),
    )
    id: int | None = Field(default=None, primary_key=True)
    transaction_id: str = Field(index=True, foreign_key="transactions.id")
    account_id: str
    ledger: str
    isin: str | None
    amount: int = Field(sa_type=BigInteger)
    qty: int = Field(sa_type=BigInteger)


class TransferRow(Row, table=True):
    """Money asked to move between accounts or to the owner, and how far it got."""

    __tablename__ = "transfers"
    id: str = Field(primary_key=True)
    from_account: str = Field(index=True)
    to_account: str = Field(index=True)
    status: str = Field(index=True)
    made_at: datetime = Field(sa_type=UTCDateTime)
    version: int
    body: str = Field(sa_type=Text)


logins = table(LoginRow)
accounts = table(AccountRow)
mandates = table(MandateRow)
funding_plans = table(FundingRow)
tranche_firings = table(FiringRow)
capital = table(CapitalRow)
transactions = table(TransactionRow)
postings = table(PostingRow)
transfers = table(TransferRow)
