"""The desk's level outside the store: a small file that every process reads before it acts.

Its first line is the level. A second one is there where something wrote it that could not use the
store, and says why; the worker takes it into the store as soon as it can. A level that no disk
would take is held by the process that set it, and written once there is room.
"""

from __future__ import annotations

import os
from pathlib import Path

from core.domain.risk import KillLevel

HELD: dict[Path, tuple[KillLevel, str]] = {}  # by home; what the disk has not taken yet


def kill_file(home: Path) -> Path:
    """Where the desk's level stands outside the store."""
    return home / "kill_level"


def note_level(home: Path, level: KillLevel, sentence: str = "") -> None:
    """Put the file there whole; raises OSError, and then the one before still stands."""
    part = home / f"kill_level.{os.getpid()}"
    text = f"{level.name}\n{sentence}\n" if sentence else level.name
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(kill_file(home))
    finally:
        part.unlink(missing_ok=True)
    HELD.pop(home, None)


def pause(home: Path, sentence: str) -> bool:
    """PAUSE without the store, a stricter level kept; False when somebody said why before."""
    level = max(KillLevel.PAUSE, level_in_file(home))
    if told_in_file(home):
        return False
    HELD[home] = (level, sentence)
    _write_held(home)
    return True


def level_in_file(home: Path) -> KillLevel:
    """The level in the file; NORMAL when there is no file, HALT when it cannot be read."""
    _write_held(home)
    held, _ = HELD.get(home, (KillLevel.NORMAL, ""))
    lines = _lines(home)
    if lines is None:
        return held
    try:
        return max(held, KillLevel[lines[0].strip()])
    except (IndexError, KeyError):
        return KillLevel.HALT


def told_in_file(home: Path) -> str:
    """Why a process without the store set the level; empty where none did."""
    if home in HELD:
        return HELD[home][1]
    return " ".join((_lines(home) or [])[1:]).strip()


def _lines(home: Path) -> list[str] | None:
    try:
        return kill_file(home).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None


def _write_held(home: Path) -> None:
    """Try again to write what is held; it stays held while the disk takes nothing."""
    if home in HELD:
        try:
            note_level(home, *HELD[home])
        except OSError:
            return
