"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store import columns
${imports if imports else ""}

revision = "${up_revision}"
down_revision = "${down_revision}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    ${upgrades if upgrades else "pass"}
