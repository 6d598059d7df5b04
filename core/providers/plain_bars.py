"""Any table with a date and open, high, low, close and volume, under their usual names.

Without a symbol or ISIN column the file is taken to be of one share, named as the file is.
"""

from __future__ import annotations

from pathlib import PurePath

import numpy as np

from core.errors import BadInput
from core.providers.bar_file import BarFile, BarRows, checked
from core.providers.table import Table

NAME = "plain"
SPELLINGS: dict[str, tuple[str, ...]] = {
    "date": ("DATE", "DATETIME", "TIMESTAMP", "DAY", "SESSION", "TRADE DATE", "TRADE_DATE", "TIME"),
    "open": ("OPEN", "OPEN PRICE", "OPEN_PRICE", "O"),
    "high": ("HIGH", "HIGH PRICE", "HIGH_PRICE", "H"),
    "low": ("LOW", "LOW PRICE", "LOW_PRICE", "L"),
    "close": ("CLOSE", "CLOSE PRICE", "CLOSE_PRICE", "C"),
    "volume": ("VOLUME", "VOL", "QTY", "TOTAL TRADED QUANTITY", "SHARES TRADED", "V"),
    "symbol": ("SYMBOL", "TICKER", "SCRIP", "TRADINGSYMBOL", "CODE"),
    "isin": ("ISIN", "ISIN CODE", "ISIN NUMBER"),
}
NEEDED = ("date", "open", "high", "low", "close", "volume")
DATES = ("%Y-%m-%d", "%d-%b-%Y", "%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%m-%d-%Y", "%Y%m%d")
EXCHANGE_ENDINGS = (".NS", ".BO")


def parse(table: Table) -> BarFile:
    """The file's rows; raises BadInput naming the column that is missing."""
    names = {field: column_of(table, field) for field in SPELLINGS}
    missing = [field for field in NEEDED if names[field] is None]
    if missing:
        raise BadInput(
            f"{table.name}: found no column for {missing[0]} among {', '.join(table.columns)}; "
            f"name one {SPELLINGS[missing[0]][0].lower()}"
        )
    symbol, isin = names["symbol"], names["isin"]
    alone = "" if isin else PurePath(table.name).name.split(".")[0].upper()
    symbols = table.texts(symbol) if symbol else np.full(table.rows, alone)
    isins = table.texts(isin) if isin else np.full(table.rows, "", dtype="<U12")
    rows = BarRows(
        line=np.arange(table.rows) + table.first_line,
        symbol=np.array([_bare(one) for one in symbols]) if symbol else symbols if alone else isins,
        isin=isins,
        day=table.days(str(names["date"]), DATES),
        **{part: table.numbers(str(names[part])) for part in NEEDED[1:]},
    )
    return checked(table.name, NAME, rows)


def column_of(table: Table, field: str) -> str | None:
    """The column that holds a field under one of its usual names."""
    return next((name for name in SPELLINGS[field] if table.has(name)), None)


def _bare(symbol: str) -> str:
    for ending in EXCHANGE_ENDINGS:
        symbol = symbol.removesuffix(ending)
    return symbol.upper()
