"""Opens a file as a table: CSV (plain, gzip or one in a zip), Excel and Parquet.

Column names are upper case without blanks at the ends; cells of a CSV stay text.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.words import counted
from core.errors import BadInput
from core.providers.table import Table

BYTES_MAX = 600_000_000


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


def text_of(path: Path) -> str:
    """The text of a file, plain, gzipped or one CSV in a zip; raises BadInput."""
    return _decoded(path.name, _bytes_of(path))


def csv_table(name: str, content: bytes) -> Table:
    """Columns of a CSV; every row must have as many cells as the header."""
    text = _decoded(name, content)
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
        found = counted(len(lines), "line")
        raise BadInput(f"{name}: found {found}, expected a header and rows")
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
    columns: dict[str, Sequence[Any] | NDArray[Any]] = {
        _tidy(name): _cells(found.column(name)) for name in found.column_names
    }
    return Table(path.name, columns, first_line=1)


def _cells(column: Any) -> NDArray[Any]:
    """A Parquet column as an array; the same text, stripped once, stands for all its cells."""
    import pyarrow

    kind = column.type
    texts = pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)
    if not texts or column.null_count:
        found: NDArray[Any] = column.to_numpy(zero_copy_only=False)
        return found
    coded = column.combine_chunks().dictionary_encode()
    words = np.array([text.strip() for text in coded.dictionary.to_pylist()], dtype=np.str_)
    cells: NDArray[Any] = words[coded.indices.to_numpy()]
    return cells


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


def _decoded(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}: byte {error.start} is no UTF-8 text, expected a CSV") from None


def _limited(name: str, content: bytes) -> bytes:
    if len(content) > BYTES_MAX:
        raise BadInput(f"{name}: more than {BYTES_MAX} bytes; split the file")
    return content


def _numbered(reader: Any) -> Iterable[tuple[int, list[str]]]:
    for row in reader:
        yield reader.line_num, row


def _tidy(name: str) -> str:
    return " ".join(str(name).split()).upper()
