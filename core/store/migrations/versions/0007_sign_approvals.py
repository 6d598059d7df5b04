"""Sign approvals, and keep what was sent of each alarm to a person outside.

An approval given before has no signature, so nothing of it can be sent.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.migrations.kinds import index, make, moment, name, whole, words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns and the table of deliveries."""
    for column in ("signed_by", "signature"):
        op.add_column(
            "approvals", sa.Column(column, sa.String(), nullable=False, server_default="")
        )
    make(
        "alarm_sends",
        name("alert_id"),
        name("channel"),
        whole("tries"),
        moment("next_at"),
        moment("delivered_at", nullable=True),
        words("said"),
        key=("alert_id", "channel"),
    )
    index("alarm_sends", "channel", "delivered_at")
