"""Tables of broker logins: wishes to log in, what the worker sees, and each day's broker books."""

from datetime import date, datetime

from sqlalchemy import Text
from sqlmodel import Field

from core.store.columns import Row, UTCDateTime, table


class LoginAskRow(Row, table=True):
    """One wish to log in; its link is blanked once used."""

    __tablename__ = "login_asks"
    id: str = Field(primary_key=True)
    login_id: str = Field(index=True)
    session: str
    asked_by: str
    asked_at: datetime = Field(sa_type=UTCDateTime)
    asked: float
    status: str
    link: str = Field(sa_type=Text)
    state_hash: str
    sentence: str = Field(sa_type=Text)


class LoginStateRow(Row, table=True):
    """What the worker last saw of one login."""

    __tablename__ = "login_states"
    login_id: str = Field(primary_key=True)
    status: str
    body: str = Field(sa_type=Text)


class BrokerDayRow(Row, table=True):
    """The broker's own order and trade lists at the end of a day, which it forgets overnight."""

    __tablename__ = "broker_days"
    login_id: str = Field(primary_key=True)
    session: date = Field(primary_key=True)
    at: datetime = Field(sa_type=UTCDateTime)
    orders: str = Field(sa_type=Text)
    trades: str = Field(sa_type=Text)


login_asks = table(LoginAskRow)
login_states = table(LoginStateRow)
broker_days = table(BrokerDayRow)
