"""News and filings as they came, what they were read as, and what came of each.

An event is never changed: its outcome stands in a table of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, exists, or_, select
from sqlmodel import Session

from core.domain.event import Event, EventType, Priority, Stance, TaggedEvent, squeeze
from core.errors import NotFound
from core.store.sql import flat, insert_all_new, insert_new, parts, upsert
from core.store.tables_market import event_outcomes, events, tags

SAME_NEWS = timedelta(hours=24)
ARCHIVED = "archived before the desk opened"
AnyRow = Row[tuple[object, ...]]


def put(tx: Session, event: Event) -> bool:
    """Keep one event; False when it is known already.

    Known is the same id, or the same squeezed headline within 24 h: from any other source, or
    from its own source with the same body. One source may file two texts under one headline.
    """
    squeezed = squeeze(event.headline)
    twin = exists().where(
        events.c.squeezed == squeezed,
        events.c.known_at >= event.known_at - SAME_NEWS,
        events.c.known_at <= event.known_at + SAME_NEWS,
        or_(events.c.source != event.source, events.c.body == event.body),
    )
    if tx.execute(select(twin)).scalar():
        return False
    return insert_new(tx, events, {**flat(event), "squeezed": squeezed})


def put_archive(tx: Session, past: Sequence[Event]) -> None:
    """Keep news from before the desk opened; it trains models and is decided already."""
    rows = [{**flat(event), "squeezed": squeeze(event.headline)} for event in past]
    insert_all_new(tx, events, rows)
    done = [{"event_id": event.id, "outcome": ARCHIVED} for event in past]
    insert_all_new(tx, event_outcomes, done)


def put_tags(tx: Session, read: Sequence[TaggedEvent]) -> None:
    """Keep what events were read as; a later reading for the same share replaces the first."""
    upsert(tx, tags, [{**flat(tag), "matched": json.dumps(tag.matched)} for tag in read])


def by_id(tx: Session, event_id: str) -> Event:
    """One event; raises NotFound."""
    row = tx.execute(select(events).where(events.c.id == event_id)).one_or_none()
    if row is None:
        raise NotFound(f"no event has the id {event_id}")
    return _event(row)


def recent(tx: Session, limit: int = 200) -> list[tuple[Event, list[TaggedEvent], str]]:
    """The newest events with their tags and outcome, newest first; undecided is empty text."""
    found = (
        select(events, event_outcomes.c.outcome)
        .outerjoin(event_outcomes, event_outcomes.c.event_id == events.c.id)
        .order_by(events.c.known_at.desc(), events.c.id)
        .limit(limit)
    )
    rows = tx.execute(found).all()
    of_event: dict[str, list[TaggedEvent]] = {row.id: [] for row in rows}
    # by parts: variables of a statement are limited, and a join with a LIMIT is planned badly
    for part in parts(list(of_event)):
        for tag in _tags(tx.execute(select(tags).where(tags.c.event_id.in_(part)))):
            of_event[tag.event_id].append(tag)
    for tagged in of_event.values():
        tagged.sort(key=lambda tag: tag.isin)
    return [(_event(row), of_event[row.id], row.outcome or "") for row in rows]


def undecided(tx: Session) -> list[Event]:
    """Events without an outcome: urgent ones first, then the oldest."""
    waiting = select(events).where(~exists().where(event_outcomes.c.event_id == events.c.id))
    ordered = waiting.order_by(events.c.priority, events.c.known_at, events.c.id)
    return [_event(row) for row in tx.execute(ordered)]


def mark(tx: Session, event_id: str, outcome: str) -> None:
    """Say what came of an event, in a sentence."""
    by_id(tx, event_id)
    upsert(tx, event_outcomes, [{"event_id": event_id, "outcome": outcome}])


def tags_of_event(tx: Session, event_id: str) -> list[TaggedEvent]:
    """What one event was read as."""
    found = select(tags).where(tags.c.event_id == event_id).order_by(tags.c.isin)
    return list(_tags(tx.execute(found)))


def tags_between(tx: Session, start: datetime, end: datetime) -> list[TaggedEvent]:
    """Tags with `start < known_at <= end`, oldest first."""
    found = select(tags).where(tags.c.known_at > start, tags.c.known_at <= end)
    return list(_tags(tx.execute(found.order_by(tags.c.known_at, tags.c.event_id, tags.c.isin))))


def first_tag(
    tx: Session, event_type: EventType, *, after: datetime, until: datetime
) -> TaggedEvent | None:
    """The first reading of a kind with `after < known_at <= until`, or None."""
    of_kind = select(tags).where(tags.c.event_type == event_type.value)
    found = of_kind.where(tags.c.known_at > after, tags.c.known_at <= until)
    first = found.order_by(tags.c.known_at, tags.c.event_id, tags.c.isin).limit(1)
    return next(iter(_tags(tx.execute(first))), None)


def tags_of_isin(tx: Session, isin: str, limit: int = 50) -> list[TaggedEvent]:
    """The newest tags of one instrument, newest first."""
    found = select(tags).where(tags.c.isin == isin)
    newest = found.order_by(tags.c.known_at.desc(), tags.c.event_id).limit(limit)
    return list(_tags(tx.execute(newest)))


def heard_of(tx: Session, isin: str, limit: int = 50) -> list[tuple[TaggedEvent, str]]:
    """The newest tags of one instrument with their headlines, newest first."""
    joined = select(tags, events.c.headline).join(events, events.c.id == tags.c.event_id)
    newest = joined.where(tags.c.isin == isin).order_by(tags.c.known_at.desc(), tags.c.event_id)
    rows = tx.execute(newest.limit(limit)).all()
    return list(zip(_tags(rows), (row.headline for row in rows), strict=True))


def _event(row: AnyRow) -> Event:
    return Event(
        id=row.id,
        source=row.source,
        source_id=row.source_id,
        headline=row.headline,
        event_at=row.event_at,
        known_at=row.known_at,
        body=row.body,
        url=row.url,
        priority=Priority(row.priority),
        simulated=row.simulated,
    )


def _tags(rows: Iterable[AnyRow]) -> Iterable[TaggedEvent]:
    for row in rows:
        yield TaggedEvent(
            event_id=row.event_id,
            isin=row.isin,
            symbol=row.symbol,
            event_type=EventType(row.event_type),
            stance=Stance(row.stance),
            impact=row.impact,
            confidence=row.confidence,
            matched=tuple(json.loads(row.matched)),
            known_at=row.known_at,
            tagger=row.tagger,
        )
