"""Keep which tranche of a lump sum was let go, when and by what."""

from __future__ import annotations

from core.store.migrations.kinds import day, large, make, moment, name, whole, words

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one table; its key lets a tranche go once."""
    make(
        "tranche_firings",
        name("account_id"),
        name("tranche_id"),
        whole("plan_version"),
        large("amount"),
        moment("fired_at"),
        day("day"),
        name("by"),
        words("words"),
        key=("account_id", "tranche_id"),
    )
