import gzip
import zipfile
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

from core.errors import BadInput
from core.providers import table_files
from core.providers.table_files import csv_table, read_table

MORNING = datetime(2026, 4, 6)  # noqa: DTZ001, files carry days without a zone
GOOD = "Date, Close ,Note\n2026-04-06,10.5,x\n2026-04-07,-,y\n"


def test_names_are_upper_case_and_cells_without_blanks():
    found = csv_table("a.csv", GOOD.encode())
    assert list(found.columns) == ["DATE", "CLOSE", "NOTE"] and found.rows == 2
    np.testing.assert_array_equal(found.numbers("CLOSE"), [10.5, np.nan])
    assert found.texts("NOTE").tolist() == ["x", "y"]
    assert found.days("DATE", ["%Y-%m-%d"]).tolist() == [date(2026, 4, 6), date(2026, 4, 7)]


def test_semicolons_and_grouped_digits_and_blank_lines_are_read():
    found = csv_table("a.csv", b"A;B\n\n1,240.5;2\n;\n3;4\n")
    assert found.numbers("A").tolist() == [1240.5, 3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a.csv: found 0 lines, expected a header and rows"),
        ("Date,Close\n", "found 1 line"),
        ("A,B\n1,2\n3\n", "a.csv, line 3: found 1 cells, expected 2 as in the header on line 1"),
        ("A,B\n1,2,3\n", "line 2: found 3 cells, expected 2"),
        ("A,a \n1,2\n", "column A stands twice in the header"),
        ('A,B\n"1\x00,2\n', "a.csv"),
    ],
)
def test_a_malformed_csv_is_one_sentence(text, words):
    with pytest.raises(BadInput, match=words):
        csv_table("a.csv", text.encode()).numbers("A")


def test_text_where_a_number_belongs_names_line_column_and_both():
    found = csv_table("a.csv", b"A,B\n1,2\n1,two\n")
    with pytest.raises(BadInput, match=r"a.csv, line 3, column B: found 'two', expected a number"):
        found.numbers("B")
    with pytest.raises(BadInput, match="found no column C, expected it among A, B"):
        found.texts("C")


def test_a_day_nothing_can_read_names_its_line():
    found = csv_table("a.csv", b"D\n2026-04-06\n6th April\n")
    with pytest.raises(
        BadInput, match="line 3, column D: found '6th April', expected a date like 2026-04-06"
    ):
        found.days("D", ["%Y-%m-%d", "%d-%b-%Y"])


def test_a_column_of_two_date_formats_is_refused():
    found = csv_table("a.csv", b"D\n2026-04-06\n07-Apr-2026\n")
    with pytest.raises(BadInput, match="line 3, column D: found '07-Apr-2026'"):
        found.days("D", ["%Y-%m-%d", "%d-%b-%Y"])


def test_day_first_or_month_first_is_never_guessed():
    forms = ["%d/%m/%Y", "%m/%d/%Y"]
    with pytest.raises(BadInput, match="day first or month first"):
        csv_table("a.csv", b"D\n04/06/2026\n05/06/2026\n").days("D", forms)
    found = csv_table("a.csv", b"D\n04/06/2026\n13/06/2026\n").days("D", forms)
    assert found.tolist() == [date(2026, 6, 4), date(2026, 6, 13)]


def test_a_time_of_day_after_an_iso_date_is_dropped():
    found = csv_table("a.csv", b"D\n2026-04-06T00:00:00+05:30\n2026-04-07 00:00:00\n")
    assert found.days("D", ["%Y-%m-%d"]).tolist() == [date(2026, 4, 6), date(2026, 4, 7)]


def test_gzip_and_zip_and_a_byte_order_mark(tmp_path: Path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + GOOD.encode()))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inside.CSV", GOOD)
        archive.writestr("readme.txt", "no")
    for name in ("a.csv.gz", "a.zip"):
        assert list(read_table(tmp_path / name).columns) == ["DATE", "CLOSE", "NOTE"]


def test_what_cannot_be_opened_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "empty.csv").touch()
    (tmp_path / "bad.zip").write_bytes(b"no archive")
    (tmp_path / "bad.csv.gz").write_bytes(b"no archive")
    (tmp_path / "bad.xlsx").write_bytes(b"no book")
    (tmp_path / "bad.parquet").write_bytes(b"no columns")
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe\x00")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", GOOD)
        archive.writestr("b.csv", GOOD)
    for name, words in (
        ("none.csv", "none.csv: there is no such file"),
        ("empty.csv", "empty.csv: the file is empty"),
        ("bad.zip", "bad.zip: the archive cannot be opened"),
        ("bad.csv.gz", "the archive cannot be opened"),
        ("bad.xlsx", "not an Excel file"),
        ("bad.parquet", "not a Parquet file"),
        ("bad.csv", "byte 0 is no UTF-8 text"),
        ("two.zip", "found 2 CSV files inside, expected 1"),
    ):
        with pytest.raises(BadInput, match=words):
            read_table(tmp_path / name)
    (tmp_path / "big.csv").write_text(GOOD)
    with zipfile.ZipFile(tmp_path / "big.zip", "w") as archive:
        archive.writestr("a.csv", GOOD)
    monkeypatch.setattr(table_files, "BYTES_MAX", 10)
    for name, words in (("big.csv", "more than 10 bytes"), ("big.zip", "at most 10 are read")):
        with pytest.raises(BadInput, match=words):
            read_table(tmp_path / name)


def test_an_excel_sheet_keeps_its_dates_and_numbers(tmp_path: Path):
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["Date", "Close"],
        [MORNING, 10.5],
        [None, None],
        [date(2026, 4, 7), None],
    ):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    found = read_table(tmp_path / "a.xlsx")
    assert found.days("DATE", []).tolist() == [date(2026, 4, 6), date(2026, 4, 7)]
    np.testing.assert_array_equal(found.numbers("CLOSE"), [10.5, np.nan])
    openpyxl.Workbook().save(tmp_path / "b.xlsx")
    with pytest.raises(BadInput, match="found 0 rows, expected a header and rows"):
        read_table(tmp_path / "b.xlsx")


def test_parquet_columns_come_typed(tmp_path: Path):
    days = pyarrow.array([MORNING], pyarrow.timestamp("us"))
    pyarrow.parquet.write_table(
        pyarrow.table({"date": days, "volume": [7]}), tmp_path / "a.parquet"
    )
    found = read_table(tmp_path / "a.parquet")
    assert found.days("DATE", []).tolist() == [date(2026, 4, 6)]
    assert found.numbers("VOLUME").tolist() == [7.0]
    pyarrow.parquet.write_table(pyarrow.table({"date": days[:0]}), tmp_path / "b.parquet")
    with pytest.raises(BadInput, match="found 0 rows, expected at least 1"):
        read_table(tmp_path / "b.parquet")
