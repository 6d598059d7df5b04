"""The tape of news and filings: when it was known, what it was read as, and what it led to."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.desk.desk import Desk
from core.domain.clock import ist_day
from core.domain.event import Event, EventType, Priority, Stance, TaggedEvent
from core.domain.words import age_of, day, ist_stamp, ist_time, pct
from core.store import events
from core.views.shown import Tag, Text

TAPE_MAX = 400
ANY = "any"
LED = ("any", "card", "refused", "waiting", "archive")
TILTS = {Stance.POSITIVE: "▲ positive", Stance.NEUTRAL: "○ neutral", Stance.NEGATIVE: "▼ negative"}
ARCHIVED = "archive"  # how the outcome of what came before the desk opened begins
EARLIER = "before the desk opened"


@dataclass(frozen=True, slots=True)
class TapeRow:
    """One event for one share it names; an event that names none is one row, of NaN impact."""

    id: str
    known_at: str
    source: str
    symbol: str
    headline: str
    tag: str
    tilt: str
    impact: float
    led_to: str


@dataclass(frozen=True, slots=True)
class TapeView:
    """The tape under its filters."""

    rows: tuple[TapeRow, ...]
    note: str
    sources: tuple[str, ...]
    tags: tuple[str, ...]
    empty: str


def tape(
    desk: Desk, *, text: str = "", source: str = ANY, tag: str = ANY, led: str = ANY
) -> TapeView:
    """The newest events, newest first; `text` is looked for in headlines and symbols."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        found = events.recent(tx, TAPE_MAX)
    rows = [row for event, tags, outcome in found for row in _rows(event, tags, outcome, now)]
    kept = [row for row in rows if _fits(row, text=text, source=source, tag=tag, led=led)]
    return TapeView(
        rows=tuple(kept),
        note=f"{len(kept)} of {len(rows)} rows · newest of {ist_stamp(found[0][0].known_at)}"
        if found
        else "nothing yet",
        sources=(ANY, *sorted({event.source for event, _, _ in found})),
        tags=(ANY, *(kind.value for kind in EventType)),
        empty="Nothing matches; loosen a filter."
        if found
        else "No event has come yet. The feed is read every second once the market is open.",
    )


def tape_signature(desk: Desk) -> Hashable:
    """Changes when an event comes or gets its outcome."""
    with desk.store.read() as tx:
        return tuple((event.id, outcome) for event, _, outcome in events.recent(tx, 20))


def _rows(event: Event, tags: Sequence[TaggedEvent], outcome: str, now: datetime) -> list[TapeRow]:
    return [_row(event, tag, outcome, now) for tag in tags] or [_row(event, None, outcome, now)]


def _row(event: Event, tag: TaggedEvent | None, outcome: str, now: datetime) -> TapeRow:
    today = ist_day(event.known_at) == ist_day(now)
    when = ist_time(event.known_at)
    return TapeRow(
        id=event.id,
        known_at=when if today else f"{day(event.known_at)} {when}",
        source=event.source,
        symbol=tag.symbol if tag else "–",
        headline=event.headline,
        tag=tag.event_type.value if tag else "no share",
        tilt=TILTS[tag.stance] if tag else "–",
        impact=tag.impact if tag else float("nan"),
        led_to=_led_to(outcome),
    )


def _led_to(outcome: str) -> str:
    if outcome.startswith(ARCHIVED):
        return EARLIER
    return outcome.replace("_", "-") or "waits for its turn"


def _fits(row: TapeRow, *, text: str, source: str, tag: str, led: str) -> bool:
    words = text.strip().lower()
    return (
        (not words or words in row.headline.lower() or words in row.symbol.lower())
        and source in (ANY, row.source)
        and tag in (ANY, row.tag)
        and led in (ANY, kind_of(row.led_to))
    )


def kind_of(led_to: str) -> str:
    """What an outcome's words come to: card, refused, waiting or archive."""
    if led_to == "waits for its turn":
        return "waiting"
    if led_to == EARLIER:
        return "archive"
    count, _, word = led_to.partition(" ")
    if word.startswith("card") or led_to == "card":
        return "refused" if count == "0" else "card"
    return "refused"


@dataclass(frozen=True, slots=True)
class ReadRow:
    """How the event was read for one share."""

    symbol: Text
    kind: Tag
    tilt: str
    impact: str
    confidence: str
    words: str


@dataclass(frozen=True, slots=True)
class OpenedEvent:
    """One event in full; its decisions come from `core.views.decided`."""

    id: str
    headline: str
    body: str
    facts: tuple[tuple[str, str], ...]
    read: tuple[ReadRow, ...]
    isins: tuple[tuple[str, str], ...]


def opened_event(desk: Desk, event_id: str) -> OpenedEvent:
    """One event with how it was read; raises NotFound."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        event = events.by_id(tx, event_id)
        tags = events.tags_of_event(tx, event_id)
    lag = (event.known_at - event.event_at).total_seconds()
    urgency = {Priority.URGENT: "urgent", Priority.NORMAL: "normal", Priority.ROUTINE: "routine"}
    return OpenedEvent(
        id=event.id,
        headline=event.headline,
        body=event.body,
        facts=(
            ("Source", f"{event.source} {event.source_id}".strip()),
            ("Happened", ist_stamp(event.event_at)),
            ("Known at", f"{ist_stamp(event.known_at)}, {lag:.0f} s later"),
            ("Age", age_of(event.known_at, now)),
            ("Priority", urgency[event.priority]),
            ("Record", event.id),
            *((("Made by", "the simulated market"),) if event.simulated else ()),
        ),
        read=tuple(
            ReadRow(
                Text(tag.symbol, bold=True),
                Tag(tag.event_type.value),
                TILTS[tag.stance],
                f"{tag.impact:.2f} of 1",
                pct(tag.confidence, digits=0),
                ", ".join(tag.matched),
            )
            for tag in tags
        ),
        isins=tuple((tag.isin, tag.symbol) for tag in tags),
    )
