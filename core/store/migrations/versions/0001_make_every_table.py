"""Make every table, the triggers that keep facts as they are, and symbol search."""

from __future__ import annotations

from alembic import op

from core.store.migrations.first import books, desk, market, research, search, trade
from core.store.migrations.kinds import refuse_change, refuse_replace

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FACTS = ("audit", "transactions", "postings", "fills", "events")


def upgrade() -> None:
    """Make an empty store."""
    market.prices()
    market.news()
    research.research()
    trade.cards()
    trade.orders()
    trade.protections()
    books.accounts()
    books.postings()
    desk.pulse()
    desk.requests()
    desk.record()
    for table in FACTS:
        refuse_change(table)
    refuse_replace("audit", "seq")
    refuse_replace("postings", "id")
    if op.get_bind().dialect.name == "sqlite":
        search.symbol_search()
