"""Which column of a table of prices is which, how sure that is, and what would be refused.

A column is proposed by its name and by what is in it. A person can say otherwise, column by
column, and what is said wins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

from core.errors import BadInput
from core.providers.bar_file import BarFile, Refusal
from core.providers.plain_bars import DATES, NEEDED, SPELLINGS, parse
from core.providers.table import Table
from core.providers.table_files import read_table

LIKE_FROM = 0.55  # of a name that is proposed although it is spelt otherwise
LOOKED_AT = 200  # rows by which a column's content is judged
SHOWN = 5
NUMBERS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Mapped:
    """One field and the column it is read from; confidence is a fraction, 1 is certain."""

    field: str
    column: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import of a file as plain bars would do; `rows` are the first as text."""

    name: str
    columns: tuple[Mapped, ...]
    missing: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    taken: int
    refused: int
    first_refused: tuple[Refusal, ...]
    sentence: str


def propose(table: Table, said: Mapping[str, str] | None = None) -> tuple[Mapped, ...]:
    """The best column for each field, none twice; fields without one are left out.

    Args:
        said: columns a person named, by field.

    Raises:
        BadInput: a named field or column does not exist.
    """
    chosen = [_said(table, field, column) for field, column in (said or {}).items()]
    taken_fields = {one.field for one in chosen}
    found = [
        mapped
        for field in SPELLINGS
        if field not in taken_fields
        for column in table.columns
        if (mapped := _likeness(table, field, column)) is not None
    ]
    for one in sorted(found, key=lambda mapped: -mapped.confidence):
        fields = {mapped.field for mapped in chosen}
        columns = {mapped.column for mapped in chosen}
        if one.field not in fields and one.column not in columns:
            chosen.append(one)
    order = list(SPELLINGS)
    return tuple(sorted(chosen, key=lambda mapped: order.index(mapped.field)))


def read_mapped(path: Path, said: Mapping[str, str]) -> BarFile:
    """Bars of a file by the columns that were said, the rest as proposed; raises BadInput."""
    table = read_table(path)
    return parse(_renamed(table, propose(table, said)))


def preview(path: Path, said: Mapping[str, str] | None = None) -> Preview:
    """What importing a file would take and refuse; raises BadInput for a file without a table."""
    table = read_table(path)
    columns = propose(table, said)
    missing = tuple(one for one in NEEDED if one not in {mapped.field for mapped in columns})
    shown = tuple(
        {mapped.field: str(table.columns[mapped.column][row]).strip() for mapped in columns}
        for row in range(min(SHOWN, table.rows))
    )
    if missing:
        sentence = (
            f"{path.name}: no column looks like {', '.join(missing)} among "
            f"{', '.join(table.columns)}; say which with --map {missing[0]}=COLUMN"
        )
        return Preview(path.name, columns, missing, shown, 0, table.rows, (), sentence)
    try:
        bars = parse(_renamed(table, columns))
    except BadInput as why:
        return Preview(path.name, columns, (), shown, 0, table.rows, (), str(why))
    unsure = [one for one in columns if one.confidence < 1]
    sentence = bars.words
    if unsure:
        guesses = ", ".join(f"{one.field} from {one.column}" for one in unsure)
        sentence += f"; look at {guesses}, which are guesses: import with --map to say so"
    return Preview(
        path.name,
        columns,
        (),
        shown,
        len(bars.rows),
        len(bars.refused),
        bars.refused[:SHOWN],
        sentence,
    )


def parse_map(texts: Sequence[str]) -> dict[str, str]:
    """`close=Close` texts as columns by field; raises BadInput for another shape."""
    found: dict[str, str] = {}
    for text in texts:
        field, mark, column = text.partition("=")
        if not mark or not column.strip():
            raise BadInput(f"--map {text!r} says no column; write it as close=Close")
        found[field.strip().lower()] = column.strip()
    return found


def _renamed(table: Table, columns: Sequence[Mapped]) -> Table:
    """The table with the usual name of each field, and nothing else in it."""
    kept = {SPELLINGS[one.field][0]: table.columns[one.column] for one in columns}
    return Table(table.name, kept, first_line=table.first_line)


def _said(table: Table, field: str, column: str) -> Mapped:
    if field not in SPELLINGS:
        raise BadInput(f"--map: {field!r} is none of {', '.join(SPELLINGS)}")
    tidy = " ".join(column.split()).upper()
    if not table.has(tidy):
        raise BadInput(
            f"{table.name}: found no column {column}, expected it among {', '.join(table.columns)}"
        )
    return Mapped(field, tidy, 1.0, "you said so")


def _likeness(table: Table, field: str, column: str) -> Mapped | None:
    """How well a column's name and content fit a field; None when they do not."""
    if column in SPELLINGS[field]:
        alike, why = 1.0, "its usual name"
    else:
        words = set(re.split(r"[^A-Z]+", column))
        alike = max(
            0.9 if name in words and len(name) > 2 else SequenceMatcher(None, name, column).ratio()
            for name in SPELLINGS[field]
        )
        why = "its name is like it"
    if alike < LIKE_FROM:
        return None
    fits = _content(table, field, column)
    if not fits:
        return None
    return Mapped(field, column, round(alike * fits, 2), why)


def _content(table: Table, field: str, column: str) -> float:
    """The part of the first cells that can be such a field."""
    cells = table.columns[column][:LOOKED_AT]
    head = Table(table.name, {column: cells}, first_line=table.first_line)
    if field == "date":
        try:
            head.days(column, DATES)
        except BadInput:
            return 0.0
        return 1.0
    if field in NUMBERS:
        good = [_is_number(cell) for cell in cells]
        return float(np.mean(good)) if good else 0.0
    return 1.0


def _is_number(cell: object) -> bool:
    try:
        return float(str(cell).replace(",", "")) >= 0
    except ValueError:
        return False
