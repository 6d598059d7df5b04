"""Tables of the books in the first revision."""

from __future__ import annotations

from core.store.migrations.kinds import (
    index,
    large,
    make,
    moment,
    name,
    points,
    unique,
    whole,
    words,
)


def accounts() -> None:
    """Who trades, by which rules and with whose money."""
    make(
        "logins",
        name("id"),
        name("broker"),
        name("mode"),
        name("label"),
        key=("id",),
    )
    make(
        "accounts",
        name("id"),
        name("name"),
        name("login_id"),
        moment("opened_at"),
        moment("closed_at", nullable=True),
        unique("accounts", "name"),
        points("accounts", ("login_id",), ("logins.id",)),
        key=("id",),
    )
    make(
        "mandates",
        name("account_id"),
        whole("version"),
        name("objective"),
        moment("signed_at"),
        words("body"),
        key=("account_id", "version"),
    )
    make(
        "funding_plans",
        name("account_id"),
        whole("version"),
        name("kind"),
        large("lump_sum"),
        large("instalment"),
        words("body"),
        key=("account_id", "version"),
    )
    make(
        "capital",
        name("id"),
        name("account_id"),
        moment("at"),
        large("amount"),
        words("words"),
        key=("id",),
    )
    index("capital", "account_id")
    make(
        "transactions",
        name("id"),
        name("account_id"),
        name("kind"),
        moment("at"),
        name("reference"),
        words("words"),
        key=("id",),
    )
    index("transactions", "account_id", "at")


def postings() -> None:
    """The lines of the double entry, with an index for each fold."""
    make(
        "postings",
        whole("id"),
        name("transaction_id"),
        name("account_id"),
        name("ledger"),
        name("isin", nullable=True),
        large("amount"),
        large("qty"),
        points("postings", ("transaction_id",), ("transactions.id",)),
        key=("id",),
    )
    index("postings", "account_id", "ledger", "amount", called="ix_postings_balance")
    index("postings", "account_id", "isin", "qty", "amount", called="ix_postings_position")
    index("postings", "transaction_id")
