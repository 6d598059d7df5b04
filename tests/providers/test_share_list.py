from pathlib import Path

import pytest

from core.errors import BadInput
from core.providers.share_list import read_shares

NIFTY = (
    "Company Name,Industry,Symbol,Series,ISIN Code\n"
    "ABB India Ltd.,Capital Goods,ABB,EQ,INE117A01022\n"
    "Dummy Siemens Ltd.,Capital Goods,DUMMYSIEMS,EQ,DUM003A01024\n"
    "\n"
    "Wipro Ltd.,Information Technology,wipro,EQ,INE075A01022\n"
)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_an_index_list_gives_symbols_isins_and_names_and_counts_its_placeholders(tmp_path: Path):
    listed = read_shares(written(tmp_path / "n.csv", NIFTY))
    assert [(one.symbol, one.isin, one.name) for one in listed.shares] == [
        ("ABB", "INE117A01022", "ABB India Ltd."),
        ("WIPRO", "INE075A01022", "Wipro Ltd."),
    ]
    assert listed.placeholders == 1


def test_headers_are_told_without_blanks_and_case(tmp_path: Path):
    listed = read_shares(
        written(tmp_path / "e.csv", "SYMBOL,NAME OF COMPANY, ISIN NUMBER\nABB,ABB,INE117A01022\n")
    )
    assert listed.shares[0].isin == "INE117A01022"


@pytest.mark.parametrize("cell", ["ABB", "INE117A01022"])
def test_a_column_is_chosen_by_its_header_and_may_hold_symbols_or_isins(tmp_path: Path, cell: str):
    path = written(tmp_path / "own.csv", f"note,What I like\nx,{cell}\n")
    [one] = read_shares(path, column="what i like").shares
    assert cell in (one.symbol, one.isin)
    with pytest.raises(BadInput, match="has no column Ticker; it has note, What I like"):
        read_shares(path, column="Ticker")
    with pytest.raises(BadInput, match="no column of symbols or ISINs, only note, What I like"):
        read_shares(path)


def test_what_is_no_list_is_refused_by_name(tmp_path: Path):
    with pytest.raises(BadInput, match=r"w\.csv, line 2: 'US0378331005' is no Indian ISIN"):
        read_shares(written(tmp_path / "w.csv", "symbol,isin\nAAPL,US0378331005\n"))
    with pytest.raises(BadInput, match=r"w\.csv lists no share"):
        read_shares(written(tmp_path / "w.csv", "symbol\n\n"))
    with pytest.raises(BadInput, match="only no header"):
        read_shares(written(tmp_path / "w.csv", ""))
    with pytest.raises(BadInput, match=r"none\.csv cannot be read"):
        read_shares(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match=r"b\.csv is no text"):
        read_shares(tmp_path / "b.csv")
