"""The note beside a SQLite store that it was moved away, so that nobody goes on with the old one.

It is a file of its own, for the store it stands beside is left exactly as it was.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy.engine import URL

from core.errors import BadSetting


def note_file(database: str) -> Path:
    """Where the note of a SQLite file stands."""
    return Path(f"{database}.moved")


def note_moved(database: str, sentence: str) -> None:
    """Say where a store went; raises OSError."""
    with note_file(database).open("w", encoding="utf-8") as file:
        file.write(f"{sentence}\n")
        file.flush()
        os.fsync(file.fileno())


def refuse_moved(place: URL) -> None:
    """Raise BadSetting for a SQLite store that was moved away."""
    if place.get_backend_name() != "sqlite" or not place.database:
        return
    note = note_file(place.database)
    if not note.exists():
        return
    raise BadSetting(
        f"{note.read_text(encoding='utf-8').strip()}; set DATABASE_URL to that one, or remove "
        f"{note.name} beside the old store to go back to what it held then"
    )
