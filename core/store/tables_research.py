"""Tables of research: predictions, model versions and their use, hypotheses and playbooks."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from core.store.columns import Row, UTCDateTime, table


class PredictionRow(Row, table=True):
    __tablename__ = "predictions"
    isin: str = Field(primary_key=True)
    as_of: datetime = Field(primary_key=True, sa_type=UTCDateTime)
    model_version: str = Field(primary_key=True)
    symbol: str
    direction: int
    edge: float | None
    body: str = Field(sa_type=Text)


class ModelRow(Row, table=True):
    __tablename__ = "models"
    __table_args__ = (Index("ix_models_role_trained_at", "role", "trained_at"),)
    version: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    trained_at: datetime = Field(sa_type=UTCDateTime)
    has_vote: bool
    body: str = Field(sa_type=Text)


class ModelUseRow(Row, table=True):
    __tablename__ = "model_uses"
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    version: str
    put_at: datetime = Field(sa_type=UTCDateTime)
    by: str
    how: str
    back: int


class HypothesisRow(Row, table=True):
    __tablename__ = "hypotheses"
    card_id: str = Field(primary_key=True)
    account_id: str
    isin: str
    as_of: datetime = Field(sa_type=UTCDateTime, index=True)
    taken: bool
    outcome: str = Field(index=True)
    body: str = Field(sa_type=Text)


class PlaybookRow(Row, table=True):
    __tablename__ = "playbooks"
    name: str = Field(primary_key=True)
    body: str = Field(sa_type=Text)


predictions = table(PredictionRow)
models = table(ModelRow)
model_uses = table(ModelUseRow)
hypotheses = table(HypothesisRow)
playbooks = table(PlaybookRow)
