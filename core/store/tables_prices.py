"""Tables of prices beside the daily bars: inside the day, of indices, adjusted, and flows.

`isin` is an ISIN, or the exchange's name of an index in the tables inside the day. Amounts are
double precision because research reads them as arrays; flows are crores of rupees as NSE says.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from core.store.columns import Row, table

NO_ROWID: dict[str, Any] = {"sqlite_with_rowid": False}


class IntradayBarRow(Row, table=True):
    __tablename__ = "intraday_bars"
    __table_args__: ClassVar[dict[str, Any]] = NO_ROWID
    isin: str = Field(primary_key=True)
    minutes: int = Field(primary_key=True)
    start: int = Field(primary_key=True, sa_type=BigInteger)
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: float | None
    source: str


class IndexBarRow(Row, table=True):
    """`divisor` is what earlier levels divide by on a day the index was rebased, else 1."""

    __tablename__ = "index_bars"
    __table_args__: ClassVar[dict[str, Any]] = NO_ROWID
    name: str = Field(primary_key=True)
    session: int = Field(primary_key=True)
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: float | None
    divisor: float
    source: str


class AdjustedBarRow(Row, table=True):
    """A vendor's adjusted series, kept to compare with; orders are never sized by it."""

    __tablename__ = "adjusted_bars"
    __table_args__: ClassVar[dict[str, Any]] = NO_ROWID
    symbol: str = Field(primary_key=True)
    session: int = Field(primary_key=True)
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: float | None
    source: str


class BarExtraRow(Row, table=True):
    """What some files say beside a daily bar: rupees a share, counts of trades and of shares.

    `vwap` is the mean price paid and `delivery` the shares taken home, both raw.
    """

    __tablename__ = "bar_extras"
    __table_args__: ClassVar[dict[str, Any]] = NO_ROWID
    isin: str = Field(primary_key=True)
    session: int = Field(primary_key=True)
    vwap: float | None
    trades: float | None
    delivery: float | None
    source: str


class BarConflictRow(Row, table=True):
    """A bar that another source gave differently and that does not stand."""

    __tablename__ = "bar_conflicts"
    __table_args__: ClassVar[dict[str, Any]] = NO_ROWID
    isin: str = Field(primary_key=True)
    session: int = Field(primary_key=True)
    source: str = Field(primary_key=True)
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: float | None
    kept_source: str


class FlowRow(Row, table=True):
    """What one kind of investor bought and sold on a day, in crores and in contracts."""

    __tablename__ = "flows"
    __table_args__: ClassVar[dict[str, Any]] = NO_ROWID
    session: int = Field(primary_key=True)
    who: str = Field(primary_key=True)
    segment: str = Field(primary_key=True)
    buy: float | None
    sell: float | None
    net: float | None
    buy_contracts: float | None
    sell_contracts: float | None
    open_contracts: float | None
    open_value: float | None
    source: str


class ParticipantRow(Row, table=True):
    """Contracts by kind of client; `measure` is OI, at the end of the day, or VOLUME."""

    __tablename__ = "participant_oi"
    __table_args__: ClassVar[dict[str, Any]] = NO_ROWID
    session: int = Field(primary_key=True)
    measure: str = Field(primary_key=True)
    client: str = Field(primary_key=True)
    future_index_long: float | None
    future_index_short: float | None
    future_stock_long: float | None
    future_stock_short: float | None
    option_index_call_long: float | None
    option_index_put_long: float | None
    option_index_call_short: float | None
    option_index_put_short: float | None
    option_stock_call_long: float | None
    option_stock_put_long: float | None
    option_stock_call_short: float | None
    option_stock_put_short: float | None
    total_long: float | None
    total_short: float | None
    source: str


class OptionRow(Row, table=True):
    """One contract in one snapshot; `kind` is CE, PE or FUT, and a future's strike is 0."""

    __tablename__ = "option_chain"
    __table_args__: ClassVar[dict[str, Any]] = NO_ROWID
    underlying: str = Field(primary_key=True)
    taken_at: int = Field(primary_key=True, sa_type=BigInteger)
    expiry: int = Field(primary_key=True)
    strike: float = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    last: float | None
    settle: float | None
    bid: float | None
    ask: float | None
    implied_vol: float | None
    open_interest: float | None
    change_in_oi: float | None
    volume: float | None
    underlying_price: float | None
    source: str


class VersionRow(Row, table=True):
    """A number that grows whenever a kind of stored array changes; caches are keyed by it."""

    __tablename__ = "array_versions"
    what: str = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger)


intraday_bars = table(IntradayBarRow)
index_bars = table(IndexBarRow)
adjusted_bars = table(AdjustedBarRow)
bar_extras = table(BarExtraRow)
bar_conflicts = table(BarConflictRow)
flows = table(FlowRow)
participant_oi = table(ParticipantRow)
option_chain = table(OptionRow)
array_versions = table(VersionRow)
