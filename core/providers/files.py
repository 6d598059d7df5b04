"""Bars from files: which layout a file has, and its rows.

Opening is `table_files.read_table`; each layout's meaning stands in a file of its own with a pure
`parse`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.domain.calendar import Calendar
from core.errors import BadInput
from core.providers import kaggle_nse, nse_bhavcopy, nse_sec_bhavdata, nse_udiff, plain_bars
from core.providers.bar_file import BarFile, on_calendar
from core.providers.table import Table
from core.providers.table_files import read_table

AUTO = "auto"
# The first layout whose columns are all there is taken; plain comes last and needs the least.
LAYOUTS: dict[str, tuple[tuple[str, ...], Callable[[Table], BarFile]]] = {
    nse_sec_bhavdata.NAME: (nse_sec_bhavdata.NEEDS, nse_sec_bhavdata.parse),
    nse_udiff.NAME: (nse_udiff.NEEDS, nse_udiff.parse),
    nse_bhavcopy.NAME: (nse_bhavcopy.NEEDS, nse_bhavcopy.parse),
    kaggle_nse.NAME: (kaggle_nse.NEEDS, kaggle_nse.parse),
    plain_bars.NAME: ((), plain_bars.parse),
}


def read_bars(path: Path, fmt: str = AUTO, *, calendar: Calendar | None = None) -> BarFile:
    """The bars in a file.

    Args:
        fmt: one of LAYOUTS, or "auto" to recognise it by its columns.
        calendar: when given, rows of days without a session are refused.

    Raises:
        BadInput: the file is missing, empty, of no known layout, or malformed; the sentence
            names file, line, column, what was found and what was expected.
    """
    if fmt != AUTO and fmt not in LAYOUTS:
        raise BadInput(
            f"{fmt!r} is no known file format; use {AUTO} or one of {', '.join(LAYOUTS)}"
        )
    table = read_table(path)
    name = layout_of(table) if fmt == AUTO else fmt
    needs, parse = LAYOUTS[name]
    missing = [column for column in needs if not table.has(column)]
    if missing:
        raise BadInput(
            f"{table.name}: found no column {missing[0]}, expected it in a {name} file; "
            f"use {AUTO} to recognise the format"
        )
    bars = parse(table)
    return bars if calendar is None else on_calendar(bars, calendar)


def layout_of(table: Table) -> str:
    """The name of a table's layout."""
    for name, (needs, _) in LAYOUTS.items():
        if table.has(*needs):
            return name
    raise AssertionError("the plain layout needs no column and always fits")
