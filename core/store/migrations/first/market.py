"""Tables of the market in the first revision."""

from __future__ import annotations

from core.store.migrations.kinds import (
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


def prices() -> None:
    """Instruments, their bars and their last prices."""
    make(
        "instruments",
        whole("id"),
        name("isin"),
        name("symbol"),
        name("name"),
        name("sector"),
        name("cap_class"),
        name("exchange"),
        name("series"),
        whole("band_pct", nullable=True),
        flag("has_derivatives"),
        name("surveillance"),
        unique("instruments", "isin"),
        key=("id",),
    )
    index("instruments", "sector")
    index("instruments", "symbol")
    make(
        "bars",
        name("isin"),
        whole("session"),
        number("open", nullable=True),
        number("high", nullable=True),
        number("low", nullable=True),
        number("close", nullable=True),
        number("volume", nullable=True),
        number("factor"),
        name("source"),
        key=("isin", "session"),
        sqlite_with_rowid=False,
    )
    make(
        "quotes",
        name("isin"),
        large("ltp"),
        large("bid"),
        large("ask"),
        large("bid_qty"),
        large("ask_qty"),
        large("open"),
        large("high"),
        large("low"),
        large("prev_close"),
        large("volume"),
        moment("at"),
        moment("received_at"),
        name("source"),
        key=("isin",),
    )


def news() -> None:
    """Events, what they were read as, and what came of them."""
    make(
        "events",
        name("id"),
        name("source"),
        name("source_id"),
        words("headline"),
        words("squeezed"),
        moment("event_at"),
        moment("known_at"),
        words("body"),
        name("url"),
        whole("priority"),
        flag("simulated"),
        key=("id",),
    )
    index("events", "known_at")
    index("events", "squeezed", "known_at")
    make(
        "tags",
        name("event_id"),
        name("isin"),
        name("symbol"),
        name("event_type"),
        whole("stance"),
        number("impact"),
        number("confidence"),
        words("matched"),
        moment("known_at"),
        name("tagger"),
        points("tags", ("event_id",), ("events.id",)),
        key=("event_id", "isin"),
    )
    index("tags", "isin", "known_at")
    index("tags", "known_at")
    make(
        "event_outcomes",
        name("event_id"),
        words("outcome"),
        points("event_outcomes", ("event_id",), ("events.id",)),
        key=("event_id",),
    )
