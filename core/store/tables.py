"""Every table at once: what migrations compare the database with."""

from __future__ import annotations

from core.store import (
    tables_actions,
    tables_alarms,
    tables_books,
    tables_company,
    tables_desk,
    tables_logins,
    tables_market,
    tables_prices,
    tables_quality,
    tables_research,
    tables_trade,
)
from core.store.columns import Row

PARTS = (
    tables_actions,
    tables_alarms,
    tables_books,
    tables_company,
    tables_desk,
    tables_logins,
    tables_market,
    tables_prices,
    tables_quality,
    tables_research,
    tables_trade,
)
METADATA = Row.metadata
