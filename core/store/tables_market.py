"""Tables of what the market says: instruments, bars, quotes and news.

`bars` holds raw prices as double precision, because research reads them as arrays; a session
is the integer yyyymmdd there, which sorts, reads and converts without parsing. `close` is the
exchange's official close, `last` the last trade where a file has both.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from core.store.columns import Row, UTCDateTime, table


class InstrumentRow(Row, table=True):
    __tablename__ = "instruments"
    id: int | None = Field(default=None, primary_key=True)
    isin: str = Field(unique=True)
    symbol: str = Field(index=True)
    name: str
    sector: str = Field(index=True)
    cap_class: str
    exchange: str
    series: str
    band_pct: int | None
    has_derivatives: bool
    surveillance: str


class BarRow(Row, table=True):
    __tablename__ = "bars"
    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}
    isin: str = Field(primary_key=True)
    session: int = Field(primary_key=True)
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: float | None
    source: str
    last: float | None = None


class QuoteRow(Row, table=True):
    __tablename__ = "quotes"
    isin: str = Field(primary_key=True)
    ltp: int = Field(sa_type=BigInteger)
    bid: int = Field(sa_type=BigInteger)
    ask: int = Field(sa_type=BigInteger)
    bid_qty: int = Field(sa_type=BigInteger)
    ask_qty: int = Field(sa_type=BigInteger)
    open: int = Field(sa_type=BigInteger)
    high: int = Field(sa_type=BigInteger)
    low: int = Field(sa_type=BigInteger)
    prev_close: int = Field(sa_type=BigInteger)
    volume: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=UTCDateTime)
    received_at: datetime = Field(sa_type=UTCDateTime)
    source: str
    month_close: int | None = Field(default=None, sa_type=BigInteger)


class EventRow(Row, table=True):
    __tablename__ = "events"
    __table_args__ = (Index("ix_events_squeezed_known_at", "squeezed", "known_at"),)
    id: str = Field(primary_key=True)
    source: str
    source_id: str
    headline: str = Field(sa_type=Text)
    squeezed: str = Field(sa_type=Text)
    event_at: datetime = Field(sa_type=UTCDateTime)
    known_at: datetime = Field(sa_type=UTCDateTime, index=True)
    body: str = Field(sa_type=Text)
    url: str
    priority: int
    simulated: bool


class TagRow(Row, table=True):
    __tablename__ = "tags"
    __table_args__ = (Index("ix_tags_isin_known_at", "isin", "known_at"),)
    event_id: str = Field(primary_key=True, foreign_key="events.id")
    isin: str = Field(primary_key=True)
    symbol: str
    event_type: str
    stance: int
    impact: float
    confidence: float
    matched: str = Field(sa_type=Text)
    known_at: datetime = Field(sa_type=UTCDateTime, index=True)
    tagger: str


class OutcomeRow(Row, table=True):
    """What came of an event; an event without a row waits to be decided."""

    __tablename__ = "event_outcomes"
    event_id: str = Field(primary_key=True, foreign_key="events.id")
    outcome: str = Field(sa_type=Text)


instruments = table(InstrumentRow)
bars = table(BarRow)
quotes = table(QuoteRow)
events = table(EventRow)
tags = table(TagRow)
event_outcomes = table(OutcomeRow)
