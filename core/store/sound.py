"""Whether a SQLite store's pages are whole, read past the engine so that nothing is written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from core.store.engine import store_url

SPOILED = ("malformed", "not a database", "disk I/O error")


def why_unsound(url: str) -> str:
    """What SQLite's quick check says against a store; empty for a whole, a new or another one.

    PostgreSQL checks its own pages and is not asked.
    """
    place = store_url(url)
    if place.get_backend_name() != "sqlite" or not place.database:
        return ""
    path = Path(place.database)
    if not path.exists() or not path.stat().st_size:
        return ""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            [said] = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as wrong:
        return str(wrong) if "disk I/O" in str(wrong) else ""  # opening it says the rest
    except sqlite3.DatabaseError as wrong:
        return str(wrong)
    return "" if said == "ok" else " ".join(str(said).split())


def is_spoiled(failure: BaseException) -> bool:
    """Whether an error says that a page of a SQLite file, or the whole of it, is no good."""
    said = str(failure)
    return any(words in said for words in SPOILED)


def spoiled_words(why: str) -> str:
    """The sentence for a store that fails its check."""
    return (
        f"the store fails its check ({why}): nothing is sent and stops at the broker stand; "
        "restore the newest copy from backups as docs/restore.md says, then munim resume"
    )
