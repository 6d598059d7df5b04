"""Keep which trained model is in use, who chose it and what to go back to.

Models stored before carry no signature; none of them is in use, so the desk trains again.
"""

from __future__ import annotations

from core.store.migrations.kinds import make, moment, name, whole

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one table."""
    make(
        "model_uses",
        whole("number", autoincrement=False),
        name("version"),
        moment("put_at"),
        name("by"),
        name("how"),
        whole("back"),
        key=("number",),
    )
