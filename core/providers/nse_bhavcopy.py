"""NSE's old bhavcopy (cmDDMONYYYYbhav.csv), its last file being that of 5 July 2024.

The header ends in a comma, and on some days the year has two digits (13-Jul-20).
"""

from __future__ import annotations

import numpy as np

from core.providers.bar_file import BarFile, BarRows, checked
from core.providers.table import Table

NAME = "bhavcopy"
NEEDS = ("SYMBOL", "SERIES", "OPEN", "HIGH", "LOW", "CLOSE", "TOTTRDQTY")
DATES = ("%d-%b-%Y", "%d-%b-%y", "%Y-%m-%d")


def parse(table: Table) -> BarFile:
    """The shares' rows; raises BadInput."""
    blank = np.full(table.rows, "", dtype="<U12")
    rows = BarRows(
        line=np.arange(table.rows) + table.first_line,
        symbol=table.texts("SYMBOL"),
        isin=table.texts("ISIN") if table.has("ISIN") else blank,
        day=table.days("DATE" if table.has("DATE") else "TIMESTAMP", DATES),
        open=table.numbers("OPEN"),
        high=table.numbers("HIGH"),
        low=table.numbers("LOW"),
        close=table.numbers("CLOSE"),
        volume=table.numbers("TOTTRDQTY"),
        last=table.numbers("LAST") if table.has("LAST") else None,
    )
    return checked(table.name, NAME, rows, series=table.texts("SERIES"))
