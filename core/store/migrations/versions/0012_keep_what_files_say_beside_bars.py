"""Keep the VWAP, the count of trades and the delivery that some files say beside daily bars."""

from __future__ import annotations

from core.store.migrations.kinds import make, name, number, whole

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; bars imported before have no row until their file is imported again."""
    make(
        "bar_extras",
        name("isin"),
        whole("session"),
        number("vwap", nullable=True),
        number("trades", nullable=True),
        number("delivery", nullable=True),
        name("source"),
        key=("isin", "session"),
        sqlite_with_rowid=False,
    )
