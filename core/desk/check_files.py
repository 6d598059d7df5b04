"""What an import of a folder would take and refuse, file by file; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.desk.put_file import rows_in, sentence, taken
from core.domain.calendar import Calendar
from core.errors import BadInput, MunimError
from core.providers.bar_file import BarFile
from core.providers.market_files import open_market_file


@dataclass(frozen=True, slots=True)
class FileChecked:
    """One file: its format, empty where the whole file is refused, and its rows.

    `left_out` counts rows of series that are not shares.
    """

    file: str
    format: str
    rows: int
    taken: int
    refused: int
    left_out: int
    sentence: str


def check_files(places: Sequence[Path], calendar: Calendar) -> list[FileChecked]:
    """Every file of the folders and files given, by name.

    Raises:
        BadInput: a place does not exist, or there is no file.
    """
    found: list[tuple[Path, str]] = []
    for place in places:
        if place.is_dir():
            inside = sorted(one for one in place.rglob("*") if one.is_file())
            found += [(one, str(one.relative_to(place))) for one in inside]
        elif place.is_file():
            found.append((place, place.name))
        else:
            raise BadInput(f"there is no file or folder {place}; check the path")
    if not found:
        raise BadInput("there is no file in that folder; name one that holds market files")
    return [_checked(path, called, calendar) for path, called in found]


def _checked(path: Path, called: str, calendar: Calendar) -> FileChecked:
    try:
        file = open_market_file(path, calendar)
    except MunimError as why:
        return FileChecked(called, "", 0, 0, 0, 0, str(why))
    left_out = file.left_out if isinstance(file, BarFile) else 0
    return FileChecked(
        called,
        file.format,
        rows_in(file),
        taken(file),
        len(file.refused),
        left_out,
        sentence(file),
    )
