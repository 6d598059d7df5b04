"""Keep what corporate actions did to held shares, and the close behind each month's tick."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.migrations.kinds import index, large, make, moment, name, refuse_change, words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and the append-only table of what changed with each action."""
    op.add_column("quotes", sa.Column("month_close", sa.BigInteger(), nullable=True))
    make(
        "share_changes",
        name("action_id"),
        name("plan_id"),
        name("account_id"),
        name("isin"),
        large("qty"),
        moment("at"),
        words("words"),
        key=("action_id", "plan_id"),
        sqlite_with_rowid=False,
    )
    index("share_changes", "plan_id")
    refuse_change("share_changes")
