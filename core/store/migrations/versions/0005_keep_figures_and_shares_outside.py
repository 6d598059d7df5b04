"""Keep companies' figures as dated snapshots, and which known shares are not traded."""

from __future__ import annotations

from core.store.migrations.kinds import make, moment, name, number

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables; a share without a row in `outside_shares` is traded."""
    make(
        "fundamentals",
        name("isin"),
        moment("fetched_at"),
        name("source"),
        name("period"),
        name("metric"),
        number("value"),
        name("unit"),
        key=("isin", "fetched_at", "source", "period", "metric"),
        sqlite_with_rowid=False,
    )
    make("outside_shares", name("isin"), key=("isin",), sqlite_with_rowid=False)
