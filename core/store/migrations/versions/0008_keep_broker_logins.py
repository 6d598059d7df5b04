"""Name who logs in and where, and keep wishes to log in, sessions and each day's broker books."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.migrations.kinds import day, index, make, moment, name, number, words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add three columns to logins, and three tables."""
    for column in ("user_id", "address", "control"):
        op.add_column("logins", sa.Column(column, sa.String(), nullable=False, server_default=""))
    make(
        "login_asks",
        name("id"),
        name("login_id"),
        name("session"),
        name("asked_by"),
        moment("asked_at"),
        number("asked"),
        name("status"),
        words("link"),
        name("state_hash"),
        words("sentence"),
        key=("id",),
    )
    index("login_asks", "login_id")
    make("login_states", name("login_id"), name("status"), words("body"), key=("login_id",))
    make(
        "broker_days",
        name("login_id"),
        day("session"),
        moment("at"),
        words("orders"),
        words("trades"),
        key=("login_id", "session"),
    )
