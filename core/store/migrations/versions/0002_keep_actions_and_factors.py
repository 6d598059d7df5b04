"""Keep corporate actions and factors in tables of their own, and take `factor` off each bar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from core.store.migrations.kinds import day, index, make, moment, name, number, whole, words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SAME = 1e-9
STEPS = """
SELECT isin, session, before / factor AS divisor FROM (
  SELECT isin, session, factor, lag(factor) OVER (PARTITION BY isin ORDER BY session) AS before
  FROM bars) AS stepped
WHERE before IS NOT NULL AND before <> factor
"""


def upgrade() -> None:
    """Make the tables and carry over the steps that stood in `bars.factor`."""
    _tables()
    connection = op.get_bind()
    steps = [
        {
            "isin": isin,
            "ex_date": ex_date,
            "kind": "OTHER",
            "divisor": divisor,
            "source": "bars",
            "known_at": datetime.combine(ex_date, time(), ZoneInfo("Asia/Kolkata")).astimezone(UTC),
            "status": "CONFIRMED",
        }
        for isin, session, divisor in connection.execute(sa.text(STEPS))
        if abs(divisor - 1.0) > SAME
        for ex_date in [date(session // 10_000, session // 100 % 100, session % 100)]
    ]
    if steps:
        factors = sa.Table("factors", sa.MetaData(), autoload_with=connection)
        connection.execute(factors.insert(), steps)
    op.execute("ALTER TABLE bars DROP COLUMN factor")


def _tables() -> None:
    make(
        "actions",
        name("id"),
        name("isin"),
        name("symbol"),
        day("ex_date"),
        name("kind"),
        whole("new"),
        whole("old"),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        words("subject"),
        name("source"),
        moment("known_at"),
        name("status"),
        key=("id",),
    )
    index("actions", "isin", "ex_date")
    index("actions", "status")
    make(
        "factors",
        name("isin"),
        day("ex_date"),
        name("kind"),
        number("divisor"),
        name("source"),
        moment("known_at"),
        name("status"),
        key=("isin", "ex_date", "kind"),
    )
    make(
        "successions",
        name("isin"),
        name("successor"),
        day("since"),
        name("source"),
        key=("isin",),
    )
