"""Rows of a verb as a CSV file: rupees with two decimals, and no cell that a sheet would run."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from core.cli.show import Row, plain
from core.domain.money import Money
from core.errors import BadInput
from core.views.shown import in_rupees, safe_cell


def write_csv(rows: Sequence[Row], file: Path) -> str:
    """Write rows to a file that is not there yet; returns a sentence.

    Raises:
        BadInput: the file is there, its folder is not, or there is no row.
    """
    if file.exists():
        raise BadInput(f"{file.name} is there already; give another name")
    if not file.parent.is_dir():
        raise BadInput(f"there is no folder {file.parent} to write {file.name} in")
    if not rows:
        raise BadInput(f"there is no row to write to {file.name}")
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([name.removesuffix("_paise") for name in rows[0]])
        writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return f"{len(rows)} rows in {file.name}"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Money):
        return in_rupees(value)
    text = str(plain(value))
    return safe_cell(text) if isinstance(value, str) else text
