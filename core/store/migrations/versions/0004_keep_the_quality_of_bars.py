"""Keep what is wrong with stored daily bars, and the score of each share and session."""

from __future__ import annotations

from core.store.migrations.kinds import make, name, whole, words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; a store without rows has not been checked yet."""
    make(
        "quality",
        name("isin"),
        whole("session"),
        whole("score"),
        words("findings"),
        key=("isin", "session"),
        sqlite_with_rowid=False,
    )
