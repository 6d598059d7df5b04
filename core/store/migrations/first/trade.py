"""Tables of one trade's life in the first revision."""

from __future__ import annotations

from core.store.migrations.kinds import (
    day,
    flag,
    index,
    large,
    make,
    moment,
    name,
    number,
    points,
    unique,
    whole,
    words,
)


def cards() -> None:
    """From a decision to an approval."""
    make(
        "decisions",
        name("id"),
        moment("as_of"),
        name("isin"),
        name("symbol"),
        name("account_id"),
        name("event_id", nullable=True),
        name("card_id", nullable=True),
        name("refused_by"),
        words("reason"),
        name("reason_start"),
        words("body"),
        key=("id",),
    )
    index("decisions", "as_of")
    index("decisions", "card_id")
    index("decisions", "event_id")
    index("decisions", "isin")
    make(
        "cards",
        name("id"),
        whole("version"),
        flag("newest"),
        name("account_id"),
        name("isin"),
        name("symbol"),
        name("status"),
        name("trigger"),
        moment("written_at"),
        moment("expires_at"),
        name("bound_hash"),
        words("body"),
        key=("id", "version"),
    )
    index("cards", "account_id", "isin")
    index("cards", "newest")
    index("cards", "status")
    index("cards", "written_at")
    make(
        "approvals",
        name("id"),
        name("card_id"),
        whole("card_version"),
        name("bound_hash"),
        name("nonce"),
        name("approver"),
        moment("clicked_at"),
        number("clicked"),
        points(
            "approvals",
            (
                "card_id",
                "card_version",
            ),
            (
                "cards.id",
                "cards.version",
            ),
        ),
        unique("approvals", "nonce"),
        unique("approvals", "card_id"),
        key=("id",),
    )


def orders() -> None:
    """From a plan to its fills."""
    make(
        "plans",
        name("id"),
        name("card_id"),
        name("account_id"),
        name("isin"),
        name("symbol"),
        name("status"),
        moment("opened_at"),
        day("time_exit_on"),
        whole("version"),
        words("body"),
        key=("id",),
    )
    index("plans", "account_id")
    index("plans", "card_id")
    index("plans", "opened_at")
    index("plans", "status")
    make(
        "orders",
        name("id"),
        name("tag"),
        name("plan_id"),
        name("account_id"),
        name("login_id"),
        name("isin"),
        name("symbol"),
        name("purpose"),
        name("side"),
        large("qty"),
        name("status"),
        moment("prepared_at"),
        moment("sent_at", nullable=True),
        name("broker_order_id"),
        whole("version"),
        words("body"),
        unique("orders", "tag"),
        key=("id",),
    )
    index("orders", "broker_order_id")
    index("orders", "login_id", "sent_at")
    index("orders", "plan_id")
    index("orders", "prepared_at")
    index("orders", "status")
    make(
        "fills",
        whole("id"),
        name("order_id"),
        name("trade_id"),
        name("exchange"),
        name("account_id"),
        name("isin"),
        name("symbol"),
        large("qty"),
        large("price"),
        name("product"),
        moment("traded_at"),
        unique("fills", "order_id", "trade_id", "exchange"),
        key=("id",),
    )
    index("fills", "traded_at")


def protections() -> None:
    """The stop and target that cover each plan."""
    make(
        "protections",
        name("plan_id"),
        name("account_id"),
        name("isin"),
        name("symbol"),
        name("status"),
        name("owner"),
        large("qty"),
        large("stop"),
        large("target"),
        name("gtt_id"),
        moment("armed_at", nullable=True),
        moment("verified_at", nullable=True),
        words("reason"),
        whole("version"),
        key=("plan_id",),
    )
    index("protections", "status")
