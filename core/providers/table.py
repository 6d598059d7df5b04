"""Reads a file into named columns before anyone says what they mean.

CSV (plain, gzip or one in a zip), Excel and Parquet. Column names are upper case without
blanks at the ends; cells of a CSV stay text, and every complaint names file, line and column.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput

BYTES_MAX = 600_000_000
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


def read_table(path: Path) -> Table:
    """The file's columns; raises BadInput for a missing, empty or unreadable file."""
    if not path.is_file():
        raise BadInput(f"{path.name}: there is no such file; check the path {path}")
    if path.stat().st_size == 0:
        raise BadInput(f"{path.name}: the file is empty, expected a header and rows")
    ending = path.suffix.lower()
    if ending == ".parquet":
        return parquet_table(path)
    if ending in (".xlsx", ".xlsm"):
        return excel_table(path)
    return csv_table(path.name, _bytes_of(path))


def csv_table(name: str, content: bytes) -> Table:
    """Columns of a CSV; every row must have as many cells as the header."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}: byte {error.start} is no UTF-8 text, expected a CSV") from None
    header, _, _ = text.partition("\n")
    mark = max(",;\t|", key=header.count)
    try:
        lines = [
            (reader_line, row)
            for reader_line, row in _numbered(csv.reader(io.StringIO(text), delimiter=mark))
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise BadInput(f"{name}: not a CSV that can be read, {error}") from None
    if len(lines) < 2:
        raise BadInput(f"{name}: found {len(lines)} lines, expected a header and rows")
    (first_line, names), body = lines[0], lines[1:]
    for line, row in body:
        if len(row) != len(names) and any(cell.strip() for cell in row[len(names) :] or ["x"]):
            raise BadInput(
                f"{name}, line {line}: found {len(row)} cells, expected {len(names)} as in the "
                f"header on line {first_line}"
            )
    return _table(name, names, [row for _, row in body], first_line=body[0][0])


def excel_table(path: Path) -> Table:
    """Columns of the first sheet of an Excel file."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError):
        raise BadInput(f"{path.name}: not an Excel file that can be read, expected .xlsx") from None
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    rows = [row for row in rows if any(cell is not None for cell in row)]
    if len(rows) < 2:
        raise BadInput(f"{path.name}: found {len(rows)} rows, expected a header and rows")
    return _table(path.name, [str(cell or "") for cell in rows[0]], rows[1:], first_line=2)


def parquet_table(path: Path) -> Table:
    """Columns of a Parquet file."""
    import pyarrow
    import pyarrow.parquet

    try:
        found = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowInvalid, OSError):
        raise BadInput(f"{path.name}: not a Parquet file that can be read") from None
    if not found.num_rows:
        raise BadInput(f"{path.name}: found 0 rows, expected at least 1")
    columns = {
        _tidy(name): found.column(name).to_numpy(zero_copy_only=False)
        for name in found.column_names
    }
    return Table(path.name, columns, first_line=1)


def _table(
    name: str, names: Sequence[str], rows: Sequence[Sequence[Any]], *, first_line: int
) -> Table:
    tidy = [_tidy(one) for one in names]
    kept = [place for place, one in enumerate(tidy) if one]
    twice = sorted({tidy[place] for place in kept if tidy.count(tidy[place]) > 1})
    if twice:
        raise BadInput(f"{name}: column {twice[0]} stands twice in the header; keep one")
    columns: dict[str, Sequence[Any] | NDArray[Any]] = {
        tidy[place]: [row[place] for row in rows] for place in kept
    }
    return Table(name, columns, first_line=first_line)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.suffix.lower() == ".zip":
            return _unzipped(path)
        if path.suffix.lower() == ".gz":
            with gzip.open(path) as packed:
                return _limited(path.name, packed.read(BYTES_MAX + 1))
        return _limited(path.name, path.read_bytes())
    except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError):
        raise BadInput(f"{path.name}: the archive cannot be opened; download it again") from None


def _unzipped(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        inside = [item for item in archive.infolist() if item.filename.lower().endswith(".csv")]
        if len(inside) != 1:
            raise BadInput(f"{path.name}: found {len(inside)} CSV files inside, expected 1")
        if inside[0].file_size > BYTES_MAX:
            raise BadInput(
                f"{path.name}: {inside[0].file_size} bytes inside, at most {BYTES_MAX} are read"
            )
        return archive.read(inside[0])


def _limited(name: str, content: bytes) -> bytes:
    if len(content) > BYTES_MAX:
        raise BadInput(f"{name}: more than {BYTES_MAX} bytes; split the file")
    return content


def _numbered(reader: Any) -> Iterable[tuple[int, list[str]]]:
    for row in reader:
        yield reader.line_num, row


def _tidy(name: str) -> str:
    return " ".join(str(name).split()).upper()


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
