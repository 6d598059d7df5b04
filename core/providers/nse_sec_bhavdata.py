"""NSE's sec_bhavdata_full: one file a session, all series, delivery included.

As downloaded, header and cells have a blank after each comma and `-` stands for no value;
collections of it as Parquet carry a `date` column instead of DATE1.
"""

from __future__ import annotations

import numpy as np

from core.providers.bar_file import BarFile, BarRows, checked
from core.providers.table import Table

NAME = "sec_bhavdata"
NEEDS = ("SYMBOL", "SERIES", "OPEN_PRICE", "HIGH_PRICE", "LOW_PRICE", "CLOSE_PRICE", "TTL_TRD_QNTY")
DATES = ("%d-%b-%Y", "%Y-%m-%d")


def parse(table: Table) -> BarFile:
    """The shares' rows; raises BadInput."""
    symbols = table.texts("SYMBOL")
    rows = BarRows(
        line=np.arange(table.rows) + table.first_line,
        symbol=symbols,
        isin=np.full(table.rows, "", dtype="<U12"),
        day=table.days("DATE" if table.has("DATE") else "DATE1", DATES),
        open=table.numbers("OPEN_PRICE"),
        high=table.numbers("HIGH_PRICE"),
        low=table.numbers("LOW_PRICE"),
        close=table.numbers("CLOSE_PRICE"),
        volume=table.numbers("TTL_TRD_QNTY"),
        last=table.numbers_if("LAST_PRICE"),
        vwap=table.numbers_if("AVG_PRICE"),
        trades=table.numbers_if("NO_OF_TRADES"),
        delivery=table.numbers_if("DELIV_QTY"),
    )
    return checked(table.name, NAME, rows, series=table.texts("SERIES"))
