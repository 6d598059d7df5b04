"""A copy of the store beside it, taken while the desk runs and checked before it counts.

A restored copy never lifts a kill level: that stands in a file of its own as well.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.desk.desk import Desk
from core.domain.clock import Clock, WallClock
from core.errors import BadInput, Tampered
from core.store.engine import store_url

WALL: Final = WallClock()
KEPT: Final = 7


def backup_folder(home: Path) -> Path:
    """Where copies stand."""
    return home / "backups"


def last_backup(home: Path) -> datetime | None:
    """When the newest copy was taken, None where there is none."""
    times = [file.stat().st_mtime for file in backup_folder(home).glob("munim-*.db")]
    return datetime.fromtimestamp(max(times), UTC) if times else None


def back_up(desk: Desk, *, clock: Clock = WALL) -> Path:
    """Copy a SQLite store, check the copy and keep the newest seven.

    Raises:
        BadInput: the store is PostgreSQL, which pg_dump copies.
        Tampered: the copy does not pass SQLite's own check.
    """
    place = store_url(desk.store.url)
    if place.get_backend_name() != "sqlite" or not place.database:
        raise BadInput(
            "this store is PostgreSQL; copy it with pg_dump into backups/munim-DATE.db of the "
            "desk's home"
        )
    folder = backup_folder(desk.home)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    to = folder / f"munim-{clock.now():%Y%m%d-%H%M%S}.db"
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT, 0o600))
    with closing(sqlite3.connect(place.database)) as here, closing(sqlite3.connect(to)) as there:
        here.backup(there)
        [said] = there.execute("PRAGMA quick_check").fetchone()
    if said != "ok":
        to.unlink()
        raise Tampered(f"the copy of the store does not pass its check ({said}); look at the disk")
    for old in sorted(folder.glob("munim-*.db"))[:-KEPT]:
        old.unlink()
    return to
