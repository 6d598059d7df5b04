"""Reads a list of shares from a CSV file: NSE's index lists, EQUITY_L, or a person's own.

Columns are told by their header, blanks and case aside. NSE's lists carry placeholder rows for
shares still to be listed (DUMMY...); they are left out and counted.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import BadInput

SYMBOLS = ("symbol", "tradingsymbol", "trading symbol", "ticker", "nse symbol", "scrip")
ISINS = ("isin", "isin code", "isin number", "isin no")
NAMES = ("company name", "name of company", "name", "company")
ISIN = re.compile(r"IN[A-Z0-9]{9}[0-9]")


@dataclass(frozen=True, slots=True)
class ListedShare:
    """One line; `symbol` or `isin` can be empty, never both."""

    line: int
    symbol: str
    isin: str
    name: str


@dataclass(frozen=True, slots=True)
class ShareList:
    """What a file lists, and how many placeholder rows it carried."""

    name: str
    shares: tuple[ListedShare, ...]
    placeholders: int


def read_shares(path: Path, *, column: str = "") -> ShareList:
    """The shares of a CSV; raises BadInput naming the file, the line and the headers found.

    Args:
        column: the header of the column with symbols or ISINs; empty lets the usual names tell.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path.name} is no text; save it as CSV (UTF-8)") from None
    reader = csv.DictReader(io.StringIO(text))
    headers = {_plain(header): header for header in reader.fieldnames or () if header}
    symbol, isin = _columns(path, headers, column)
    name = next((headers[one] for one in NAMES if one in headers), "")
    shares, placeholders = [], 0
    for row in reader:
        made = _share(path, reader.line_num, row, symbol=symbol, isin=isin, name=name)
        if made is not None and made.symbol.startswith("DUMMY"):
            placeholders += 1
        elif made is not None:
            shares.append(made)
    if not shares:
        raise BadInput(f"{path.name} lists no share under {column or symbol or isin}")
    return ShareList(path.name, tuple(shares), placeholders)


def _columns(path: Path, headers: dict[str, str], column: str) -> tuple[str, str]:
    """The headers of the symbol and the ISIN; either may be empty."""
    if column:
        found = headers.get(_plain(column))
        if found is None:
            raise BadInput(f"{path.name} has no column {column}; it has {_named(headers)}")
        return (found, "") if _plain(column) not in ISINS else ("", found)
    symbol = next((headers[one] for one in SYMBOLS if one in headers), "")
    isin = next((headers[one] for one in ISINS if one in headers), "")
    if not symbol and not isin:
        raise BadInput(
            f"{path.name} has no column of symbols or ISINs, only {_named(headers)}; "
            "name one with --column"
        )
    return symbol, isin


def _share(
    path: Path, line: int, row: dict[str, str], *, symbol: str, isin: str, name: str
) -> ListedShare | None:
    typed = (row.get(symbol) or "").strip().upper() if symbol else ""
    number = (row.get(isin) or "").strip().upper() if isin else ""
    if not isin and ISIN.fullmatch(typed):
        typed, number = "", typed
    if not typed and not number:
        return None  # a blank line
    if number and not typed.startswith("DUMMY") and not ISIN.fullmatch(number):
        raise BadInput(f"{path.name}, line {line}: {number!r} is no Indian ISIN")
    return ListedShare(line, typed, number, (row.get(name) or "").strip() if name else "")


def _plain(header: str) -> str:
    return " ".join(header.lower().replace("_", " ").split())


def _named(headers: dict[str, str]) -> str:
    return ", ".join(header.strip() for header in headers.values()) or "no header"
