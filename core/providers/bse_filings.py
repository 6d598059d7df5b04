"""BSE announcements from a CSV: when, which company, under which subject, and the link.

The times are the exchange's, to the second, and stand for both `event_at` and `known_at`. The
file's own guesses at category and implication are not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.domain.clock import IST
from core.domain.event import Event, event_id, squeeze
from core.errors import BadInput
from core.providers.table import Table
from core.providers.table_files import read_table

SOURCE = "BSE"
NEEDS = ("DT", "COMPANY", "SCRIP CODE", "SUBJECT", "PDF LINK")
SAME_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Filings:
    """Events oldest first, as filed, and the ids of those that say again what stood before."""

    events: tuple[Event, ...]
    repeated: tuple[str, ...]


def read_filings(path: Path) -> list[Event]:
    """The filings in a file, oldest first, repeats included; raises BadInput."""
    return list(parse(read_table(path)).events)


def parse(table: Table) -> Filings:
    """The filings in a table; raises BadInput naming file, line and column."""
    missing = [column for column in NEEDS if not table.has(column)]
    if missing:
        raise BadInput(
            f"{table.name}: found no column {missing[0].lower()}, expected it in a BSE "
            f"announcements file among {', '.join(table.columns)}"
        )
    cells = zip(*(table.texts(column).tolist() for column in NEEDS), strict=True)
    events = [_event(table.name, table.first_line + place, *row) for place, row in enumerate(cells)]
    events.sort(key=lambda event: event.known_at)
    return Filings(tuple(events), _repeated(events))


def _event(
    name: str, line: int, at: str, company: str, scrip: str, subject: str, url: str
) -> Event:
    try:
        filed_at = datetime.strptime(at, "%Y-%m-%d %H:%M:%S").replace(tzinfo=IST)
    except ValueError:
        raise BadInput(
            f"{name}, line {line}, column dt: found {at!r}, expected a time like "
            "2026-01-25 09:15:00"
        ) from None
    if not subject:
        raise BadInput(f"{name}, line {line}, column subject: found nothing, expected a headline")
    source_id = url.rsplit("/", 1)[-1] or f"{scrip}-{filed_at:%Y%m%d%H%M%S}"
    return Event(
        id=event_id(SOURCE, source_id, subject),
        source=SOURCE,
        source_id=source_id,
        headline=subject,
        event_at=filed_at,
        known_at=filed_at,
        body=f"Company: {company}; Scrip code: {scrip}; {subject}",
        url=url,
    )


def _repeated(events: Sequence[Event]) -> tuple[str, ...]:
    """Ids of events whose id or headline stood within the last 24 hours already."""
    seen: dict[str, datetime] = {}
    ids: set[str] = set()
    found: list[str] = []
    for event in events:
        words = squeeze(event.headline)
        last = seen.get(words)
        if event.id in ids or (last is not None and event.known_at - last <= SAME_WITHIN):
            found.append(event.id)
        ids.add(event.id)
        seen[words] = event.known_at
    return tuple(found)
