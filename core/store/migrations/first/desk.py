"""Tables of the desk itself in the first revision."""

from __future__ import annotations

from core.store.migrations.kinds import (
    day,
    flag,
    index,
    make,
    moment,
    name,
    number,
    unique,
    whole,
    words,
)


def pulse() -> None:
    """The stamp, the worker's pulse and lease, risk and kill levels."""
    make(
        "stamp",
        whole("id"),
        name("market"),
        whole("seed"),
        moment("created_at"),
        key=("id",),
    )
    make(
        "heartbeat",
        whole("id"),
        name("worker"),
        whole("fence"),
        moment("market_at"),
        number("monotonic"),
        number("speed"),
        moment("feed_at", nullable=True),
        words("sentence"),
        key=("id",),
    )
    make(
        "leases",
        name("name"),
        name("holder"),
        whole("fence"),
        number("renewed"),
        number("seconds"),
        key=("name",),
    )
    make(
        "risk_latest",
        name("scope"),
        moment("at"),
        whole("level"),
        words("body"),
        key=("scope",),
    )
    make(
        "risk_history",
        name("scope"),
        moment("minute"),
        whole("level"),
        words("body"),
        key=("scope", "minute"),
    )
    make(
        "kills",
        whole("id"),
        name("scope"),
        whole("level"),
        words("reason"),
        name("set_by"),
        moment("set_at"),
        key=("id",),
    )
    index("kills", "scope", "id")
    make(
        "watchlists",
        name("name"),
        words("isins"),
        key=("name",),
    )


def requests() -> None:
    """What a person asked for, began or set."""
    make(
        "alerts",
        name("id"),
        name("kind"),
        name("isin"),
        moment("fired_at", nullable=True),
        moment("created_at"),
        words("body"),
        key=("id",),
    )
    index("alerts", "created_at")
    index("alerts", "fired_at")
    index("alerts", "isin")
    make(
        "settings",
        name("key"),
        words("value"),
        key=("key",),
    )
    make(
        "drafts",
        name("key"),
        words("body"),
        key=("key",),
    )
    make(
        "jobs",
        whole("number"),
        name("id"),
        name("kind"),
        words("arguments"),
        name("asked_by"),
        moment("asked_at"),
        name("status"),
        number("progress"),
        words("sentence"),
        words("result"),
        moment("started_at", nullable=True),
        moment("ended_at", nullable=True),
        unique("jobs", "id"),
        key=("number",),
    )
    index("jobs", "status", "kind")
    make(
        "job_runs",
        whole("id"),
        name("job"),
        moment("started_at"),
        number("seconds"),
        flag("ok"),
        words("sentence"),
        key=("id",),
    )
    index("job_runs", "job", "id")


def record() -> None:
    """The audit chain and the reports."""
    make(
        "audit",
        whole("seq", autoincrement=False),
        moment("at"),
        name("actor"),
        name("verb"),
        name("subject"),
        words("body"),
        name("prev_hash"),
        name("hash"),
        unique("audit", "hash"),
        key=("seq",),
    )
    index("audit", "subject")
    make(
        "reports",
        name("kind"),
        day("day"),
        moment("market_at"),
        words("markdown"),
        key=("kind", "day"),
    )
    index("reports", "kind", "day")
