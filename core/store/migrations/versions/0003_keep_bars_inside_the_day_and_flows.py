"""Keep bars inside the day, of indices and adjusted, flows, contracts, and the last trade."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from core.store.migrations.kinds import large, make, name, number, whole

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OHLCV = ("open", "high", "low", "close", "volume")
CONTRACTS = (
    "future_index_long",
    "future_index_short",
    "future_stock_long",
    "future_stock_short",
    "option_index_call_long",
    "option_index_put_long",
    "option_index_call_short",
    "option_index_put_short",
    "option_stock_call_long",
    "option_stock_put_long",
    "option_stock_call_short",
    "option_stock_put_short",
    "total_long",
    "total_short",
)
FLOW = ("buy", "sell", "net", "buy_contracts", "sell_contracts", "open_contracts", "open_value")
OPTION = (
    "last",
    "settle",
    "bid",
    "ask",
    "implied_vol",
    "open_interest",
    "change_in_oi",
    "volume",
    "underlying_price",
)


def upgrade() -> None:
    """Make the tables, and give daily bars the last trade beside the official close."""
    op.execute("ALTER TABLE bars ADD COLUMN last FLOAT")
    _wide("intraday_bars", OHLCV, name("isin"), whole("minutes"), large("start"))
    _wide("index_bars", OHLCV, name("name"), whole("session"), more=(number("divisor"),))
    _wide("adjusted_bars", OHLCV, name("symbol"), whole("session"))
    make(
        "bar_conflicts",
        name("isin"),
        whole("session"),
        name("source"),
        *_numbers(OHLCV),
        name("kept_source"),
        key=("isin", "session", "source"),
        sqlite_with_rowid=False,
    )
    _wide("flows", FLOW, whole("session"), name("who"), name("segment"))
    _wide("participant_oi", CONTRACTS, whole("session"), name("measure"), name("client"))
    _wide(
        "option_chain",
        OPTION,
        name("underlying"),
        large("taken_at"),
        whole("expiry"),
        number("strike"),
        name("kind"),
    )
    make("array_versions", name("what"), large("version"), key=("what",))


def _numbers(names: tuple[str, ...]) -> list[sa.Column[float]]:
    return [number(one, nullable=True) for one in names]


def _wide(table: str, values: tuple[str, ...], *keys: Any, more: tuple[Any, ...] = ()) -> None:
    """A table of numbers under a key, with the source of each row."""
    make(
        table,
        *keys,
        *_numbers(values),
        *more,
        name("source"),
        key=tuple(one.name for one in keys),
        sqlite_with_rowid=False,
    )
