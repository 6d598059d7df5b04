"""Spoil a SQLite store as a dying disk does: one page in the middle is overwritten."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def spoil(path: Path) -> None:
    """Overwrite a page in the middle of a closed store, and fail unless SQLite's check sees it."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [size] = db.execute("PRAGMA page_size").fetchone()
        [pages] = db.execute("PRAGMA page_count").fetchone()
    with path.open("r+b") as file:
        file.seek(size * (pages // 2))
        file.write(b"\xff" * size)
    with closing(sqlite3.connect(path)) as db:
        try:
            said = db.execute("PRAGMA integrity_check").fetchall()
        except sqlite3.DatabaseError as error:
            said = [(str(error),)]
    assert said != [("ok",)]
