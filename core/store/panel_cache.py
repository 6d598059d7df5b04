"""A panel in one file of columns beside the store, made anew when the store's arrays changed.

The file's name holds the store's address, what was asked for and the version of its bars, so a
stale one is never read; it is a cache, and losing it costs one slow read.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from sqlmodel import Session

from core.panel import FIELDS, Panel
from core.store import array_versions, bars

FOLDER: Final = "cache/panels"
KEPT_MAX: Final = 24  # files; the oldest go first
PARTS: Final = (*FIELDS, "factor")


def read_panel(
    tx: Session,
    home: Path,
    isins: Sequence[str] | None = None,
    *,
    start: date | None = None,
    end: date | None = None,
    as_of: date | None = None,
) -> Panel:
    """The same panel as `bars.read_panel` gives, from the cache when nothing changed since."""
    asked = ",".join(isins) if isins is not None else "*"
    said = f"{tx.get_bind().engine.url!r}|{asked}|{start}|{end}|{as_of}"
    name = hashlib.sha256(said.encode()).hexdigest()[:24]
    path = home / FOLDER / f"{name}-{array_versions.version(tx)}.npy"
    found = _opened(path)
    if found is None:
        found = bars.read_panel(tx, isins, start=start, end=end, as_of=as_of)
        _keep(path, found, older=f"{name}-*.npy")
    return found


def _opened(path: Path) -> Panel | None:
    """The panel of a whole file; None when there is none or it was cut short."""
    try:
        with path.open("rb") as file:
            days = np.load(file, allow_pickle=False)
            isins = np.load(file, allow_pickle=False)
            cells = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return Panel(
        sessions=tuple(days.astype("datetime64[D]").tolist()),
        isins=tuple(isins.tolist()),
        **{name: cells[place] for place, name in enumerate(PARTS)},
    )


def _keep(path: Path, panel: Panel, *, older: str) -> None:
    """Write the file whole or not at all, then drop what it replaces."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, made = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(number, "wb") as file:
            np.save(file, np.array(panel.sessions, dtype="datetime64[D]").astype(np.int64))
            np.save(file, np.array(panel.isins, dtype=np.str_))
            np.save(file, np.stack([getattr(panel, name) for name in PARTS]))
        Path(made).replace(path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
    for one in path.parent.glob(older):
        if one != path:
            one.unlink(missing_ok=True)
    kept = sorted(path.parent.glob("*.npy"), key=lambda one: one.stat().st_mtime)
    for one in kept[:-KEPT_MAX]:
        one.unlink(missing_ok=True)
