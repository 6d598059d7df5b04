"""Days that a person opened, closed or moved, one row a day beside the other settings."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlmodel import Session

from core.domain.calendar_override import Override, Word
from core.errors import NotFound
from core.store import settings

PREFIX = "calendar:override:"


def put(tx: Session, override: Override) -> None:
    """Keep a day's override, or replace the one it has."""
    settings.put(
        tx,
        _key(override.day),
        {
            "word": override.word.value,
            "reason": override.reason,
            "by": override.by,
            "at": override.at.isoformat(),
            "trading": [[f"{starts}", f"{ends}"] for starts, ends in override.trading],
        },
    )


def drop(tx: Session, day: date) -> Override:
    """Take a day's override away and return it; raises NotFound."""
    found = {one.day: one for one in all_overrides(tx)}
    if day not in found:
        raise NotFound(f"{day} was not set by a person; there is nothing to take back")
    settings.drop(tx, _key(day))
    return found[day]


def all_overrides(tx: Session) -> list[Override]:
    """Every override, oldest day first."""
    kept = settings.starting(tx, PREFIX)
    return sorted((_made(key, row) for key, row in kept.items()), key=lambda one: one.day)


def _key(day: date) -> str:
    return f"{PREFIX}{day.isoformat()}"


def _made(key: str, row: dict[str, Any]) -> Override:
    return Override(
        day=date.fromisoformat(key.removeprefix(PREFIX)),
        word=Word(row["word"]),
        reason=row["reason"],
        by=row["by"],
        at=datetime.fromisoformat(row["at"]),
        trading=tuple(
            (time.fromisoformat(starts), time.fromisoformat(ends))
            for starts, ends in row["trading"]
        ),
    )
