"""A file's columns by name, read as text, numbers or days before anyone says what they mean.

Every complaint names file, line and column, what was found and what was expected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput

NO_VALUE = frozenset({"", "-", "nan", "NaN", "NA", "N/A", "null"})
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
        """A column as text, blanks at the ends removed."""
        return np.array([str(cell).strip() for cell in self._column(column)], dtype=np.str_)

    def numbers(self, column: str) -> NDArray[np.float64]:
        """A column as numbers; a cell without a value is NaN, other text raises BadInput."""
        cells = self._column(column)
        if isinstance(cells, np.ndarray) and cells.dtype.kind in "fiu":
            return cells.astype(np.float64)
        try:
            return np.array([_number(cell) for cell in cells], dtype=np.float64)
        except (ValueError, TypeError):
            raise self._bad_cell(column, _number, "a number") from None

    def days(self, column: str, formats: Sequence[str]) -> Days:
        """A column as days, all written in one of `formats`; raises BadInput.

        A column that two formats could both explain, with different days, is refused.
        """
        cells = self._column(column)
        if isinstance(cells, np.ndarray) and cells.dtype.kind == "M":
            return cells.astype("datetime64[D]")
        if cells and all(isinstance(cell, date) for cell in cells):
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
        """Name the first cell that the best-fitting format cannot read."""
        wrong = [
            next(place for place, text in enumerate(texts) if not _fits(text, form))
            for form in formats
        ]
        place = max(wrong)
        return BadInput(
            f"{self.name}, line {self.first_line + place}, column {column}: found "
            f"{texts[place]!r}, expected a date like {example(formats[wrong.index(place)])}"
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
