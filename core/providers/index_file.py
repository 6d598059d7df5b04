"""Daily levels of indices: a table by index, NSE's India VIX, and the index part of NSE's MA file.

A row whose levels cannot be is refused and named. A level that is a power of ten off the one
before is a rebasing, not a return, and carries its divisor.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domain.words import counted
from core.errors import BadInput
from core.panel import Floats
from core.providers.bar_file import Refusal
from core.providers.index_names import VIX, index_name
from core.providers.table import Table
from core.providers.table_files import text_of

LEVELS = ("OPEN", "HIGH", "LOW", "CLOSE")
DATES = ("%Y-%m-%d", "%d-%b-%Y", "%d/%m/%Y", "%m/%d/%Y")
BY_NAME = ("DATE", "INDEX", *LEVELS)
NSE_VIX = ("DATE", *LEVELS, "PREV. CLOSE", "% CHANGE")
OTHER_VIX = ("DATE", "VIX", "OPEN", "HIGH", "LOW")
REBASED_WITHIN = 0.1  # of a whole power of ten, so a day's own move does not hide it


@dataclass(frozen=True, slots=True)
class IndexFile:
    """Rows as arrays of one length; `values` are open, high, low, close and volume."""

    name: str
    format: str
    rows: int
    index: NDArray[np.str_]
    day: NDArray[np.datetime64]
    values: list[Floats]
    divisor: Floats
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = field(default=())


def is_index_table(table: Table) -> bool:
    """Whether a table's columns are those of index levels."""
    return any(table.has(*needs) for needs in (BY_NAME, NSE_VIX, OTHER_VIX))


def parse(table: Table) -> IndexFile:
    """The levels of a table; raises BadInput naming line and column."""
    close = "CLOSE" if table.has("CLOSE") else "VIX"
    alone = not table.has("INDEX")
    called = [VIX] * table.rows if alone else table.texts("INDEX").tolist()
    blank = np.full(table.rows, np.nan)
    return _checked(
        table.name,
        "india vix" if alone else "index levels",
        np.array([index_name(one) for one in called], dtype=np.str_),
        table.days("DATE", DATES),
        [
            *(table.numbers(one) for one in LEVELS[:3]),
            table.numbers(close),
            table.numbers("VOLUME") if table.has("VOLUME") else blank,
        ],
        first_line=table.first_line,
    )


def parse_market_activity(path: Path) -> IndexFile:
    """The index levels in NSE's daily market activity report (MAddmmyy.csv); raises BadInput."""
    lines = list(csv.reader(io.StringIO(text_of(path))))
    head = next((at for at, row in enumerate(lines) if "INDEX" in row and "CLOSE" in row), None)
    day = next((cell.strip() for row in lines[:1] for cell in row if cell.strip()), "")
    if head is None or not day:
        raise BadInput(f"{path.name}: found no date or no INDEX table, expected NSE's MA report")
    taken = []
    for place, row in enumerate(lines[head + 1 :], head + 2):
        if len(row) < 7 or not row[1].strip():
            break
        taken.append((place, row))
    try:
        at = np.datetime64(datetime.strptime(day, "%d-%b-%Y").date(), "D")  # noqa: DTZ007
        values = [np.array([float(row[col]) for _, row in taken]) for col in (3, 4, 5, 6)]
    except ValueError as error:
        raise BadInput(
            f"{path.name}: {error}; expected dates like 16-Dec-2025 and levels"
        ) from None
    return _checked(
        path.name,
        "nse market activity",
        np.array([index_name(row[1]) for _, row in taken], dtype=np.str_),
        np.full(len(taken), at),
        [*values, np.full(len(taken), np.nan)],
        first_line=head + 2,
    )


def _checked(
    name: str,
    form: str,
    index: NDArray[np.str_],
    day: NDArray[np.datetime64],
    values: list[Floats],
    *,
    first_line: int,
) -> IndexFile:
    open_, high, low, close = values[:4]
    only_close = (open_ == 0) & (high == 0) & (low == 0) & (close > 0)
    for one in values[:3]:
        one[only_close] = np.nan
    with np.errstate(invalid="ignore"):
        wrong = (high < np.fmax(open_, close)) | (low > np.fmin(open_, close))
        wrong |= ~(close > 0)
    order = np.lexsort((day, index))
    again = np.zeros(len(day), dtype=bool)
    same = (index[order][1:] == index[order][:-1]) & (day[order][1:] == day[order][:-1])
    again[order[1:][same]] = True
    refused = [
        Refusal(
            first_line + place,
            str(index[place]),
            "the index has another row that day"
            if again[place]
            else f"{day[place]} open {open_[place]:g}, high {high[place]:g}, low {low[place]:g}, "
            f"close {close[place]:g}: open and close must lie in low..high",
        )
        for place in np.flatnonzero(wrong | again).tolist()
    ]
    kept = order[~(wrong | again)[order]]
    if not len(kept):
        raise BadInput(f"{name}: none of its {len(day)} rows is a level; {refused[0].reason}")
    divisor, rebased = _rebasings(index[kept], day[kept], close[kept])
    notes = list(rebased)
    if len(days := np.unique(day[kept])) == 1:
        notes.append(f"{len(kept)} indices on {days[0]}")
    if only_close.any():
        notes.append(f"{counted(int(only_close.sum()), 'row')} with a close only")
    return IndexFile(
        name,
        form,
        len(day),
        index[kept],
        day[kept],
        [one[kept] for one in values],
        divisor,
        tuple(refused),
        tuple(notes),
    )


def _rebasings(
    index: NDArray[np.str_], day: NDArray[np.datetime64], close: Floats
) -> tuple[Floats, list[str]]:
    """What earlier levels divide by on each row, and a sentence for each rebasing."""
    divisor = np.ones(len(close))
    power = np.zeros(len(close))
    power[1:] = np.log10(close[:-1] / close[1:])
    whole = np.round(power)
    follows = np.zeros(len(close), dtype=bool)
    follows[1:] = index[1:] == index[:-1]
    found = follows & (whole != 0) & (np.abs(power - whole) < REBASED_WITHIN)
    divisor[found] = 10.0 ** whole[found]
    return divisor, [
        f"{index[place]} was rebased {divisor[place]:g}:1 on {day[place]} "
        f"({close[place - 1]:g} to {close[place]:g}), which is no return"
        for place in np.flatnonzero(found).tolist()
    ]
