"""A file's columns by name, read as text, numbers or days before anyone says what they mean.

Every complaint names file, line and column, what was found and what was expected.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput

NO_VALUE = frozenset({"", "-", "nan", "NaN", "NA", "N/A", "null"})
MIXED_FROM = 0.02  # of the rows; fewer cells written another way are named one by one
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length; `first_line` is the line of the first row as an editor counts."""

    name: str
    columns: dict[str, Sequence[Any] | NDArray[Any]]
    first_line: int = 2

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def has(self, *names: str) -> bool:
        """Whether all these columns are there."""
        return all(name in self.columns for name in names)

    def texts(self, column: str) -> NDArray[np.str_]:
        """A column as text without blanks at its ends; an array of text has none already."""
        cells = self._column(column)
        if isinstance(cells, np.ndarray) and cells.dtype.kind == "U":
            return cells
        return np.array([str(cell).strip() for cell in cells], dtype=np.str_)

    def numbers(self, column: str) -> NDArray[np.float64]:
        """A column as numbers; a cell without a value is NaN, other text raises BadInput."""
        cells = self._column(column)
        if isinstance(cells, np.ndarray) and cells.dtype.kind in "fiu":
            return cells.astype(np.float64)
        try:
            return np.array([_number(cell) for cell in cells], dtype=np.float64)
        except (ValueError, TypeError):
            raise self._bad_cell(column, _number, "a number") from None

    def numbers_if(self, column: str) -> NDArray[np.float64] | None:
        """The same, None where the table has no such column."""
        return self.numbers(column) if self.has(column) else None

    def days(self, column: str, formats: Sequence[str]) -> Days:
        """A column as days, all written in one of `formats`; raises BadInput.

        A column that two formats could both explain, with different days, is refused.
        """
        cells = self._column(column)
        if isinstance(cells, np.ndarray) and cells.dtype.kind == "M":
            return cells.astype("datetime64[D]")
        if len(cells) and all(isinstance(cell, date) for cell in cells):
            return np.array([_plain_day(cell) for cell in cells], dtype="datetime64[D]")
        texts = [str(cell).strip() for cell in cells]
        return self._days_in(column, texts, formats)

    def _days_in(self, column: str, texts: Sequence[str], formats: Sequence[str]) -> Days:
        distinct = sorted(set(texts))
        readings = []
        for form in formats:
            try:
                readings.append({text: _read_day(text, form) for text in distinct})
            except ValueError:
                continue
        if not readings:
            raise self._no_format(column, texts, formats)
        if any(reading != readings[0] for reading in readings[1:]):
            raise BadInput(
                f"{self.name}: column {column} can be read day first or month first "
                f"({texts[0]!r}); write dates as YYYY-MM-DD"
            )
        return np.array([readings[0][text] for text in texts], dtype="datetime64[D]")

    def _no_format(self, column: str, texts: Sequence[str], formats: Sequence[str]) -> BadInput:
        """Name two ways of writing that are mixed, or the first cell the best one cannot read."""
        shapes = Counter(_shape(text) for text in texts).most_common(2)
        if len(shapes) == 2 and shapes[1][1] >= max(2, len(texts) * MIXED_FROM):
            return self._mixed(column, texts, [shape for shape, _ in shapes])
        wrong = [
            next(place for place, text in enumerate(texts) if not _fits(text, form))
            for form in formats
        ]
        place = max(wrong)
        return BadInput(
            f"{self.name}, line {self.first_line + place}, column {column}: found "
            f"{texts[place]!r}, expected a date like {example(formats[wrong.index(place)])}"
        )

    def _mixed(self, column: str, texts: Sequence[str], shapes: Sequence[str]) -> BadInput:
        """Two ways of writing a date in one column: nothing is guessed."""
        said = []
        for shape in shapes:
            written = [text for text in texts if _shape(text) == shape]
            said.append(f"{len(written)} of {len(shape)} characters such as {written[-1]!r}")
        unsure = sum(1 for text in texts if _either_way(text))
        return BadInput(
            f"{self.name}: column {column} mixes two ways of writing a date, {said[0]} and "
            f"{said[1]}, and in {unsure} of {len(texts)} rows day and month cannot be told apart; "
            "nothing is guessed, so save it again with dates as YYYY-MM-DD"
        )

    def _bad_cell(self, column: str, read: Callable[[Any], float], expected: str) -> BadInput:
        for place, cell in enumerate(self._column(column)):
            try:
                read(cell)
            except (ValueError, TypeError):
                return BadInput(
                    f"{self.name}, line {self.first_line + place}, column {column}: found "
                    f"{str(cell).strip()!r}, expected {expected}"
                )
        raise AssertionError(f"{self.name}: no cell of {column} is wrong")

    def _column(self, column: str) -> Any:
        try:
            return self.columns[column]
        except KeyError:
            raise BadInput(
                f"{self.name}: found no column {column}, expected it among "
                f"{', '.join(self.columns)}"
            ) from None


def _number(cell: Any) -> float:
    if cell is None:
        return float("nan")
    if isinstance(cell, str):
        text = cell.strip()
        return float("nan") if text in NO_VALUE else float(text.replace(",", ""))
    return float(cell)


def _read_day(text: str, form: str) -> date:
    if form == "%Y-%m-%d" and len(text) > 10 and text[10] in " T":
        return datetime.fromisoformat(text).date()
    return datetime.strptime(text, form).date()  # noqa: DTZ007


def _shape(text: str) -> str:
    return "".join("#" if char.isdigit() else "A" if char.isalpha() else char for char in text)


def _either_way(text: str) -> bool:
    """Whether the first two numbers of a date could both be a day and a month, and differ."""
    parts = re.split(r"\D+", text)
    if len(parts) != 3 or not all(parts) or len(parts[0]) > 2:
        return False
    return int(parts[0]) <= 12 and int(parts[1]) <= 12 and int(parts[0]) != int(parts[1])


def _fits(text: str, form: str) -> bool:
    try:
        _read_day(text, form)
    except ValueError:
        return False
    return True


def _plain_day(cell: date) -> date:
    return cell.date() if isinstance(cell, datetime) else cell


def example(form: str) -> str:
    """A day written in a format."""
    return date(2026, 4, 6).strftime(form)
