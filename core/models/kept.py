"""Results of jobs on disk, so that a sweep that was stopped goes on where it was.

Each begins with a hash of the rest: a file that was cut short or changed is not taken, and its job
is run again.
"""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path

import numpy as np

from core.models.job import Done

DIGEST = 32  # bytes
FILE = "file:"
ENDING = ".done"


def keep(place: Path, done: Done) -> None:
    """Write a result beside its place and move it there, so that what is there is whole."""
    place.parent.mkdir(parents=True, exist_ok=True)
    content = BytesIO()
    files = {FILE + name: np.frombuffer(one, np.uint8) for name, one in done.files.items()}
    np.savez(content, scores=done.scores, **files)  # type: ignore[arg-type]
    half = place.with_name(f"{place.name}.{os.getpid()}.half")
    half.write_bytes(hashlib.sha256(content.getvalue()).digest() + content.getvalue())
    half.replace(place)


def kept(place: Path) -> Done | None:
    """A result kept before; None where there is none, or one that does not match its hash."""
    if not place.is_file():
        return None
    content = place.read_bytes()
    if hashlib.sha256(content[DIGEST:]).digest() != content[:DIGEST]:
        return None
    with np.load(BytesIO(content[DIGEST:]), allow_pickle=False) as found:
        files = {
            name.removeprefix(FILE): found[name].tobytes()
            for name in found.files
            if name.startswith(FILE)
        }
        return Done(np.asarray(found["scores"], np.float64), files)
