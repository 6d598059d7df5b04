"""Keep transfers between accounts, and let every fold of the books read an index alone."""

from __future__ import annotations

from alembic import op

from core.store.migrations.kinds import index, make, moment, name, whole, words

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of transfers; shares join the index of balances, and days get one."""
    make(
        "transfers",
        name("id"),
        name("from_account"),
        name("to_account"),
        name("status"),
        moment("made_at"),
        whole("version"),
        words("body"),
        key=("id",),
    )
    for column in ("from_account", "to_account", "status"):
        index("transfers", column)
    op.drop_index(op.f("ix_postings_balance"), "postings")
    columns = ("account_id", "ledger", "amount", "qty")
    index("postings", *columns, called="ix_postings_balance")
    index("transactions", "at")
