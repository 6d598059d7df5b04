"""The NSE daily CSVs that circulate on Kaggle, with Prev Close and VWAP among their columns."""

from __future__ import annotations

import numpy as np

from core.providers.bar_file import BarFile, BarRows, checked
from core.providers.table import Table

NAME = "kaggle"
NEEDS = ("DATE", "SYMBOL", "SERIES", "PREV CLOSE", "OPEN", "HIGH", "LOW", "CLOSE", "VOLUME")
DATES = ("%Y-%m-%d", "%d-%b-%Y")


def parse(table: Table) -> BarFile:
    """The shares' rows; raises BadInput."""
    rows = BarRows(
        line=np.arange(table.rows) + table.first_line,
        symbol=table.texts("SYMBOL"),
        isin=np.full(table.rows, "", dtype="<U12"),
        day=table.days("DATE", DATES),
        open=table.numbers("OPEN"),
        high=table.numbers("HIGH"),
        low=table.numbers("LOW"),
        close=table.numbers("CLOSE"),
        volume=table.numbers("VOLUME"),
        last=table.numbers_if("LAST"),
        vwap=table.numbers_if("VWAP"),
        trades=table.numbers_if("TRADES"),
        delivery=table.numbers_if("DELIVERABLE VOLUME"),
    )
    return checked(table.name, NAME, rows, series=table.texts("SERIES"))
